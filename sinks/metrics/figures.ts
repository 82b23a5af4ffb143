/** One of the five figures: a value that may be missing, and what it is to stay under or above. */
export interface Figure {
  /** Null when nothing has happened that it could be of. */
  readonly value: number | null;
  readonly threshold: number;
  /** Also true when there is no value. */
  readonly ok: boolean;
}

export interface Figures {
  /** Requests that failed, of all that succeeded or failed: 0 to 1. */
  readonly errorRate: Figure;
  /** Requests that succeeded, of those that needed a retry: 0 to 1. */
  readonly retrySuccessRate: Figure;
  /** Openings of a closed breaker in an hour of running; less than an hour counts as one. */
  readonly circuitBreakerOpensPerHour: Figure;
  /** Retries per request that succeeded or failed. */
  readonly averageRetryCount: Figure;
  /** From the opening of a breaker to its closing, mean. */
  readonly recoveryTimeSeconds: Figure;
}

/** The sums that the figures are made of. */
export interface Sums {
  succeeded: number;
  failed: number;
  /** Of these, requests that needed a retry. */
  retriedSucceeded: number;
  retriedFailed: number;
  retries: number;
  opens: number;
  recoveries: number;
  recoveryMs: number;
  /** The agent was at work. */
  runningMs: number;
}

export const noSums = (): Sums => ({
  succeeded: 0,
  failed: 0,
  retriedSucceeded: 0,
  retriedFailed: 0,
  retries: 0,
  opens: 0,
  recoveries: 0,
  recoveryMs: 0,
  runningMs: 0,
});

const HOUR_MS = 3_600_000;

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const under = (value: number | null, threshold: number): Figure => ({
  value: value === null ? null : Number(value.toFixed(6)),
  threshold,
  ok: value === null || value < threshold,
});

const above = (value: number | null, threshold: number): Figure => ({
  ...under(value, threshold),
  ok: value === null || value > threshold,
});

export function figuresOf(sums: Sums): Figures {
  const ended = sums.succeeded + sums.failed;
  const retried = sums.retriedSucceeded + sums.retriedFailed;
  const hours = Math.max(1, sums.runningMs / HOUR_MS);
  const recoveryMs = ratio(sums.recoveryMs, sums.recoveries);
  return {
    errorRate: under(ratio(sums.failed, ended), 0.05),
    retrySuccessRate: above(ratio(sums.retriedSucceeded, retried), 0.7),
    circuitBreakerOpensPerHour: under(sums.opens / hours, 3),
    averageRetryCount: under(ratio(sums.retries, ended), 1.5),
    recoveryTimeSeconds: under(recoveryMs === null ? null : recoveryMs / 1000, 120),
  };
}
