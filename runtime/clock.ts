/** A timer that was set; give it back to {@link Clock.clearTimeout}. */
export type TimerHandle = { readonly brand?: 'timer' };

/**
 * The one source of time: everything that waits or stamps a time is given a clock.
 * Times are epoch milliseconds; `now()` never goes back.
 */
export interface Clock {
  now(): number;
  /** Times as fast as life: 1, but for a clock that is accelerated. */
  readonly speed: number;
  /**
   * The time that the computer tells, for what has to be said to others or read off their clocks:
   * hours of the day, and when a provider did something. It may be set, so nothing waits by it.
   */
  wall(): number;
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
/** Timers fire on whole milliseconds: many parts of one or two would add up to several limits. */
const SHORTEST_PART_MS = 5;

export interface SystemClockOptions {
  /** How many times faster than the wall clock this one runs. @default 1 */
  readonly speed?: number;
  /** The clock starts at the later of this and the wall clock. @default 0 */
  readonly notBefore?: number;
}

class Timer {
  handle: NodeJS.Timeout | undefined;
  lastRound: NodeJS.Immediate | undefined;
}

/**
 * The machine's clock, optionally accelerated. It begins with the wall clock and goes on by itself
 * (CLOCK_MONOTONIC): a wall clock that is set while it runs, or a computer that was asleep, neither
 * stops what waits nor has time limits passed at once.
 * @throws RangeError when `speed` is not a positive number
 */
export class SystemClock implements Clock {
  readonly speed: number;
  readonly #origin: number;
  readonly #startedAt: number;

  constructor({ speed = 1, notBefore = 0 }: SystemClockOptions = {}) {
    if (!(speed > 0 && Number.isFinite(speed))) {
      throw new RangeError(`speed must be a positive number, got ${speed}`);
    }
    this.speed = speed;
    this.#startedAt = performance.now();
    this.#origin = Math.max(notBefore, this.wall());
  }

  now(): number {
    return Math.floor(this.#origin + (performance.now() - this.#startedAt) * this.speed);
  }

  wall(): number {
    return Date.now();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = new Timer();
    const dueAt = this.now() + Math.max(0, delayMs);
    const arm = (): void => {
      const leftMs = Math.max(0, Math.ceil((dueAt - this.now()) / this.speed));
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
    const limitMs = Math.max(0, delayMs) / this.speed;
    const parts = Math.min(LIMIT_PARTS, Math.max(1, Math.floor(limitMs / SHORTEST_PART_MS)));
    const partMs = limitMs / parts;
    let left = parts;
    let owedMs = 0;
    const arm = (): void => {
      const start = performance.now();
      timer.handle = setTimeout(
        () => {
          // Timers fire on whole milliseconds: what one part had too much, the next has less.
          owedMs = Math.min(1, Math.max(0, performance.now() - start - partMs + owedMs));
          left--;
          if (left > 0) arm();
          // What came in while the process stood still is heard first.
          else timer.lastRound = setImmediate(callback);
        },
        Math.min(Math.max(0, partMs - owedMs), LONGEST_TIMER_MS),
      );
    };
    arm();
    return timer as TimerHandle;
  }

  clearTimeout(handle: TimerHandle): void {
    const { handle: timeout, lastRound } = handle as Timer;
    clearTimeout(timeout);
    clearImmediate(lastRound);
  }
}
