import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { isSignedByTwilio } from '../../../actors/public/twilio-signature.ts';
import type { CallbackRule } from '../../../scenarios/world/callback-plan.ts';
import type { CallOutcome } from '../../../scenarios/world/call-progress.ts';
import { dial, openWorld, until, type OpenedWorld } from './support.ts';

const TO = '+14155550111';
const AUDIO = Buffer.from([0xff, 0xfb, 0x90, 0x00, 1, 2, 3]);

interface Got {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly signature: string;
}

/** The customer's server: takes callbacks, and serves instructions and audio. */
async function openServer(twiml = ''): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const signature = String(request.headers['x-twilio-signature']);
      got.push({ path: request.url ?? '', form, signature });
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(AUDIO);
      } else if (request.url === '/twiml') response.end(twiml.replaceAll('{url}', url));
      else response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, got };
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

/** Places a call; a field may come several times. */
async function place(opened: OpenedWorld, fields: Fields): Promise<Response> {
  const body = new URLSearchParams({ To: TO, From: '+14155550100' });
  if (fields['Url'] === undefined) body.set('Twiml', '<Response/>');
  for (const [name, value] of Object.entries(fields)) {
    body.delete(name);
    for (const one of [value].flat()) body.append(name, one);
  }
  return dial(opened, TO, { body });
}

const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

/** A whole call, and the callbacks that it made. */
async function callThatTells({
  outcome = 'answered',
  faults = [],
  ...fields
}: {
  outcome?: CallOutcome;
  faults?: CallbackRule[];
  StatusCallbackEvent?: string | readonly string[];
} = {}) {
  const { url, got } = await openServer();
  const opened = await openWorld('in process', { callbackFaults: faults });
  opened.world.setOutcome(TO, outcome);
  await place(opened, { StatusCallback: `${url}/status`, ...fields });
  for (let second = 0; second < 40; second++) {
    await opened.clock.advance(1_000);
    await until(() => opened.world.callbacks.every(({ answered }) => answered !== null));
  }
  return { url, got, world: opened.world };
}

const statusesOf = (got: readonly Got[]) => got.map(({ form }) => form.get('CallStatus'));

test('tells of the end only, unless it is asked for more', async () => {
  const { got } = await callThatTells();
  expect(statusesOf(got)).toEqual(['completed']);
});

test.each([
  ['several fields', EVENTS],
  ['one field', EVENTS.join(' ')],
])('tells of every event that is asked for in %s, numbered and signed', async (_, events) => {
  const { url, got } = await callThatTells({ StatusCallbackEvent: events });
  expect(statusesOf(got)).toEqual(['initiated', 'ringing', 'in-progress', 'completed']);
  expect(got.map(({ form }) => form.get('SequenceNumber'))).toEqual(['0', '1', '2', '3']);
  for (const { form, signature } of got) {
    const signed = { authToken: 'token', url: `${url}/status`, form, signature };
    expect(isSignedByTwilio(signed)).toBe(true);
    expect(isSignedByTwilio({ ...signed, authToken: 'another' })).toBe(false);
  }
  expect(Object.fromEntries(got[3]!.form)).toMatchObject({
    CallSid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
    AccountSid: 'AC1',
    To: TO,
    CallDuration: '5',
    CallbackSource: 'call-progress-events',
  });
});

test.each([
  ['busy', ['ringing', 'busy']],
  ['no-answer', ['ringing', 'no-answer']],
  ['failed', ['failed']],
  ['voicemail', ['ringing', 'in-progress', 'completed']],
] as const)('a call that comes to %s tells so', async (outcome, statuses) => {
  const { got } = await callThatTells({ outcome, StatusCallbackEvent: EVENTS.slice(1) });
  expect(statusesOf(got)).toEqual(statuses);
});

test('callbacks are lost, repeated, late and forged as planned', async () => {
  const { url, got, world } = await callThatTells({
    StatusCallbackEvent: EVENTS,
    faults: [
      { event: 'initiated', fault: { lost: true } },
      { event: 'ringing', fault: { lateMs: 30_000 } },
      { event: 'answered', fault: { repeated: 3 } },
      { event: 'completed', times: 1, fault: { forged: true } },
    ],
  });
  expect(statusesOf(got)).toEqual([
    ...Array<string>(3).fill('in-progress'),
    'completed',
    'ringing',
  ]);
  expect(world.callbacks.map(({ sequence, answered }) => [sequence, answered])).toEqual([
    ...Array(3).fill([2, 204]),
    [3, 204],
    [1, 204],
  ]);
  const isGood = ({ form, signature }: Got): boolean =>
    isSignedByTwilio({ authToken: 'token', url: `${url}/status`, form, signature });
  expect(got.map(isGood)).toEqual([true, true, true, false, true]);
});

test('a callback that nobody takes has no answer, and is no harm', async () => {
  const opened = await openWorld('in process');
  await place(opened, { StatusCallback: 'http://127.0.0.1:9/status' });
  await opened.clock.advance(10_000);
  expect(opened.world.callbacks).toMatchObject([{ event: 'completed', answered: null }]);
});

test('fetches what it is to play once it is answered', async () => {
  const { url, got } = await openServer();
  const opened = await openWorld('in process');
  await place(opened, { Twiml: `<Response><Play>${url}/a.mp3?x=1&#38;y=2</Play></Response>` });
  await opened.clock.advance(1_999);
  expect(got).toEqual([]);
  await opened.clock.advance(1);
  await until(() => opened.world.played.length === 1);
  const [played] = opened.world.played;
  expect(played).toMatchObject({ url: `${url}/a.mp3?x=1&y=2`, status: 200 });
  expect(AUDIO.equals(played!.bytes)).toBe(true);
});

test('fetches its instructions first when they did not come along', async () => {
  const twiml =
    '<?xml version="1.0"?><Response><Say>Hello</Say><Play>{url}/b.mp3</Play></Response>';
  const { url, got } = await openServer(twiml);
  const opened = await openWorld('in process');
  await place(opened, { Url: `${url}/twiml` });
  await opened.clock.advance(2_000);
  await until(() => opened.world.played.length === 1);
  expect(got.map(({ path }) => path)).toEqual(['/twiml', '/b.mp3']);
  expect(got[0]!.form.get('CallStatus')).toBe('in-progress');
});

test('plays nothing to a line that is busy', async () => {
  const { url, got } = await openServer();
  const opened = await openWorld('in process');
  opened.world.setOutcome(TO, 'busy');
  await place(opened, { Twiml: `<Response><Play>${url}/a.mp3</Play></Response>` });
  await opened.clock.advance(60_000);
  expect([got, opened.world.played]).toEqual([[], []]);
});

test.each([
  [{ Twiml: '<Response><Say>Tom & Jerry</Say></Response>' }, 12100],
  [{ Twiml: '<Response><Say>1 < 2</Say></Response>' }, 12100],
  [{ Twiml: 'Hello' }, 12100],
  [{ StatusCallback: 'nowhere' }, 21609],
  [{ StatusCallback: 'http://127.0.0.1:9/', StatusCallbackEvent: 'hung-up' }, 21626],
])('refuses %o with %i and dials nobody', async (fields, code) => {
  const opened = await openWorld('in process');
  const response = await place(opened, fields);
  expect(await response.json()).toMatchObject({ code });
  expect(opened.world.dials).toEqual([]);
});

test('a call that asks for nothing costs the clock nothing', async () => {
  const opened = await openWorld('in process');
  await dial(opened, TO);
  expect(opened.clock.pending).toBe(0);
});

test.each([
  [{ fault: { repeated: 0 } }, 'repeated must be a whole number of at least 1, got 0'],
  [{ fault: { lateMs: -1 } }, 'lateMs must be at least 0, got -1'],
  [{ fault: { lost: true }, times: 0.5 }, 'times must be a whole number of at least 1 or Infinity'],
  [{ fault: { lost: true }, event: 'hung-up' as never }, 'event must be one of initiated, ringing'],
] as const)('refuses the rule %o', async (rule, message) => {
  const { world } = await openWorld('in process');
  expect(() => world.planCallbacks([rule])).toThrow(message);
});
