import type { RetryPolicy } from '../../machines/backoff.ts';
import type {
  Admission,
  RequestEvent,
  RequestInput,
  RequestSettled,
} from '../../machines/request-protocol.ts';
import { requestMachine } from '../../machines/request.ts';
import type { Failure } from '../../machines/results.ts';
import { MINUTE, NOW, policy, refused, requestInput } from './fixtures.ts';
import { given } from './given.ts';

type Of<T extends RequestEvent['type']> = Extract<RequestEvent, { type: T }>;

const admission: Admission = { generation: 4, probe: false };

/** Admitted as the one who tries a half-open service. */
export const asProbe: Admission = { generation: 6, probe: true };

export const succeeded = (
  at = NOW,
  { generation, probe } = admission,
): Of<'attempt.succeeded'> => ({
  type: 'attempt.succeeded',
  at,
  ref: { artefact: 'sha256-1f0a' },
  generation,
  probe,
});

export const failed = (
  error: Failure,
  at = NOW,
  { generation, probe } = admission,
): Of<'attempt.failed'> => ({ type: 'attempt.failed', at, error, generation, probe });

export const refusedUntil = (retryAt: number, at = NOW): Of<'attempt.refused'> => ({
  type: 'attempt.refused',
  at,
  retryAt,
  error: refused,
});

export const abort = (at = NOW): Of<'request.abort'> => ({
  type: 'request.abort',
  at,
  reason: 'the caller hung up',
});
export const fired = (at: number): Of<'timer.fired'> => ({ type: 'timer.fired', at });
export const resumed = (at = NOW + MINUTE, downMs = MINUTE): Of<'resumed'> => ({
  type: 'resumed',
  at,
  downMs,
});

/** What the world is told of a settled request. */
export const told = (
  outcome: RequestSettled['outcome'],
  more: Partial<RequestSettled> = {},
): RequestSettled => ({
  type: 'request.settled',
  id: 'call:0007/speech',
  service: 'ElevenLabs',
  outcome,
  generation: 4,
  error: null,
  corr: 'call:0007',
  at: NOW,
  ...more,
});

export const request = (more: Partial<RequestInput> = {}) =>
  given(requestMachine, requestInput(more));

export const requestWith = (more: Partial<RetryPolicy>) => request({ policy: policy(more) });
