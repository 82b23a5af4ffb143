import { describe, expect, test } from 'vitest';
import { figuresOf, noSums, type Sums } from '../../../sinks/metrics/figures.ts';
import { goldenRecords, measured } from './golden.ts';

const HOUR_MS = 3_600_000;
const of = (sums: Partial<Sums>) => figuresOf({ ...noSums(), ...sums });

describe('the five figures', () => {
  test('are null and good when nothing has happened, and no opening is 0', () => {
    const { circuitBreakerOpensPerHour: opens, ...others } = figuresOf(noSums());
    expect(opens).toEqual({ value: 0, threshold: 3, ok: true });
    for (const figure of Object.values(others))
      expect(figure).toMatchObject({ value: null, ok: true });
  });

  test.for<[string, keyof ReturnType<typeof of>, Partial<Sums>, number, boolean]>([
    ['an error rate below 5 %', 'errorRate', { succeeded: 96, failed: 4 }, 0.04, true],
    ['an error rate of 5 %', 'errorRate', { succeeded: 95, failed: 5 }, 0.05, false],
    ['7 of 10 retried', 'retrySuccessRate', { retriedSucceeded: 7, retriedFailed: 3 }, 0.7, false],
    ['8 of 10 retried', 'retrySuccessRate', { retriedSucceeded: 8, retriedFailed: 2 }, 0.8, true],
    [
      '3 openings in half an hour',
      'circuitBreakerOpensPerHour',
      { opens: 3, runningMs: HOUR_MS / 2 },
      3,
      false,
    ],
    [
      '5 openings in 2 hours',
      'circuitBreakerOpensPerHour',
      { opens: 5, runningMs: 2 * HOUR_MS },
      2.5,
      true,
    ],
    ['3 retries of 2 requests', 'averageRetryCount', { succeeded: 2, retries: 3 }, 1.5, false],
    ['2 retries of 2 requests', 'averageRetryCount', { succeeded: 2, retries: 2 }, 1, true],
    [
      'recoveries of 119 s',
      'recoveryTimeSeconds',
      { recoveries: 2, recoveryMs: 238_000 },
      119,
      true,
    ],
    [
      'recoveries of 120 s',
      'recoveryTimeSeconds',
      { recoveries: 1, recoveryMs: 120_000 },
      120,
      false,
    ],
  ])('judge %s', ([, name, sums, value, ok]) => {
    expect(of(sums)[name]).toMatchObject({ value, ok });
  });
});

describe('of an outage of 200 seconds with six contacts', () => {
  const records = goldenRecords('recovery');

  test('are what its journal says: 3 of 18 requests failed with 3 retries each, closed after 102.5 s', () => {
    expect(measured(records).figures()).toEqual({
      errorRate: { value: 0.166667, threshold: 0.05, ok: false },
      retrySuccessRate: { value: 0, threshold: 0.7, ok: false },
      circuitBreakerOpensPerHour: { value: 1, threshold: 3, ok: true },
      averageRetryCount: { value: 0.5, threshold: 1.5, ok: true },
      recoveryTimeSeconds: { value: 102.5, threshold: 120, ok: true },
    });
  });

  test('leave out what happened before the moment asked for', () => {
    const closed = records.find(
      ({ machine, to, from }) => machine === 'breaker' && from === 'open' && to === 'closed',
    );
    const { errorRate, circuitBreakerOpensPerHour, recoveryTimeSeconds } = measured(
      records,
      closed?.at,
    ).figures();
    expect(errorRate.value).toBe(0);
    expect(circuitBreakerOpensPerHour.value).toBe(0);
    expect(recoveryTimeSeconds.value).toBe(102.5);
    expect(measured(records, (closed?.at ?? 0) + 1).figures().recoveryTimeSeconds.value).toBeNull();
  });
});
