import { uniform } from './random.ts';

/** How a request is tried again. All durations in milliseconds. */
export interface RetryPolicy {
  /** Retries after the first try: 3 retries are at most 4 attempts. @default 3 */
  readonly maxRetries: number;
  /** Wait before the first retry. @default 5000 */
  readonly initialDelayMs: number;
  /** Each wait is this many times the one before. @default 2 */
  readonly multiplier: number;
  /** No wait of our own choice is longer. @default 60000 */
  readonly maxDelayMs: number;
  /**
   * `decorrelated` draws each wait between the initial delay and three times the one before
   * (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015). @default 'none'
   */
  readonly jitter: 'none' | 'decorrelated';
  /** A provider's hint above this is not waited for: the request is deferred. @default 60000 */
  readonly hintCapMs: number;
  /** One attempt, reading the body included. @default 30000 */
  readonly attemptTimeoutMs: number;
  /** The whole request with its waits. @default 180000 */
  readonly deadlineMs: number;
  /** Which failures the breaker hears of: the request's or each attempt's. @default 'request' */
  readonly counts: 'request' | 'attempt';
}

export const defaultRetryPolicy: RetryPolicy = {
  maxRetries: 3,
  initialDelayMs: 5_000,
  multiplier: 2,
  maxDelayMs: 60_000,
  jitter: 'none',
  hintCapMs: 60_000,
  attemptTimeoutMs: 30_000,
  deadlineMs: 180_000,
  counts: 'request',
};

/**
 * The wait before a retry: whole milliseconds, rounded up so that nobody comes early.
 * @param retry 1 for the first retry
 * @param previousMs the wait drawn before this one, 0 for the first
 */
export function backoffDelayMs(
  policy: RetryPolicy,
  retry: number,
  previousMs: number,
  seed: number,
): number {
  const { initialDelayMs, multiplier, maxDelayMs, jitter } = policy;
  if (initialDelayMs === 0) return 0;
  if (jitter === 'none') {
    return Math.ceil(Math.min(maxDelayMs, initialDelayMs * multiplier ** (retry - 1)));
  }
  const widest = Math.max(initialDelayMs, previousMs * 3);
  const drawn = initialDelayMs + uniform(seed, retry) * (widest - initialDelayMs);
  return Math.ceil(Math.min(maxDelayMs, drawn));
}

/** The provider's hint only ever lengthens a wait. */
export function waitMs(
  policy: RetryPolicy,
  retry: number,
  previousMs: number,
  seed: number,
  hintMs: number | null,
): number {
  return Math.max(backoffDelayMs(policy, retry, previousMs, seed), Math.ceil(hintMs ?? 0));
}
