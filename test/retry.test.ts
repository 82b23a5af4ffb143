import { describe, expect, test } from 'vitest';
import type { SingleCallResult } from '../index.ts';
import { ada } from '../scenarios/people.ts';
import type { FaultRule } from '../scenarios/world/fault-plan.ts';
import type { Fault } from '../scenarios/world/faults.ts';
import { openAgent, requestTimes } from './support/agent.ts';

interface Tried {
  readonly result: SingleCallResult;
  /** Of each attempt at ElevenLabs, in milliseconds since the first. */
  readonly times: number[];
}

/** One call, with an ElevenLabs that has these faults in store. */
async function callWith(
  rules: readonly FaultRule[],
  env: { readonly [name: string]: string } = {},
): Promise<Tried> {
  const v = await openAgent({ env, world: { plans: { ElevenLabs: rules } } });
  const result = await v.drive(v.agent.makeSingleCall(ada));
  return { result, times: requestTimes(v, 'ElevenLabs') };
}

const failing = (times: number, fault: Fault = { status: 503 }): FaultRule[] => [
  { match: 'work', times, fault },
];

describe('a request that fails for now', () => {
  test('is tried again after exactly 5, 10 and 20 seconds, and then fails', async () => {
    const { result, times } = await callWith(failing(Infinity));
    expect(times).toEqual([0, 5_000, 15_000, 35_000]);
    expect(result).toMatchObject({
      status: 'failed',
      attempts: { LLM: 1, ElevenLabs: 4 },
      error: { category: 'TRANSIENT_ERROR', kind: 'ServiceUnavailable', service: 'ElevenLabs' },
    });
  });

  test.for([
    [1, [0, 5_000]],
    [2, [0, 5_000, 15_000]],
    [3, [0, 5_000, 15_000, 35_000]],
  ] as const)('succeeds as soon as it can after %i failures', async ([failures, expected]) => {
    const { result, times } = await callWith(failing(failures));
    expect(times).toEqual(expected);
    expect(result).toMatchObject({ status: 'completed', attempts: { ElevenLabs: failures + 1 } });
  });

  test('goes out once when it succeeds', async () => {
    const { result, times } = await callWith([]);
    expect(times).toEqual([0]);
    expect(result.status).toBe('completed');
  });

  test.for<[string, Fault]>([
    ['500', { status: 500 }],
    ['502 with a web page', { html: true }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['429', { status: 429 }],
    ['408', { status: 408 }],
    ['a reset connection', { reset: true }],
    ['an answer that is cut off', { cut: true }],
    ['an empty 200', { empty: true }],
    ['JSON in place of audio', { json: true }],
  ])('is tried again after %s', async ([, fault]) => {
    const { result, times } = await callWith(failing(1, fault));
    expect(times).toEqual([0, 5_000]);
    expect(result.status).toBe('completed');
  });
});

describe('a request that can never succeed', () => {
  test.for([400, 401, 402, 403, 404, 405, 413, 422])(
    'is not tried again after %i',
    async (status) => {
      const { result, times } = await callWith(failing(Infinity, { status }));
      expect(times).toEqual([0]);
      expect(result.error?.category).toBe('PERMANENT_ERROR');
      expect(result.status).not.toBe('completed');
    },
  );
});

describe('the waits between attempts', () => {
  test('follow the configuration', async () => {
    const { times } = await callWith(failing(Infinity), {
      RETRY_INITIAL_DELAY: '1',
      RETRY_BACKOFF_MULTIPLIER: '3',
      RETRY_MAX_ATTEMPTS: '4',
      RETRY_MAX_DELAY: '20',
    });
    expect(times).toEqual([0, 1_000, 4_000, 13_000, 33_000]);
  });

  test('are none when no retry is allowed', async () => {
    const { result, times } = await callWith(failing(Infinity), { RETRY_MAX_ATTEMPTS: '0' });
    expect(times).toEqual([0]);
    expect(result.status).toBe('failed');
  });

  test('are drawn between the first and three times the last with jitter, the same each run', async () => {
    const env = { RETRY_JITTER: 'decorrelated' };
    const { times } = await callWith(failing(Infinity), env);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(waits).toHaveLength(3);
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(5_000);
      expect(wait).toBeLessThanOrEqual(Math.min(60_000, Math.max(5_000, 3 * (waits[i - 1] ?? 0))));
    });
    expect((await callWith(failing(Infinity), env)).times).toEqual(times);
  });

  test('are as long as the provider asks for when that is longer', async () => {
    const { times } = await callWith(failing(Infinity, { status: 503, retryAfterS: 9 }));
    expect(times).toEqual([0, 9_000, 19_000, 39_000]);
  });

  test('are not shortened by a provider that asks for less', async () => {
    const { times } = await callWith(failing(1, { status: 429, retryAfterS: 0 }));
    expect(times).toEqual([0, 5_000]);
  });

  test('heed Retry-After although Retry-After-Ms says 0', async () => {
    const fault: Fault = { status: 503, headers: { 'retry-after': '9', 'retry-after-ms': '0' } };
    const { times } = await callWith(failing(1, fault));
    expect(times).toEqual([0, 9_000]);
  });

  test('are the cap at most: a provider that asks for more has the request deferred', async () => {
    const exactly = await callWith(failing(1, { status: 503, retryAfterS: 60 }));
    expect(exactly.times).toEqual([0, 60_000]);
    const more = await callWith(failing(1, { status: 503, retryAfterS: 61 }));
    expect(more.times).toEqual([0]);
    expect(more.result.status).toBe('deferred');
  });
});

describe('an attempt that takes too long', () => {
  test.for<[string, Fault]>([
    ['no answer comes', { hang: 'headers' }],
    ['the body stops half-way', { hang: 'body' }],
    ['the answer is late', { latencyMs: 30_000 }],
  ])('ends at REQUEST_TIMEOUT when %s, and is tried again', async ([, fault]) => {
    const { result, times } = await callWith(failing(1, fault));
    expect(times).toEqual([0, 35_000]);
    expect(result.status).toBe('completed');
  });

  test('is waited for until a millisecond before that', async () => {
    const { times } = await callWith(failing(1, { latencyMs: 29_999 }));
    expect(times).toEqual([0]);
  });

  test('is a failure of kind Timeout', async () => {
    const { result } = await callWith(failing(Infinity, { hang: 'headers' }), {
      REQUEST_TIMEOUT: '2',
    });
    expect(result.error).toMatchObject({ category: 'TRANSIENT_ERROR', kind: 'Timeout' });
    expect(result.attempts['ElevenLabs']).toBe(4);
  });
});

describe('the deadline of the whole request', () => {
  test('lets no retry begin that it would cut short', async () => {
    const { result, times } = await callWith(failing(Infinity), { REQUEST_DEADLINE: '15' });
    expect(times).toEqual([0, 5_000]);
    expect(result.status).toBe('failed');
  });

  test('lets a retry begin a moment before it', async () => {
    const { times } = await callWith(failing(Infinity), { REQUEST_DEADLINE: '15.001' });
    expect(times).toEqual([0, 5_000, 15_000]);
  });

  test('ends an attempt that would outlast it', async () => {
    const v = await openAgent({
      env: { REQUEST_DEADLINE: '12' },
      world: { plans: { ElevenLabs: failing(Infinity, { hang: 'headers' }) } },
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result.error?.kind).toBe('Timeout');
    expect(v.clock.now() - v.agent.world!.startedAt).toBe(12_000);
  });
});
