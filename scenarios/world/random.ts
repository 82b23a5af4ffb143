/** Draws a number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** mulberry32: small, fast, and the same on every machine. */
function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a, to turn a label into 32 bits. */
function hash(label: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(label)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/**
 * The stream of numbers for `label`, from the one seed. Each use has a stream of its own, so that
 * one more request to one service leaves the chances of another as they were.
 */
export function randomFor(seed: number, label: string): Random {
  return mulberry32(seed ^ hash(label));
}

/** `length` hexadecimal digits. */
export function randomHex(random: Random, length: number): string {
  let digits = '';
  while (digits.length < length) digits += Math.floor(random() * 16).toString(16);
  return digits;
}

/** In the form of a version 4 UUID. */
export function randomUuid(random: Random): string {
  const hex = randomHex(random, 30);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18)}`;
}
