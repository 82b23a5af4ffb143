/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { defaultHealthOptions, healthMachine, type HealthEvent } from '../../machines/health.ts';
import { MINUTE, NOW, SECOND, unavailable } from './fixtures.ts';
import { given, untriedTransitions } from './given.ts';

const passed = (at = NOW): HealthEvent => ({ type: 'check.passed', at });
const failed = (at = NOW): HealthEvent => ({ type: 'check.failed', at, error: unavailable });
const fired = (at = NOW): HealthEvent => ({ type: 'timer.fired', at });
const restart = (at = NOW): HealthEvent => ({ type: 'health.restart', at });
const configure = (intervalMs: number, timeoutMs = SECOND): HealthEvent => ({
  type: 'health.configure',
  at: NOW,
  options: { intervalMs, timeoutMs },
});

const unknown = given(healthMachine, {
  service: 'ElevenLabs',
  options: defaultHealthOptions,
  at: NOW,
});
const checking = unknown.events(fired());
const healthy = checking.events(passed());
const unhealthy = checking.events(failed());

describe('an unknown service', () => {
  test('is checked at the moment it was given', () => {
    const { snapshot } = unknown;
    expect(snapshot.value).toBe('unknown');
    expect(snapshot.context).toEqual({
      service: 'ElevenLabs',
      options: defaultHealthOptions,
      health: 'UNKNOWN',
      dueAt: NOW,
      since: NOW,
      error: null,
    });
  });

  test('is asked when its time has come', () => {
    unknown.when(fired()).thenIt({
      is: 'checking',
      has: { health: 'UNKNOWN' },
      stops: ['timer'],
      starts: { check: { service: 'ElevenLabs', timeoutMs: 5 * SECOND } },
    });
  });

  test('is asked at once after a restart', () => {
    unknown.when(restart(NOW + SECOND)).thenIt({
      is: 'unknown',
      has: { dueAt: NOW + SECOND, since: NOW + SECOND },
      stops: ['timer'],
      starts: { timer: { dueAt: NOW + SECOND } },
    });
  });

  test('takes no notice of the end of a check that it has given up', () => {
    unknown.when(passed()).thenItIsIgnored();
    unknown.when(failed()).thenItIsIgnored();
  });
});

describe('a service being checked', () => {
  test('is healthy when the check passes, and nobody is told', () => {
    checking.when(passed(NOW + SECOND)).thenIt({
      is: 'healthy',
      has: { health: 'HEALTHY', since: NOW + SECOND, dueAt: NOW + 31 * SECOND, error: null },
      stops: ['check'],
      starts: { timer: { dueAt: NOW + 31 * SECOND } },
    });
  });

  test('is unhealthy when the check fails, and nobody is told', () => {
    checking.when(failed(NOW + SECOND)).thenIt({
      is: 'unhealthy',
      has: {
        health: 'UNHEALTHY',
        since: NOW + SECOND,
        dueAt: NOW + 31 * SECOND,
        error: unavailable,
      },
      starts: { timer: { dueAt: NOW + 31 * SECOND } },
    });
  });

  test('has recovered when the check passes after one that failed', () => {
    const at = NOW + 31 * SECOND;
    unhealthy
      .events(fired(at))
      .when(passed(at))
      .thenIt({
        is: 'healthy',
        has: { health: 'HEALTHY', since: at, error: null },
        tells: [{ type: 'service.recovered', service: 'ElevenLabs', at }],
      });
  });

  test('has been healthy since the first of several passed checks', () => {
    healthy
      .events(fired(NOW + 30 * SECOND))
      .when(passed(NOW + 31 * SECOND))
      .thenIt({ is: 'healthy', has: { since: NOW, dueAt: NOW + 61 * SECOND } });
  });

  test('has been unhealthy since the first of several failed checks', () => {
    unhealthy
      .events(fired(NOW + 30 * SECOND))
      .when(failed(NOW + 31 * SECOND))
      .thenIt({ is: 'unhealthy', has: { since: NOW } });
  });

  test('is not asked a second time meanwhile', () => {
    checking.when(fired()).thenItIsIgnored();
  });

  test('gives up its check at a restart', () => {
    unhealthy
      .events(fired(NOW + 30 * SECOND))
      .when(restart(NOW + 31 * SECOND))
      .thenIt({
        is: 'unknown',
        has: {
          health: 'UNKNOWN',
          since: NOW + 31 * SECOND,
          dueAt: NOW + 31 * SECOND,
          error: null,
        },
        stops: ['check'],
        starts: { timer: { dueAt: NOW + 31 * SECOND } },
      });
  });
});

describe.for([
  ['a healthy service', healthy],
  ['an unhealthy service', unhealthy],
] as const)('%s', ([, service]) => {
  test('is checked again after the interval', () => {
    service.when(fired(NOW + 30 * SECOND)).thenIt({
      is: 'checking',
      has: { health: service.snapshot.context.health, since: NOW },
      starts: { check: { service: 'ElevenLabs', timeoutMs: 5 * SECOND } },
    });
  });

  test('is unknown after a restart, and checked at once', () => {
    service.when(restart(NOW + SECOND)).thenIt({
      is: 'unknown',
      has: { health: 'UNKNOWN', since: NOW + SECOND, dueAt: NOW + SECOND, error: null },
      stops: ['timer'],
      starts: { timer: { dueAt: NOW + SECOND } },
    });
  });

  test('goes by new options from the next check on', () => {
    service
      .when(configure(MINUTE))
      .thenIt({ is: String(service.snapshot.value), has: { dueAt: NOW + 30 * SECOND }, stops: [] });
    service
      .events(configure(MINUTE))
      .when(fired(NOW))
      .thenIt({ is: 'checking', starts: { check: { service: 'ElevenLabs', timeoutMs: SECOND } } });
    service
      .events(configure(MINUTE), fired(NOW))
      .when(passed())
      .thenIt({
        is: 'healthy',
        has: { dueAt: NOW + MINUTE },
        tells:
          service === unhealthy
            ? [{ type: 'service.recovered', service: 'ElevenLabs', at: NOW }]
            : [],
      });
  });
});

describe('a service that was unhealthy before a restart', () => {
  test('has not recovered when it is found healthy, because it was unknown', () => {
    unhealthy.events(restart(), fired()).when(passed()).thenIt({ is: 'healthy', tells: [] });
  });
});

test('every transition of a health checker has a sentence above', () => {
  expect(untriedTransitions(healthMachine)).toEqual([]);
});
