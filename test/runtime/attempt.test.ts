import { describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../errors.ts';
import type { RequestResult } from '../../machines/request-protocol.ts';
import type { RequestInput } from '../../machines/request-protocol.ts';
import { ada } from '../../scenarios/people.ts';
import { deferred, openAgent, watch, type Deferred } from '../support/agent.ts';
import { openRuntime, requestInput, type OpenedRuntime } from '../support/runtime.ts';
import type { Effects } from '../../runtime/runtime.ts';

function start({ runtime }: OpenedRuntime, more: Partial<RequestInput> = {}) {
  runtime.guardService('LLM');
  runtime.roots.start('request', 'record:0001', requestInput('record:0001', more));
  return watch(
    new Promise<RequestResult>((resolve) => {
      runtime.roots.onEnd('record:0001', (result) => resolve(result as RequestResult));
    }),
  );
}

const throwing =
  (error: unknown): Effects['operation'] =>
  () =>
  () =>
    Promise.reject(error as Error);

describe('an attempt that can’t be taken back', () => {
  /** A disk that does not answer until it is told to. */
  function slowDisk(): { sync: () => Promise<void>; waiting: Deferred<void>[] } {
    const waiting: Deferred<void>[] = [];
    return {
      waiting,
      sync: () => {
        const one = deferred();
        waiting.push(one);
        return one.promise;
      },
    };
  }

  test('is not carried out before the line that starts it is on disk', async () => {
    const { sync, waiting } = slowDisk();
    const v = await openAgent({ storage: { sync } });
    void v.agent.makeSingleCall(ada);
    await v.clock.advance(60_000);
    expect(v.agent.world?.dials).toEqual([]);
    expect(waiting).toHaveLength(1);
    waiting[0]?.resolve();
    await v.clock.advance(0);
    expect(v.agent.world?.dials).toHaveLength(1);
  });

  test('is never carried out when the agent stops meanwhile', async () => {
    const { sync, waiting } = slowDisk();
    const v = await openAgent({ storage: { sync } });
    void v.agent.makeSingleCall(ada);
    await v.clock.advance(0);
    await v.agent.stop();
    waiting[0]?.resolve();
    await v.clock.advance(60_000);
    expect(v.agent.world?.dials).toEqual([]);
  });

  test('is never carried out when the disk refuses, and that is fatal', async () => {
    const fatal: unknown[] = [];
    const v = await openAgent({
      storage: { sync: () => Promise.reject(new Error('EIO')) },
      onFatal: (error) => fatal.push(error),
    });
    void v.agent.makeSingleCall(ada);
    await v.clock.advance(60_000);
    expect(fatal).toMatchObject([{ message: expect.stringContaining('could not be put on disk') }]);
    expect(v.agent.world?.dials).toEqual([]);
  });

  test('asks the disk for nothing when it can be taken back', async () => {
    let syncs = 0;
    const opened = openRuntime(
      { operation: () => () => Promise.resolve({}) },
      {
        storage: { durability: 'process', sync: () => Promise.resolve(void syncs++) },
      },
    );
    const result = start(opened);
    await opened.settle();
    expect(result.value?.status).toBe('succeeded');
    expect(syncs).toBe(0);
  });
});

describe('what an attempt throws', () => {
  test('becomes plain JSON with everything that is known of it', async () => {
    const error = new TransientError('slow down', {
      service: 'LLM',
      kind: 'RateLimit',
      code: 'rate_limit_exceeded',
      status: 429,
      retryAfterMs: 1_000,
    });
    const opened = openRuntime({ operation: throwing(error) });
    const result = start(opened);
    await opened.settle();
    expect(result.value?.error).toEqual({
      category: 'TRANSIENT_ERROR',
      kind: 'RateLimit',
      scope: null,
      service: 'LLM',
      code: 'rate_limit_exceeded',
      status: 429,
      message: 'slow down',
      retryAfterMs: 1_000,
      ambiguous: false,
    });
  });

  test('ends the request at once when it is permanent', async () => {
    const error = new PermanentError('no', {
      service: 'LLM',
      kind: 'InvalidPayload',
      scope: 'contact',
    });
    const opened = openRuntime({ operation: throwing(error) });
    const result = start(opened, { policy: { ...requestInput('').policy, maxRetries: 3 } });
    await opened.settle();
    expect(result.value).toMatchObject({ status: 'failed', attempts: 1 });
  });

  test.for([
    ['an error that says nothing of itself', new TypeError('undefined is not a function')],
    ['no error at all', 'just words'],
  ] as const)('is a defect of ours when it is %s: not tried again', async ([, error]) => {
    const opened = openRuntime({ operation: throwing(error) });
    const result = start(opened, { policy: { ...requestInput('').policy, maxRetries: 3 } });
    await opened.settle();
    expect(result.value).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { category: 'PERMANENT_ERROR', kind: 'Unknown' },
    });
    expect(opened.fatal).toEqual([]);
  });
});

describe('an attempt', () => {
  test('for which there is no operation fails for good', async () => {
    const opened = openRuntime();
    const result = start(opened, { operation: 'juggle' });
    await opened.settle();
    expect(result.value).toMatchObject({
      status: 'failed',
      error: { message: 'nobody carries out "juggle"' },
    });
  });

  test('is given its time only when its preparation is over', async () => {
    const ready = deferred();
    const opened = openRuntime({
      prepare: () => ready.promise.then(() => undefined),
      operation: () => () => new Promise(() => {}),
    });
    const policy = { ...requestInput('').policy, attemptTimeoutMs: 1_000 };
    const result = start(opened, { policy });
    await opened.clock.advance(60_000);
    expect(result.settled).toBe(false);
    ready.resolve();
    await opened.settle();
    await opened.clock.advance(999);
    expect(result.settled).toBe(false);
    await opened.clock.advance(1);
    expect(result.value).toMatchObject({ status: 'failed', error: { kind: 'Timeout' } });
  });

  test('leaves no timer behind, however it ends', async () => {
    for (const operation of [() => () => Promise.resolve({}), throwing(new Error('no'))]) {
      const opened = openRuntime({ operation });
      const result = start(opened);
      await opened.settle();
      expect(result.settled).toBe(true);
      expect(opened.clock.pending).toBe(0);
    }
  });
});
