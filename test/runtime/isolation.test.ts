import { describe, expect, test } from 'vitest';
import { UserError } from '../../errors.ts';
import { machines } from '../../machines/registry.ts';
import { verifyJournal } from '../../store/verify.ts';
import { deferred, journalOf } from '../support/agent.ts';
import { halfOpen, openGuard, outcomeOf, SERVICE } from '../support/guarded.ts';

describe('an isolated circuit breaker', () => {
  test('refuses everything until it is released, however long that takes', async () => {
    const { agent, guard, clock, breaker, end } = await openGuard();
    agent.isolate(SERVICE);
    expect(breaker()).toBe('ISOLATED');
    await clock.advance(24 * 3_600_000);
    expect(breaker()).toBe('ISOLATED');
    expect(outcomeOf(await guard.tryExecute(() => 1))).toBe('CircuitBreakerOpenError');
    agent.release(SERVICE);
    expect(breaker()).toBe('CLOSED');
    expect(await end(guard.execute(() => 1))).toBe(1);
  });

  test('goes back to open when it was open, for what is left of its minute', async () => {
    const { agent, trip, clock, breaker } = await openGuard();
    await trip();
    await clock.advance(20_000);
    agent.isolate(SERVICE);
    await clock.advance(10_000);
    agent.release(SERVICE);
    expect(breaker()).toBe('OPEN');
    await clock.advance(29_999);
    expect(breaker()).toBe('OPEN');
    await clock.advance(1);
    expect(breaker()).toBe('HALF_OPEN');
  });

  test('asks for a probe when it was half-open', async () => {
    const { agent, breaker, settle } = await halfOpen();
    agent.isolate(SERVICE);
    agent.release(SERVICE);
    await settle();
    expect(breaker()).toBe('HALF_OPEN');
  });

  test('is not moved by the result of a request that was under way', async () => {
    const { agent, guard, settle, breaker } = await openGuard();
    const slow = deferred<number>();
    const late = guard.execute(() => slow.promise);
    await settle();
    agent.isolate(SERVICE);
    slow.resolve(1);
    expect(await late).toBe(1);
    expect(breaker()).toBe('ISOLATED');
  });

  test('is closed by a reset', async () => {
    const { agent, breaker } = await openGuard();
    agent.isolate(SERVICE);
    agent.reset([SERVICE]);
    expect(breaker()).toBe('CLOSED');
  });
});

describe('commands to circuit breakers', () => {
  test('stand in the journal with who gave them', async () => {
    const v = await openGuard();
    v.agent.isolate(SERVICE, 'Grace');
    v.agent.release(SERVICE, 'Grace');
    v.agent.reset([SERVICE], 'Ada');
    const lines = journalOf(v).filter(({ event }) => 'by' in event);
    expect(lines.map(({ event, to }) => [event.type, event['by'], to])).toEqual([
      ['breaker.isolate', 'Grace', 'isolated'],
      ['breaker.release', 'Grace', 'closed'],
      ['breaker.reset', 'Ada', 'closed'],
    ]);
    expect(verifyJournal(`${v.dir}/journal`, machines).ok).toBe(true);
  });

  test('are refused for a service that is not known, before any breaker is touched', async () => {
    const { agent, trip, breaker } = await openGuard();
    await trip();
    expect(() => agent.reset([SERVICE, 'Nobody'])).toThrow(UserError);
    expect(() => agent.isolate('Nobody')).toThrow('There is no service called Nobody');
    expect(breaker()).toBe('OPEN');
  });
});
