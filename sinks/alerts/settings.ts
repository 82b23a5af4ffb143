/** When people are told, and how often. Times in milliseconds, rates from 0 to 1. */
export interface AlertSettings {
  /** A service is down for longer: `service.down`. @default 300000 */
  readonly downAfterMs: number;
  /** Of requests, after their retries: `error.rate`. @default 0.1 */
  readonly errorRate: number;
  /** Of requests that need more than one try: `retry.rate`. @default 0.3 */
  readonly retryRate: number;
  /** A service's mean answer: `latency.high`. @default 5000 */
  readonly latencyMs: number;
  /** Rates look back over this. @default 300000 */
  readonly windowMs: number;
  /** Fewer samples are no rate. @default 20 */
  readonly minSamples: number;
  /** Failed calls are over when none has failed for this long. @default 600000 */
  readonly calmAfterMs: number;
  /** News about the same trouble at most this often. @default 300000 */
  readonly groupIntervalMs: number;
  /** Told again while it lasts; null never. @default 14400000 */
  readonly repeatAfterMs: number | null;
  /** One channel after another, until somebody acknowledges; null tells all at once. @default null */
  readonly escalateAfterMs: number | null;
  /** Bytes free on the journal's disk: `disk.full`. @default 500000000 */
  readonly freeBytes: number;
  /** More messages than this waiting for one channel go as one digest. @default 5 */
  readonly digestOver: number;
}

export const defaultAlertSettings: AlertSettings = {
  downAfterMs: 300_000,
  errorRate: 0.1,
  retryRate: 0.3,
  latencyMs: 5_000,
  windowMs: 300_000,
  minSamples: 20,
  calmAfterMs: 600_000,
  groupIntervalMs: 300_000,
  repeatAfterMs: 14_400_000,
  escalateAfterMs: null,
  freeBytes: 500_000_000,
  digestOver: 5,
};

/** A rate that was too high is well again below this part of its limit. */
export const RESOLVE_AT = 0.8;
