import type { Pace } from '../channels/channel.ts';

const MINUTE_MS = 60_000;

/**
 * When the next message may leave: a bucket of `burst` that fills by `perMinute`, never more than
 * `perMinute` in any minute, and `gapMs` after the last one.
 * @param begun when the last ones left, oldest first
 * @param speed of the clock that these times are by: the other side lives by the wall's
 * @returns epoch ms; in the past when one may leave now
 */
export function paceAt(pace: Pace, begun: readonly number[], speed = 1): number {
  return speed === 1
    ? byTheWall(pace, begun)
    : Math.ceil(
        byTheWall(
          pace,
          begun.map((at) => at / speed),
        ) * speed,
      );
}

function byTheWall({ perMinute, burst, gapMs = 0 }: Pace, begun: readonly number[]): number {
  const perMs = perMinute / MINUTE_MS;
  let tokens = burst;
  let last = begun[0] ?? 0;
  for (const at of begun) {
    tokens = Math.min(burst, tokens + (at - last) * perMs) - 1;
    last = at;
  }
  const refilledAt = tokens >= 1 ? last : last + Math.ceil((1 - tokens) / perMs);
  const oldest = perMinute >= 1 ? begun.at(-Math.floor(perMinute)) : undefined;
  const newest = begun.at(-1);
  return Math.max(
    refilledAt,
    newest === undefined ? 0 : newest + gapMs,
    oldest === undefined ? 0 : oldest + MINUTE_MS,
  );
}
