/** How far back the small charts look. */
export const WINDOW_MS = 120_000;
const BUCKET_MS = 5_000;
const BUCKETS = WINDOW_MS / BUCKET_MS;
/** Latencies of one slice that percentiles are taken from: with more it is the last of them. */
const MOST_LATENCIES = 50;

/** Attempts that ended in one slice of time. */
export interface Bucket {
  /** Epoch ms of its beginning. */
  readonly at: number;
  ok: number;
  failed: number;
  /** In milliseconds, oldest first. */
  readonly latencies: number[];
}

/** The last two minutes of a service: bounded, whatever comes. */
export interface Recent {
  readonly buckets: Bucket[];
}

export const noRecent = (): Recent => ({ buckets: [] });

export function noteAttempt(recent: Recent, at: number, isOk: boolean, ms: number | null): void {
  const start = at - (at % BUCKET_MS);
  let bucket = recent.buckets.at(-1);
  if (bucket?.at !== start) {
    bucket = { at: start, ok: 0, failed: 0, latencies: [] };
    recent.buckets.push(bucket);
    if (recent.buckets.length > BUCKETS) recent.buckets.shift();
  }
  if (isOk) bucket.ok++;
  else bucket.failed++;
  if (ms === null) return;
  bucket.latencies.push(ms);
  if (bucket.latencies.length > MOST_LATENCIES) bucket.latencies.shift();
}

export interface Figures {
  readonly attempts: number;
  /** 0 to 1; null where nothing was tried. */
  readonly errorRate: number | null;
  /** Milliseconds; null where nothing was tried. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Nearest-rank percentile. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export function figuresOf({ buckets }: Recent, now: number): Figures {
  const recent = buckets.filter(({ at }) => at > now - WINDOW_MS - BUCKET_MS);
  const failed = recent.reduce((sum, bucket) => sum + bucket.failed, 0);
  const attempts = recent.reduce((sum, bucket) => sum + bucket.ok + bucket.failed, 0);
  const sorted = recent.flatMap(({ latencies }) => latencies).toSorted((a, b) => a - b);
  return {
    attempts,
    errorRate: attempts === 0 ? null : failed / attempts,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
  };
}

/** One slot for each slice of the last two minutes, empty ones included: what a small chart draws. */
export function slots({ buckets }: Recent, now: number): Bucket[] {
  const last = now - (now % BUCKET_MS);
  return Array.from({ length: BUCKETS }, (_, index) => {
    const at = last - (BUCKETS - 1 - index) * BUCKET_MS;
    return buckets.find((bucket) => bucket.at === at) ?? { at, ok: 0, failed: 0, latencies: [] };
  });
}
