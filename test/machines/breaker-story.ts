import {
  breakerMachine,
  defaultBreakerOptions,
  type BreakerEvent,
  type BreakerOptions,
} from '../../machines/breaker.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { given } from './given.ts';

type Of<T extends BreakerEvent['type']> = Extract<BreakerEvent, { type: T }>;

const told = { by: 'call:0007/speech', corr: 'call:0007' };
export const failed = (generation: number, at = NOW, by = told.by): Of<'request.failed'> => ({
  ...told,
  type: 'request.failed',
  error: 'TRANSIENT_ERROR',
  generation,
  at,
  by,
});
export const succeeded = (generation: number, by = told.by, at = NOW): Of<'request.succeeded'> => ({
  ...told,
  type: 'request.succeeded',
  generation,
  at,
  by,
});
export const ignored = (generation: number, by = told.by, at = NOW): Of<'request.ignored'> => ({
  ...told,
  type: 'request.ignored',
  generation,
  at,
  by,
});
export const claimed = (by = told.by, at = NOW): Of<'probe.claimed'> => ({
  ...told,
  type: 'probe.claimed',
  at,
  by,
});
export const reset = (at = NOW): Of<'breaker.reset'> => ({ type: 'breaker.reset', at, by: 'cli' });
export const isolate = (at = NOW): Of<'breaker.isolate'> => ({
  type: 'breaker.isolate',
  at,
  by: 'cli',
});
export const release = (at = NOW): Of<'breaker.release'> => ({
  type: 'breaker.release',
  at,
  by: 'cli',
});
export const recovered = (at = NOW): Of<'service.recovered'> => ({ type: 'service.recovered', at });
export const fired = (at = NOW): Of<'timer.fired'> => ({ type: 'timer.fired', at });
export const resumed = (at = NOW): Of<'resumed'> => ({ type: 'resumed', at, downMs: 5 * MINUTE });
export const configure = (options: Partial<BreakerOptions>): Of<'breaker.configure'> => ({
  type: 'breaker.configure',
  at: NOW,
  options: { ...defaultBreakerOptions, ...options },
});

export const breaker = (options: Partial<BreakerOptions> = {}) =>
  given(breakerMachine, {
    service: 'ElevenLabs',
    options: { ...defaultBreakerOptions, ...options },
  });

/** Its generations: closed 0, open 1, half-open 2. */
export const closed = breaker();
export const open = closed.events(failed(0), failed(0), failed(0));
export const halfOpen = open.events(fired(NOW + MINUTE));
export const probing = halfOpen.events(claimed('a', NOW + MINUTE));
export const withProbes = (halfOpenProbes: number) =>
  breaker({ halfOpenProbes }).events(failed(0), failed(0), failed(0), fired(NOW + MINUTE));
