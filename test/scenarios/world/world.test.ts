import { request } from 'node:http';
import { expect, test } from 'vitest';
import { SERVICES } from '../../../config.ts';
import { SystemClock } from '../../../runtime/clock.ts';
import { randomFor, randomUuid } from '../../../scenarios/world/random.ts';
import { RequestLog } from '../../../scenarios/world/request-log.ts';
import { VirtualClock } from '../../../scenarios/world/virtual-clock.ts';
import { startWorld } from '../../../scenarios/world/world.ts';
import { askLlm, crm, dial, type OpenedWorld, openWorld, rejectionOf, speak } from './support.ts';

test('gives each service an origin of its own', async () => {
  const { world: sockets } = await openWorld('sockets');
  expect(Object.keys(sockets.urls)).toEqual([...SERVICES]);
  for (const url of Object.values(sockets.urls)) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { world } = await openWorld('in process');
  expect(world.urls).toEqual({
    LLM: 'http://llm.world.test',
    ElevenLabs: 'http://elevenlabs.world.test',
    Telephony: 'http://telephony.world.test',
    CRM: 'http://crm.world.test',
  });
});

test('starts only the services it is asked for', async () => {
  const opened = await openWorld('in process', { services: ['CRM'] });
  expect(opened.world.urls).toEqual({ CRM: 'http://crm.world.test' });
  expect(Object.keys(opened.world.counts)).toEqual(['CRM']);
  expect(() => opened.world.plan('LLM', [])).toThrow(
    new RangeError('service must be one of CRM, got LLM'),
  );
});

test('its fetch reaches services that listen, too', async () => {
  const { world } = await openWorld('sockets');
  const opened = { world, fetch: world.fetch } as OpenedWorld;
  expect((await speak(opened)).status).toBe(200);
});

test('its fetch fails for unknown hosts, after an abort and after close as the real one does', async () => {
  const opened = await openWorld('in process');
  const unknown = await rejectionOf(opened.fetch('http://elsewhere.test/'));
  expect(unknown.cause).toMatchObject({ code: 'ENOTFOUND' });
  const reason = new Error('before it began');
  await expect(speak(opened, 'Hi', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(opened.world.requests).toEqual([]);
  await opened.world.close();
  expect((await rejectionOf(speak(opened))).cause).toMatchObject({ code: 'ECONNREFUSED' });
});

test('its fetch takes a Request and honours its signal', async () => {
  const { world, clock } = await openWorld('in process', { latencyMs: 100 });
  const giveUp = new AbortController();
  const answer = rejectionOf(
    world.fetch(new Request(`${world.urls.CRM}/crm/v3/objects/calls`, { signal: giveUp.signal })),
  );
  await clock.advance(50);
  giveUp.abort(new Error('gave up'));
  expect((await answer).message).toBe('gave up');
  expect(clock.pending).toBe(0);
});

test('takes a little time for each request unless told otherwise', async () => {
  const clock = new VirtualClock();
  const world = await startWorld({ clock, listen: false });
  const opened = { world, clock, fetch: world.fetch };
  const startedAt = clock.now();
  const took: number[] = [];
  for (const ask of [askLlm, speak, crm] as const) {
    const before = clock.now();
    let done = false;
    void ask(opened, '' as never).then(() => (done = true));
    await clock.runUntil(() => done);
    took.push(clock.now() - before);
  }
  expect(took).toEqual([300, 400, 80]);
  expect(world.requests).toEqual([
    { service: 'LLM', method: 'POST', path: '/v1/chat/completions', at: startedAt, status: 400 },
    {
      service: 'ElevenLabs',
      method: 'POST',
      path: '/v1/text-to-speech/rachel',
      at: startedAt + 300,
      status: 422,
    },
    {
      service: 'CRM',
      method: 'GET',
      path: '/crm/v3/objects/calls',
      at: startedAt + 700,
      status: 200,
    },
  ]);
});

test('works on the system clock', async () => {
  const opened = await openWorld('sockets', { clock: new SystemClock() });
  expect((await dial(opened, '+14155550111')).status).toBe(201);
});

test('the same seed gives the same story, another seed another', async () => {
  const story = async (seed: number): Promise<unknown> => {
    const opened = await openWorld('in process', { seed, latencyMs: { LLM: 10 } });
    opened.world.plan('Telephony', [{ fault: { status: 503 }, chance: 0.5 }]);
    const answers: Promise<string>[] = [];
    for (let i = 0; i < 20; i += 1) {
      answers.push(dial(opened, `+1415555${1000 + i}`).then((response) => response.text()));
      answers.push(askLlm(opened).then((response) => response.text()));
    }
    await opened.clock.runUntilIdle();
    return { answers: await Promise.all(answers), dials: opened.world.dials };
  };
  const first = await story(1);
  expect(await story(1)).toEqual(first);
  expect(await story(2)).not.toEqual(first);
});

test('serves a hundred requests at once over sockets', async () => {
  const opened = await openWorld('sockets');
  const numbers = Array.from({ length: 100 }, (_, i) => `+1415555${1000 + i}`);
  const answers = await Promise.all(numbers.map((number) => dial(opened, number)));
  expect(answers.every(({ status }) => status === 201)).toBe(true);
  expect(new Set(opened.world.dials.map(({ sid }) => sid)).size).toBe(100);
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
});

test('tells no wall-clock date over sockets', async () => {
  const response = await crm(await openWorld('sockets'), '?limit=1');
  expect(response.headers.get('date')).toBeNull();
});

test('services do not share their chances', async () => {
  const opened = await openWorld('in process');
  const statusesOf = async (ask: () => Promise<Response>): Promise<boolean[]> => {
    const failed: boolean[] = [];
    for (let i = 0; i < 40; i += 1) failed.push((await ask()).status === 503);
    return failed;
  };
  const rules = [{ fault: { status: 503 }, chance: 0.5 }];
  for (const service of SERVICES) opened.world.plan(service, rules);
  const llm = await statusesOf(() => askLlm(opened));
  expect(await statusesOf(() => speak(opened))).not.toEqual(llm);
});

test('answers a body that is far too long with 413', async () => {
  const opened = await openWorld('sockets');
  expect((await speak(opened, 'x'.repeat(2 ** 21))).status).toBe(413);
});

test('survives a client that hangs up in the middle of its request', async () => {
  const opened = await openWorld('sockets');
  const half = request(`${opened.world.urls.CRM}/crm/v3/objects/calls`, {
    method: 'POST',
    headers: { 'content-length': 100 },
  });
  const gone = new Promise((resolve) => half.on('error', resolve));
  half.write('{', () => half.destroy(new Error('hung up')));
  await gone;
  expect((await crm(opened, '?limit=1')).status).toBe(200);
});

test('can be closed twice', async () => {
  const { world } = await openWorld('sockets');
  await world.close();
  await expect(world.close()).resolves.toBeUndefined();
});

test('the log of requests keeps the last ones', () => {
  const log = new RequestLog(3);
  for (let at = 0; at < 10; at += 1) {
    log.add({ service: 'LLM', method: 'GET', path: '/', at, status: null });
  }
  expect(log.recent().map(({ at }) => at)).toEqual([7, 8, 9]);
});

test('ids look like UUIDs', () => {
  expect(randomUuid(randomFor(1, 'ids'))).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('options out of range are refused by name', async () => {
  const refused = (options: object): Promise<Error> =>
    rejectionOf(openWorld('in process', options));
  expect((await refused({ seed: 1.5 })).message).toBe('seed must be a whole number, got 1.5');
  expect((await refused({ services: ['Fax'] })).message).toContain('services must be among');
  expect((await refused({ latencyMs: -1 })).message).toContain('latencyMs must be');
  expect((await refused({ plans: { LLM: [{ fault: {} }] } })).message).toContain('fault must be');
});
