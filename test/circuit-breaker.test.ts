import { describe, expect, test, vi } from 'vitest';
import { CircuitBreakerOpenError } from '../errors.ts';
import { deferred, journalOf, watch } from './support/agent.ts';
import { fail, halfOpen, openGuard, outcomeOf, refuseForGood, SERVICE } from './support/guarded.ts';

describe('a closed circuit breaker', () => {
  test('passes results through', async () => {
    const { guard, end } = await openGuard();
    expect(await end(guard.execute(() => 42))).toBe(42);
  });

  test('opens with the third failed request in a row, and not before', async () => {
    const { guard, end, breaker } = await openGuard();
    for (const expected of ['CLOSED', 'CLOSED', 'OPEN']) {
      await end(guard.tryExecute(fail));
      expect(breaker()).toBe(expected);
    }
  });

  test('counts a request with all its retries as one failure', async () => {
    const { guard, end, agent } = await openGuard({ retry: { maxRetries: 3 } });
    const work = vi.fn<() => never>(fail);
    await end(guard.tryExecute(work));
    expect(work).toHaveBeenCalledTimes(4);
    expect(agent.status().services[SERVICE]).toMatchObject({ breaker: 'CLOSED', failures: 1 });
  });

  test('counts each attempt when it is asked to', async () => {
    const { guard, end, breaker, clock } = await openGuard({
      retry: { maxRetries: 3, counts: 'attempt' },
    });
    const work = vi.fn<() => never>(fail);
    const start = clock.now();
    const tried = await end(guard.tryExecute(work));
    expect(work).toHaveBeenCalledTimes(3);
    expect(breaker()).toBe('OPEN');
    // Open since the third attempt at 15 s; the fourth asks at 35 s.
    expect(clock.now() - start).toBe(35_000);
    expect(tried).toMatchObject({ ok: false, error: { retryAfter: 40_000 }, attempts: 3 });
  });

  test('forgets its failures with a success', async () => {
    const { guard, end, breaker } = await openGuard();
    for (const work of [fail, fail, () => 1, fail, fail]) await end(guard.tryExecute<number>(work));
    expect(breaker()).toBe('CLOSED');
  });

  test('does not count what is not the service’s fault', async () => {
    const { guard, end, agent } = await openGuard();
    for (let i = 0; i < 5; i++) await end(guard.tryExecute(refuseForGood));
    expect(agent.status().services[SERVICE]).toMatchObject({ breaker: 'CLOSED', failures: 0 });
  });

  test('does not count a request that its caller gave up', async () => {
    const { guard, settle, agent } = await openGuard();
    for (let i = 0; i < 5; i++) {
      const caller = new AbortController();
      const tried = guard.tryExecute(() => new Promise(() => {}), { signal: caller.signal });
      await settle();
      caller.abort();
      await tried;
    }
    expect(agent.status().services[SERVICE]).toMatchObject({ breaker: 'CLOSED', failures: 0 });
  });

  test('opens once when many requests fail at the same time', async () => {
    const v = await openGuard();
    await v.end(Promise.all(Array.from({ length: 6 }, () => v.guard.tryExecute(fail))));
    expect(v.breaker()).toBe('OPEN');
    const opened = journalOf(v).filter(({ from, to }) => from === 'closed' && to === 'open');
    expect(opened).toHaveLength(1);
  });

  test('has a threshold that can be set', async () => {
    const { guard, end, breaker } = await openGuard({ breaker: { failureThreshold: 1 } });
    await end(guard.tryExecute(fail));
    expect(breaker()).toBe('OPEN');
  });

  test('is one per service', async () => {
    const { agent, trip, end } = await openGuard();
    const other = agent.guard('Other');
    await trip();
    expect(await end(other.execute(() => 'still here'))).toBe('still here');
  });
});

describe('an open circuit breaker', () => {
  test('refuses without calling the function, and says for how long', async () => {
    const { guard, trip, clock, agent } = await openGuard();
    await trip();
    await clock.advance(12_345);
    const work = vi.fn<() => string>();
    const refusal = await guard.execute(work).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CircuitBreakerOpenError);
    expect(refusal).toMatchObject({
      category: 'CIRCUIT_BREAKER_OPEN',
      service: SERVICE,
      retryAfter: 60_000 - 12_345,
    });
    expect(work).not.toHaveBeenCalled();
    expect(agent.status().services[SERVICE]).toMatchObject({
      breaker: 'OPEN',
      retryAt: new Date(clock.now() + 60_000 - 12_345).toISOString(),
    });
  });

  test('stays open for a millisecond less than a minute, and lets a probe through then', async () => {
    const { guard, trip, clock, end, breaker } = await openGuard();
    await trip();
    await clock.advance(59_999);
    const work = vi.fn<() => string>(() => 'fine');
    expect(await guard.tryExecute(work)).toMatchObject({ ok: false, error: { retryAfter: 1 } });
    expect(work).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(breaker()).toBe('HALF_OPEN');
    expect(await end(guard.execute(work))).toBe('fine');
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('lets no retry out of a request that was under way', async () => {
    const { agent, guard, end, trip, clock, settle } = await openGuard();
    const patient = agent.guard(SERVICE, { retry: { maxRetries: 3 } });
    const work = vi.fn<() => never>(fail);
    const tried = watch(patient.tryExecute(work));
    await settle();
    await trip();
    await clock.advance(5_000);
    expect(work).toHaveBeenCalledTimes(1);
    expect(tried.value).toMatchObject({ ok: false, error: { retryAfter: 55_000 }, attempts: 1 });
    expect(await end(guard.tryExecute(() => 1))).toMatchObject({ ok: false });
  });

  test('is not closed by a success that was admitted before it opened', async () => {
    const { guard, trip, breaker, settle } = await openGuard();
    const slow = deferred<string>();
    const late = guard.execute(() => slow.promise);
    await settle();
    await trip();
    slow.resolve('late');
    expect(await late).toBe('late');
    expect(breaker()).toBe('OPEN');
  });

  test('is closed by a reset, with no failures', async () => {
    const { guard, trip, end, agent } = await openGuard();
    await trip();
    agent.reset([SERVICE]);
    expect(agent.status().services[SERVICE]).toEqual({
      breaker: 'CLOSED',
      failures: 0,
      retryAt: null,
      health: 'UNKNOWN',
    });
    expect(await end(guard.execute(() => 1))).toBe(1);
  });

  test('stays open for as long as it is told to', async () => {
    const { trip, clock, breaker } = await openGuard({ breaker: { openForMs: 7 } });
    await trip();
    await clock.advance(6);
    expect(breaker()).toBe('OPEN');
    await clock.advance(1);
    expect(breaker()).toBe('HALF_OPEN');
  });
});

describe('a half-open circuit breaker', () => {
  test('lets one probe through and refuses the others while it is out', async () => {
    const { guard, settle } = await halfOpen();
    const slow = deferred<string>();
    const probe = watch(guard.tryExecute(() => slow.promise));
    await settle();
    const others = vi.fn<() => string>();
    for (let i = 0; i < 3; i++) {
      const tried = await guard.tryExecute(others);
      expect(tried).toMatchObject({ ok: false, error: { retryAfter: 1_000 } });
    }
    expect(others).not.toHaveBeenCalled();
    slow.resolve('back');
    await settle();
    expect(probe.value).toMatchObject({ ok: true, value: 'back' });
  });

  test('closes when the probe succeeds, and counts from nought again', async () => {
    const { guard, end, agent } = await halfOpen();
    await end(guard.execute(() => 1));
    expect(agent.status().services[SERVICE]).toMatchObject({ breaker: 'CLOSED', failures: 0 });
    for (const expected of ['CLOSED', 'CLOSED', 'OPEN']) {
      await end(guard.tryExecute(fail));
      expect(agent.status().services[SERVICE]?.breaker).toBe(expected);
    }
  });

  test('opens for another full minute when the probe fails', async () => {
    const { guard, end, clock, breaker } = await halfOpen();
    await clock.advance(10_000);
    await end(guard.tryExecute(fail));
    expect(breaker()).toBe('OPEN');
    await clock.advance(59_999);
    expect(breaker()).toBe('OPEN');
    await clock.advance(1);
    expect(breaker()).toBe('HALF_OPEN');
  });

  test('gives its probe one attempt, whatever its retries', async () => {
    const { agent, clock, breaker, settle } = await halfOpen();
    const patient = agent.guard(SERVICE, { retry: { maxRetries: 3 } });
    const work = vi.fn<() => never>(fail);
    const tried = watch(patient.tryExecute(work));
    await settle();
    expect(tried).toMatchObject({ settled: true, value: { ok: false, attempts: 1 } });
    expect(breaker()).toBe('OPEN');
    await clock.advance(59_999);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('stays half-open and lets the next one through when the probe says nothing of the service', async () => {
    const { guard, end, breaker } = await halfOpen();
    const tried = await end(guard.tryExecute(refuseForGood));
    expect(outcomeOf(tried)).toBe('PermanentError');
    expect(breaker()).toBe('HALF_OPEN');
    expect(await end(guard.execute(() => 'next'))).toBe('next');
    expect(breaker()).toBe('CLOSED');
  });

  test('asks for as many probes as it is told to, before it closes', async () => {
    const { guard, end, breaker, settle } = await halfOpen({ breaker: { halfOpenProbes: 2 } });
    const slow = deferred<number>();
    const first = guard.execute(() => slow.promise);
    await settle();
    expect(await end(guard.execute(() => 2))).toBe(2);
    expect(breaker()).toBe('HALF_OPEN');
    expect(outcomeOf(await guard.tryExecute(() => 3))).toBe('CircuitBreakerOpenError');
    slow.resolve(1);
    await settle();
    expect(await first).toBe(1);
    expect(breaker()).toBe('CLOSED');
  });

  test('gives up on a probe that hangs, and its late success changes nothing', async () => {
    const { guard, settle, clock, breaker } = await halfOpen({
      breaker: { probeTimeoutMs: 10_000 },
      retry: { attemptTimeoutMs: 600_000, deadlineMs: 600_000 },
    });
    const slow = deferred<string>();
    const probe = guard.execute(() => slow.promise);
    await settle();
    await clock.advance(9_999);
    expect(breaker()).toBe('HALF_OPEN');
    await clock.advance(1);
    expect(breaker()).toBe('OPEN');
    slow.resolve('late');
    await settle();
    expect(await probe).toBe('late');
    expect(breaker()).toBe('OPEN');
  });

  test('is not opened by a failure that was admitted before', async () => {
    const { guard, trip, clock, settle, breaker } = await openGuard({
      retry: { attemptTimeoutMs: 600_000, deadlineMs: 600_000 },
    });
    const slow = deferred<never>();
    const late = guard.tryExecute(() => slow.promise);
    await settle();
    await trip();
    await clock.advance(60_000);
    slow.reject(new Error('late'));
    await settle();
    expect(await late).toMatchObject({ ok: false, error: { message: 'late' } });
    expect(breaker()).toBe('HALF_OPEN');
  });

  test('frees the probe of a caller who gives it up', async () => {
    const { guard, settle, breaker, clock } = await halfOpen();
    const caller = new AbortController();
    const probe = watch(guard.tryExecute(() => new Promise(() => {}), { signal: caller.signal }));
    await settle();
    caller.abort();
    await settle();
    expect(probe.settled).toBe(true);
    const next = watch(guard.tryExecute(() => 'next'));
    await clock.advance(0);
    expect(next.value).toMatchObject({ ok: true, value: 'next' });
    expect(breaker()).toBe('CLOSED');
  });
});
