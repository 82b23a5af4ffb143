/** A timer that was set; give it back to {@link Clock.clearTimeout}. */
export type TimerHandle = { readonly brand?: 'timer' };

/**
 * The one source of time: everything that waits or stamps a time is given a clock.
 * Times are epoch milliseconds; `now()` never goes back.
 */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /**
   * The same, for giving up on somebody who does not answer: time in which this process did not get
   * to run, and so could not have heard the answer, counts for little.
   */
  setTimeLimit(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** `setTimeout` fires at once for anything longer (Node.js documentation, `timers`). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A time limit is counted in so many parts; however long the process stood still, it costs one. */
const LIMIT_PARTS = 10;

export interface SystemClockOptions {
  /** How many times faster than the wall clock this one runs. @default 1 */
  readonly speed?: number;
  /** The clock starts at the later of this and the wall clock. @default 0 */
  readonly notBefore?: number;
}

class Timer {
  handle: NodeJS.Timeout | undefined;
}

/**
 * The machine's clock, optionally accelerated. A wall clock that is set back makes it stand
 * still, not go back.
 * @throws RangeError when `speed` is not a positive number
 */
export class SystemClock implements Clock {
  readonly #speed: number;
  readonly #origin: number;
  readonly #startedAt: number;
  #latest: number;

  constructor({ speed = 1, notBefore = 0 }: SystemClockOptions = {}) {
    if (!(speed > 0 && Number.isFinite(speed))) {
      throw new RangeError(`speed must be a positive number, got ${speed}`);
    }
    this.#speed = speed;
    this.#startedAt = Date.now();
    this.#origin = Math.max(notBefore, this.#startedAt);
    this.#latest = this.#origin;
  }

  now(): number {
    const elapsed = (Date.now() - this.#startedAt) * this.#speed;
    this.#latest = Math.max(this.#latest, Math.floor(this.#origin + elapsed));
    return this.#latest;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = new Timer();
    const dueAt = this.now() + Math.max(0, delayMs);
    const arm = (): void => {
      const leftMs = Math.max(0, Math.ceil((dueAt - this.now()) / this.#speed));
      timer.handle = setTimeout(
        () => (this.now() < dueAt ? arm() : callback()),
        Math.min(leftMs, LONGEST_TIMER_MS),
      );
    };
    arm();
    return timer as TimerHandle;
  }

  setTimeLimit(callback: () => void, delayMs: number): TimerHandle {
    const timer = new Timer();
    const partMs = Math.max(0, delayMs) / LIMIT_PARTS / this.#speed;
    let left = LIMIT_PARTS;
    let owedMs = 0;
    const arm = (): void => {
      const start = performance.now();
      timer.handle = setTimeout(
        () => {
          // Timers fire on whole milliseconds: what one part had too much, the next has less.
          owedMs = Math.min(1, Math.max(0, performance.now() - start - partMs + owedMs));
          left--;
          if (left === 0) callback();
          else arm();
        },
        Math.min(Math.max(0, partMs - owedMs), LONGEST_TIMER_MS),
      );
    };
    arm();
    return timer as TimerHandle;
  }

  clearTimeout(handle: TimerHandle): void {
    clearTimeout((handle as Timer).handle);
  }
}
