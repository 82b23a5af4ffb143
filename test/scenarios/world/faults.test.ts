import { describe, expect, test } from 'vitest';
import { SERVICES } from '../../../config.ts';
import type { Fault } from '../../../scenarios/world/faults.ts';
import { watch } from '../../support/agent.ts';
import {
  askLlm,
  crm,
  dial,
  type OpenedWorld,
  openWorld,
  rejectionOf,
  speak,
  type Transport,
  TRANSPORTS,
  until,
} from './support.ts';

const TO = '+14155550111';

async function faulty(transport: Transport, fault: Fault): Promise<OpenedWorld> {
  const opened = await openWorld(transport);
  for (const service of SERVICES) opened.world.plan(service, [{ fault }]);
  return opened;
}

describe.each(TRANSPORTS)('%s', (transport) => {
  test('status: an error in the body of each provider', async () => {
    const opened = await faulty(transport, { status: 503, retryAfterS: 7 });
    const answers = [
      await askLlm(opened),
      await speak(opened),
      await dial(opened, TO),
      await crm(opened, '/1'),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('7');
    }
    expect(await Promise.all(answers.map((answer) => answer.json()))).toMatchObject([
      { error: { code: 'server_is_overloaded' } },
      { detail: { status: 'system_busy' } },
      { code: 20503 },
      { status: 'error', category: 'INTERNAL_ERROR' },
    ]);
    expect(opened.world.dials).toEqual([]);
    expect(opened.world.requests.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
  });

  test('status: with a code, a body and headers of its own', async () => {
    const opened = await faulty(transport, { status: 429, code: 'too_many_concurrent_requests' });
    expect(await (await speak(opened)).json()).toMatchObject({
      detail: { status: 'too_many_concurrent_requests' },
    });
    const headers = { 'x-should-retry': 'false' };
    opened.world.plan('LLM', [{ fault: { status: 500, body: '{"broken', headers } }]);
    const response = await askLlm(opened);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.text()).toBe('{"broken');
  });

  test('status after: the call is placed and the answer says it is not', async () => {
    const opened = await faulty(transport, { status: 500, after: true });
    expect((await dial(opened, TO)).status).toBe(500);
    expect(opened.world.dials).toMatchObject([{ to: TO }]);
  });

  test('latency: carried out late, on the clock', async () => {
    const opened = await faulty(transport, { latencyMs: 5_000 });
    const answer = dial(opened, TO);
    await until(() => opened.clock.pending === 1);
    await opened.clock.advance(4_999);
    expect(opened.world.dials).toEqual([]);
    await opened.clock.advance(1);
    expect((await answer).status).toBe(201);
  });

  test('latency after: carried out at once, answered late', async () => {
    const opened = await faulty(transport, { latencyMs: 5_000, after: true });
    const giveUp = new AbortController();
    const answer = rejectionOf(dial(opened, TO, { signal: giveUp.signal }));
    await until(() => opened.clock.pending === 1);
    expect(opened.world.dials).toHaveLength(1);
    giveUp.abort(new Error('gave up'));
    expect((await answer).message).toBe('gave up');
    await until(() => opened.clock.pending === 0);
  });

  test('hang before the headers: until the client gives up', async () => {
    const opened = await faulty(transport, { hang: 'headers' });
    const giveUp = new AbortController();
    const answer = rejectionOf(dial(opened, TO, { signal: giveUp.signal }));
    await until(() => opened.world.counts.Telephony?.work === 1);
    const reason = new DOMException('too late', 'TimeoutError');
    giveUp.abort(reason);
    expect(await answer).toBe(reason);
    expect(opened.world.dials).toEqual([]);
    expect(opened.world.requests[0]?.status).toBeNull();
  });

  test('hang in the body: the first half comes, the rest does not', async () => {
    const opened = await faulty(transport, { hang: 'body' });
    const giveUp = new AbortController();
    const response = await speak(opened, 'x'.repeat(15), { signal: giveUp.signal });
    expect(response.status).toBe(200);
    const reader = response.body!.getReader();
    expect((await reader.read()).value?.length).toBe(
      Number(response.headers.get('content-length')) >> 1,
    );
    const rest = rejectionOf(reader.read());
    giveUp.abort(new Error('gave up'));
    expect((await rest).message).toBe('gave up');
  });

  test('reset: the connection ends without an answer', async () => {
    const opened = await faulty(transport, { reset: true });
    const error = await rejectionOf(dial(opened, TO));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('fetch failed');
    expect(error.cause).toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
    expect(opened.world.dials).toEqual([]);
  });

  test('reset after: the call is placed', async () => {
    const opened = await faulty(transport, { reset: true, after: true });
    await rejectionOf(dial(opened, TO));
    expect(opened.world.dials).toHaveLength(1);
  });

  test('cut: the connection ends in the middle of the body', async () => {
    const opened = await faulty(transport, { cut: true });
    const response = await speak(opened);
    expect(response.status).toBe(200);
    const error = await rejectionOf(response.arrayBuffer());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('terminated');
    expect(error.cause).toMatchObject({ code: 'UND_ERR_SOCKET' });
  });

  test('slow body: the good answer, a tenth of it at a time, on the clock', async () => {
    const opened = await faulty(transport, { slowBodyMs: 10_000 });
    const answered = speak(opened, 'x'.repeat(15));
    await until(() => opened.clock.pending === 1);
    await opened.clock.advance(1_000);
    const response = await answered;
    const audio = response.arrayBuffer();
    const done = watch(audio);
    await opened.clock.advance(8_999);
    expect(done.settled).toBe(false);
    await opened.clock.advance(1);
    expect((await audio).byteLength).toBeGreaterThan(100);
    expect(opened.clock.now() - opened.world.startedAt).toBe(10_000);
  });

  test('slow body: until the client gives up', async () => {
    const opened = await faulty(transport, { slowBodyMs: 10_000 });
    const giveUp = new AbortController();
    const answered = speak(opened, 'x'.repeat(15), { signal: giveUp.signal });
    await until(() => opened.clock.pending === 1);
    await opened.clock.advance(1_000);
    const body = rejectionOf((await answered).arrayBuffer());
    giveUp.abort(new Error('gave up'));
    expect((await body).message).toBe('gave up');
    await until(() => opened.clock.pending === 0);
  });

  test('html: the 502 page of a proxy', async () => {
    const response = await askLlm(await faulty(transport, { html: true }));
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('502 Bad Gateway');
  });

  test('empty: 200 without a byte of audio', async () => {
    const response = await speak(await faulty(transport, { empty: true }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  test('json: 200 with a note instead of audio', async () => {
    const response = await speak(await faulty(transport, { json: true }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'processing' });
  });

  test('body: 200 with a body of its own', async () => {
    const response = await askLlm(await faulty(transport, { body: { choices: [] } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ choices: [] });
  });

  test('closing the world ends what hangs', async () => {
    const opened = await faulty(transport, { hang: 'headers' });
    const answer = rejectionOf(dial(opened, TO));
    opened.world.plan('ElevenLabs', [{ fault: { hang: 'body' } }]);
    const body = rejectionOf((await speak(opened)).arrayBuffer());
    await until(() => opened.world.counts.Telephony?.work === 1);
    await opened.world.close();
    expect((await answer).message).toBe('fetch failed');
    expect((await body).message).toBe('terminated');
    await expect(dial(opened, TO)).rejects.toThrow('fetch failed');
  });
});
