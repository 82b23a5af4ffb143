import { describe, expect, test } from 'vitest';
import { isProviderError } from '../../../errors.ts';
import { openAgent } from '../../support/agent.ts';
import { checks, clientsAt, work } from './clients.ts';
import { startMisbehaving } from './misbehaving-server.ts';

const TIMEOUT_MS = 5_000;

/** Runs a client's request as an attempt of a guard: on the agent's clock, with its signal. */
async function openAttempts() {
  const { agent, clock } = await openAgent();
  const retry = { maxRetries: 0, attemptTimeoutMs: TIMEOUT_MS };
  return { clock, guard: agent.guard('Provider', { retry }) };
}

describe.for([...work, ...checks])('$what', ({ ask, service }) => {
  test.for([
    'hangs before the headers',
    'hangs in the body',
    'sends its body ever so slowly',
  ] as const)('ends with its attempt, and its socket too, when the server %s', async (how) => {
    const server = await startMisbehaving(how);
    const { clock, guard } = await openAttempts();
    const clients = clientsAt(server.origin);
    await Promise.all([clients.openai.load(), clients.anthropic.load()]);
    const tried = guard.tryExecute((signal) => ask(clients, signal));
    await clock.advance(0);
    await server.arrived;
    await clock.advance(TIMEOUT_MS - 1);
    expect(server.isOpen()).toBe(true);
    await clock.advance(1);
    await server.closed;
    expect(await tried).toMatchObject({ ok: false, error: { kind: 'Timeout' }, attempts: 1 });
    expect(server.requests(), 'one request, whatever the library would like').toBe(1);
  });

  test('rejects with the reason it is aborted for', async () => {
    const server = await startMisbehaving('hangs in the body');
    const caller = new AbortController();
    const asked = ask(clientsAt(server.origin), caller.signal).catch((error: unknown) => error);
    await server.arrived;
    const reason = new Error('enough');
    caller.abort(reason);
    expect(await asked).toBe(reason);
    await server.closed;
  });

  test.for([
    ['cuts its body short', 'UND_ERR_SOCKET'],
    ['resets the connection', 'ECONNRESET'],
  ] as const)('sees a broken connection when the server %s', async ([how, code]) => {
    const server = await startMisbehaving(how);
    const never = new AbortController().signal;
    const error = await ask(clientsAt(server.origin), never).catch((thrown: unknown) => thrown);
    if (!isProviderError(error)) throw error;
    expect(error).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind: 'Network',
      service,
      code,
      ambiguous: true,
    });
    expect(server.requests()).toBe(1);
  });
});
