import type { Channel } from '../channels/channel.ts';

const MINUTE_MS = 60_000;

/**
 * When the next message may leave: a bucket of `burst` that fills by `perMinute`, and never more
 * than `perMinute` in any minute.
 * @param begun when the last ones left, oldest first
 * @param speed of the clock that these times are by: the other side lives by the wall's
 * @returns epoch ms; in the past when one may leave now
 */
export function paceAt(pace: Channel['pace'], begun: readonly number[], speed = 1): number {
  return speed === 1
    ? byTheWall(pace, begun)
    : Math.ceil(
        byTheWall(
          pace,
          begun.map((at) => at / speed),
        ) * speed,
      );
}

function byTheWall({ perMinute, burst }: Channel['pace'], begun: readonly number[]): number {
  const perMs = perMinute / MINUTE_MS;
  let tokens = burst;
  let last = begun[0] ?? 0;
  for (const at of begun) {
    tokens = Math.min(burst, tokens + (at - last) * perMs) - 1;
    last = at;
  }
  const refilledAt = tokens >= 1 ? last : last + Math.ceil((1 - tokens) / perMs);
  const oldest = perMinute >= 1 ? begun.at(-Math.floor(perMinute)) : undefined;
  return Math.max(refilledAt, oldest === undefined ? 0 : oldest + MINUTE_MS);
}
