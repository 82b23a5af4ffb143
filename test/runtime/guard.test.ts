import { describe, expect, test, vi } from 'vitest';
import { CircuitBreakerOpenError, TransientError } from '../../errors.ts';
import type { GuardOptions } from '../../runtime/guard.ts';
import { machines } from '../../machines/registry.ts';
import { verifyJournal } from '../../store/verify.ts';
import { deferred, journalOf, openAgent, watch } from '../support/agent.ts';
import { fail, openGuard, SERVICE } from '../support/guarded.ts';
import { EPOCH } from '../support/virtual-agent.ts';

const hang = (): Promise<never> => new Promise(() => {});

describe('execute', () => {
  test('returns what the function returns, whatever that is', async () => {
    const { guard, end } = await openGuard();
    const thing = { method: () => 1, when: new Date(0) };
    expect(await end(guard.execute(() => thing))).toBe(thing);
    expect(await end(guard.execute(() => undefined))).toBeUndefined();
    expect(await end(guard.execute(async () => Promise.resolve('later')))).toBe('later');
  });

  test('tries again with the waits of its policy until the function succeeds', async () => {
    const { guard, end, clock } = await openGuard({ retry: { maxRetries: 3 } });
    const at: number[] = [];
    const value = await end(
      guard.execute(() => {
        at.push(clock.now() - EPOCH);
        if (at.length < 3) throw new Error('not yet');
        return at.length;
      }),
    );
    expect([value, at]).toEqual([3, [0, 5_000, 15_000]]);
  });

  test('throws the very error that the function threw last', async () => {
    const { guard, end } = await openGuard({ retry: { maxRetries: 1 } });
    const errors = [new Error('first'), new RangeError('second')];
    let call = 0;
    const refused = end(guard.execute(() => Promise.reject(errors[call++] as Error)));
    await expect(refused).rejects.toBe(errors[1]);
  });

  test('throws the very error also when it is a provider’s timeout', async () => {
    const { guard, end } = await openGuard();
    const own = new TransientError('mine', { service: SERVICE, kind: 'Timeout' });
    const refused = end(guard.execute(() => Promise.reject(own)));
    await expect(refused).rejects.toBe(own);
  });

  test('throws an error that tells the cause when what was thrown is none', async () => {
    const { guard, end } = await openGuard();
    // oxlint-disable-next-line no-throw-literal -- callers do
    const refused = end(guard.execute(() => Promise.reject('just words' as unknown as Error)));
    const error = await refused.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ message: 'just words', cause: 'just words' });
  });

  test('throws at once when the caller has given up before', async () => {
    const { guard } = await openGuard();
    const work = vi.fn<() => number>();
    const signal = AbortSignal.abort(new Error('changed my mind'));
    await expect(guard.execute(work, { signal })).rejects.toThrow('changed my mind');
    expect(work).not.toHaveBeenCalled();
  });
});

describe('tryExecute', () => {
  test('returns value and attempts, and throws nothing', async () => {
    const { guard, end } = await openGuard({ retry: { maxRetries: 1 } });
    expect(await end(guard.tryExecute(() => 7))).toEqual({ ok: true, value: 7, attempts: 1 });
    expect(await end(guard.tryExecute(fail))).toMatchObject({
      ok: false,
      error: { message: 'it does not work' },
      attempts: 2,
    });
  });

  test('returns a refusal with the milliseconds until the next probe', async () => {
    const { guard, trip, clock } = await openGuard();
    await trip();
    await clock.advance(1_000);
    const tried = await guard.tryExecute(() => 1);
    expect(tried).toMatchObject({ ok: false, attempts: 0 });
    if (tried.ok) return;
    expect(tried.error).toBeInstanceOf(CircuitBreakerOpenError);
    expect(tried.error).toMatchObject({ retryAfter: 59_000, isCircuitBreakerOpenError: true });
  });
});

describe('a function that takes too long', () => {
  test('is told by its signal, and its request ends with a timeout', async () => {
    const { guard, clock, settle } = await openGuard({ retry: { attemptTimeoutMs: 700 } });
    let reason: unknown;
    const tried = watch(
      guard.tryExecute(
        (signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason;
              reject(signal.reason as Error);
            });
          }),
      ),
    );
    await settle();
    await clock.advance(699);
    expect(tried.settled).toBe(false);
    await clock.advance(1);
    expect(tried.value).toMatchObject({ ok: false, error: { kind: 'Timeout', service: SERVICE } });
    expect(reason).toMatchObject({ kind: 'Timeout' });
    expect(clock.pending).toBe(0);
  });

  test('is over also when it ignores its signal, and is tried again', async () => {
    const { guard, clock, settle } = await openGuard({
      retry: { attemptTimeoutMs: 700, maxRetries: 1, initialDelayMs: 100 },
    });
    const work = vi.fn<() => Promise<string>>(hang);
    const tried = watch(guard.tryExecute(work));
    await settle();
    await clock.advance(700);
    expect(work).toHaveBeenCalledTimes(1);
    work.mockResolvedValueOnce('second');
    await clock.advance(100);
    expect(tried.value).toEqual({ ok: true, value: 'second', attempts: 2 });
    expect(clock.pending).toBe(0);
  });

  test('does not have its late result taken for that of the next attempt', async () => {
    const { guard, clock, settle } = await openGuard({
      retry: { attemptTimeoutMs: 700, maxRetries: 1, initialDelayMs: 100 },
    });
    const [first, second] = [deferred<string>(), deferred<string>()];
    const results = [first.promise, second.promise];
    const tried = watch(guard.tryExecute(() => results.shift() ?? hang()));
    await settle();
    await clock.advance(800);
    first.resolve('late');
    await settle();
    expect(tried.settled).toBe(false);
    second.resolve('in time');
    await settle();
    expect(tried.value).toMatchObject({ ok: true, value: 'in time' });
  });

  test('does not have its late result taken for that of an attempt that ends in the same turn', async () => {
    const { guard, clock, settle } = await openGuard({
      retry: { attemptTimeoutMs: 700, maxRetries: 1, initialDelayMs: 100 },
    });
    const [first, second] = [deferred<string>(), deferred<string>()];
    const results = [first.promise, second.promise];
    const tried = watch(guard.tryExecute(() => results.shift() ?? hang()));
    await settle();
    await clock.advance(800);
    second.resolve('in time');
    first.resolve('late');
    await settle();
    expect(tried.value).toMatchObject({ ok: true, value: 'in time' });
  });

  test('ends with the deadline of the whole request', async () => {
    const { guard, clock, settle } = await openGuard({
      retry: { deadlineMs: 1_000, attemptTimeoutMs: 5_000, maxRetries: 3 },
    });
    const tried = watch(guard.tryExecute(hang));
    await settle();
    await clock.advance(999);
    expect(tried.settled).toBe(false);
    await clock.advance(1);
    expect(tried.value).toMatchObject({ ok: false, attempts: 1 });
  });
});

describe('a caller who gives up', () => {
  test('during an attempt has it aborted and gets his reason at once, and no timer is left', async () => {
    const { guard, clock, settle } = await openGuard({ retry: { maxRetries: 3 } });
    const caller = new AbortController();
    let signal: AbortSignal | undefined;
    const tried = watch(
      guard.execute(
        (given) => {
          signal = given;
          return hang();
        },
        { signal: caller.signal },
      ),
    );
    await settle();
    expect(clock.pending).toBe(1);
    const reason = new Error('enough');
    caller.abort(reason);
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
    await settle();
    expect(tried.error).toBe(reason);
    expect(clock.now()).toBe(EPOCH);
  });

  test('during a wait gets his reason at once, and no timer is left', async () => {
    const { guard, clock, settle } = await openGuard({ retry: { maxRetries: 3 } });
    const caller = new AbortController();
    const work = vi.fn<() => never>(fail);
    const tried = watch(guard.execute(work, { signal: caller.signal }));
    await settle();
    expect(clock.pending).toBe(1);
    caller.abort();
    expect(clock.pending).toBe(0);
    await settle();
    expect(tried.error).toMatchObject({ name: 'AbortError' });
    await clock.advance(60_000);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('after the end changes nothing, and is no longer listened to', async () => {
    const { guard, end } = await openGuard();
    const caller = new AbortController();
    const add = vi.spyOn(caller.signal, 'addEventListener');
    const remove = vi.spyOn(caller.signal, 'removeEventListener');
    expect(await end(guard.execute(() => 1, { signal: caller.signal }))).toBe(1);
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
    caller.abort();
  });
});

describe('the journal of guarded requests', () => {
  test('holds every step and none of the values', async () => {
    const v = await openGuard({ retry: { maxRetries: 1 } });
    const value = { password: 'swordfish' };
    expect(await v.end(v.guard.execute(() => value))).toBe(value);
    const lines = journalOf(v).filter(({ actor }) => actor.startsWith('request:'));
    expect(lines.map(({ event, to }) => [event.type, to])).toEqual([
      ['xstate.init', 'attempting'],
      ['attempt.succeeded', 'succeeded'],
    ]);
    expect(lines.at(-1)?.context?.['result']).toMatchObject({ status: 'succeeded', ref: {} });
    expect(JSON.stringify(journalOf(v))).not.toContain('swordfish');
    expect(verifyJournal(`${v.dir}/journal`, machines).ok).toBe(true);
  });

  test('gives each of many requests at the same time an id of its own', async () => {
    const v = await openGuard();
    await v.end(Promise.all(Array.from({ length: 20 }, (_, i) => v.guard.execute(() => i))));
    const births = journalOf(v).filter(({ machine, from }) => machine === 'request' && !from);
    expect(new Set(births.map(({ actor }) => actor)).size).toBe(20);
  });

  test('ends a request that a kill cut off as abandoned, and the breaker hears nothing of it', async () => {
    const v = await openGuard({ retry: { maxRetries: 3 } });
    const waiting = v.guard.tryExecute(fail);
    const attempting = v.guard.tryExecute(hang);
    await v.settle();
    await v.agent.stop();
    // The process of those who waited is not gone in this test: they are told.
    expect((await waiting).ok).toBe(false);
    expect((await attempting).ok).toBe(false);

    const next = await openAgent({ dataDir: v.dir, startAt: EPOCH + 1_000 });
    const ended = journalOf(next).filter(({ to }) => to === 'abandoned');
    expect(ended.map(({ from, event }) => [from, event.type])).toEqual([
      ['waiting', 'resumed'],
      ['attempting', 'resumed'],
    ]);
    const again = next.agent.guard(SERVICE);
    expect(again.service).toBe(SERVICE);
    expect(next.agent.status().services[SERVICE]).toMatchObject({ failures: 0 });
    await next.clock.advance(600_000);
    expect(journalOf(next).filter(({ event }) => event.type === 'request.failed')).toEqual([]);
  });
});

describe('options of a guard', () => {
  test.for<[GuardOptions, string]>([
    [{ retry: { maxRetries: -1 } }, 'maxRetries must be a whole number of at least 0, got -1'],
    [{ retry: { maxRetries: 1.5 } }, 'maxRetries must be a whole number of at least 0, got 1.5'],
    [{ retry: { initialDelayMs: -1 } }, 'initialDelayMs must be a number of at least 0, got -1'],
    [{ retry: { multiplier: 0.5 } }, 'multiplier must be a number of at least 1, got 0.5'],
    [{ retry: { maxDelayMs: NaN } }, 'maxDelayMs must be a number of at least 0, got NaN'],
    [{ retry: { hintCapMs: -1 } }, 'hintCapMs must be a number of at least 0, got -1'],
    [{ retry: { attemptTimeoutMs: 0 } }, 'attemptTimeoutMs must be a number of at least 1, got 0'],
    [
      { retry: { deadlineMs: Infinity } },
      'deadlineMs must be a number of at least 1, got Infinity',
    ],
    [
      { breaker: { failureThreshold: 0 } },
      'failureThreshold must be a whole number of at least 1, got 0',
    ],
    [{ breaker: { openForMs: 0 } }, 'openForMs must be a number of at least 1, got 0'],
    [
      { breaker: { halfOpenProbes: 0 } },
      'halfOpenProbes must be a whole number of at least 1, got 0',
    ],
    [{ breaker: { probeTimeoutMs: 0 } }, 'probeTimeoutMs must be a number of at least 1, got 0'],
  ])('are refused by name when they make no sense: %j', async ([options, message]) => {
    const { agent } = await openAgent();
    expect(() => agent.guard(SERVICE, options)).toThrow(new RangeError(message));
    expect(agent.status().services).not.toHaveProperty(SERVICE);
  });

  test.for(['', '/', 'a/b', ' a', '-a', 'a\n', 'ä', 'x'.repeat(65)])(
    'do not allow the name %j',
    async (name) => {
      const { agent } = await openAgent();
      expect(() => agent.guard(name)).toThrow(RangeError);
      expect(() => agent.guard(name)).toThrow(JSON.stringify(name));
    },
  );

  test.for(['a', 'My Service', 'v1.2_x-y', '9', 'x'.repeat(64)])(
    'allow the name %j',
    async (name) => {
      const { agent } = await openAgent();
      expect(agent.guard(name).service).toBe(name);
    },
  );

  test('take effect on a breaker that is there already', async () => {
    const { agent, end, guard, breaker } = await openGuard();
    agent.guard(SERVICE, { breaker: { failureThreshold: 1 } });
    await end(guard.tryExecute(fail));
    expect(breaker()).toBe('OPEN');
  });
});
