import type { RetryPolicy } from './backoff.ts';
import type { Failure, Ref, Resumed, TimerFired } from './results.ts';

/** One thing asked of one service. */
export interface RequestInput {
  /** The request's id in the breaker's book: its path. */
  readonly id: string;
  readonly service: string;
  /** Which of the provided operations the attempts carry out. */
  readonly operation: string;
  readonly payload: Ref;
  /** Irreversible: never sent again unless it is certain that it was not carried out. */
  readonly once: boolean;
  /** The function belongs to a caller in this process, so nobody can go on with it after a crash. */
  readonly owned: boolean;
  readonly policy: RetryPolicy;
  /** Seed of the jitter. */
  readonly seed: number;
  /** The call this belongs to. */
  readonly corr: string | null;
  readonly at: number;
}

export type RequestStatus =
  | 'succeeded'
  | 'failed'
  | 'deferred'
  | 'unsettled'
  | 'aborted'
  | 'abandoned';

/** What a request came to. */
export interface RequestResult {
  readonly status: RequestStatus;
  readonly at: number;
  readonly ref: Ref | null;
  readonly error: Failure | null;
  /** Deferred: not before this. Null when the breaker decides. */
  readonly retryAt: number | null;
  /** Requests that went over the wire, an interrupted one included. */
  readonly attempts: number;
}

export interface RequestContext extends RequestInput {
  readonly attempts: number;
  readonly retries: number;
  /** Of the admission that the last attempt had. */
  readonly generation: number | null;
  readonly delayMs: number;
  readonly dueAt: number | null;
  /** No attempt runs, and no wait ends, after this. */
  readonly deadlineAt: number;
  readonly error: Failure | null;
  readonly result: RequestResult | null;
}

/** The admission an attempt had from its breaker. */
export interface Admission {
  readonly generation: number;
  readonly probe: boolean;
}

/** What an attempt that was admitted had before it went out. */
export interface Sent extends Admission {
  /** How long we held it back ourselves: for its turn to dial, for the disk. @default 0 */
  readonly heldMs?: number;
}

export type AttemptSettled =
  | ({ readonly type: 'attempt.succeeded'; readonly at: number; readonly ref: Ref } & Sent)
  | ({ readonly type: 'attempt.failed'; readonly at: number; readonly error: Failure } & Sent);

export type RequestEvent =
  | AttemptSettled
  | {
      readonly type: 'attempt.refused';
      readonly at: number;
      readonly retryAt: number;
      readonly error: Failure;
    }
  | { readonly type: 'request.abort'; readonly at: number; readonly reason: string }
  | TimerFired
  | Resumed;

/** Told to the world: the runtime passes it on to the service's breaker. */
export interface RequestSettled {
  readonly type: 'request.settled';
  readonly id: string;
  readonly service: string;
  readonly outcome: 'succeeded' | 'failed' | 'ignored';
  readonly generation: number | null;
  readonly error: string | null;
  readonly corr: string | null;
  readonly at: number;
}

/** What an attempt is given to work with. */
export interface AttemptInput {
  readonly id: string;
  readonly service: string;
  readonly operation: string;
  readonly payload: Ref;
  readonly once: boolean;
  readonly corr: string | null;
  /** 1 for the first. */
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly deadlineAt: number;
}
