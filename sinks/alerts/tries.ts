/**
 * When the last tries of the last day that arrived, or may have, were over; or began, as long as
 * nobody knows. Epoch ms, oldest first.
 */
export type Tries = readonly number[];

const DAY_MS = 86_400_000;
/** More than a mail box takes in a day, and any other channel in a minute. */
const KEPT = 500;

export const withBegun = (tries: Tries, at: number): Tries =>
  [...tries.filter((time) => time + DAY_MS > at), at].slice(-KEPT);

/** Somewhere on its way the last one arrived, and the other side counts from then on. */
export const withArrived = (tries: Tries, at: number): Tries => [...tries.slice(0, -1), at];

/** What was not taken is none of the messages that a receiver counts; waits of its own follow. */
export const withoutLast = (tries: Tries): Tries => tries.slice(0, -1);
