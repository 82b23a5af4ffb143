import type { Clock, TimerHandle } from '../runtime/clock.ts';

/** Lets so many through a second, in the order in which they came. */
export class Pacer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #waiting = new Set<TimerHandle>();
  #nextAt = 0;

  /** @param perSecond how many a second @throws RangeError when it is not a positive number */
  constructor(clock: Clock, perSecond: number) {
    if (!(perSecond > 0 && Number.isFinite(perSecond))) {
      throw new RangeError(`perSecond must be a positive number, got ${perSecond}`);
    }
    this.#clock = clock;
    this.#intervalMs = 1000 / perSecond;
  }

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#intervalMs;
    if (at <= now) return;
    await new Promise<void>((resolve) => {
      const handle = this.#clock.setTimeout(
        () => {
          this.#waiting.delete(handle);
          resolve();
        },
        Math.ceil(at - now),
      );
      this.#waiting.add(handle);
    });
  }

  /** Nobody waits any more; whoever did is never let through. */
  close(): void {
    for (const handle of this.#waiting) this.#clock.clearTimeout(handle);
    this.#waiting.clear();
  }
}
