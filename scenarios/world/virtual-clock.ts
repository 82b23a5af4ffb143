import { setImmediate as nextRound } from 'node:timers/promises';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';
import { DueHeap, type Due } from '../../store/due-heap.ts';

interface Timer extends Due {
  readonly callback: () => void;
}

/** A run that has no end is a bug of the story (a health check repeats for ever). */
const DEFAULT_WITHIN_MS = 30 * 24 * 60 * 60 * 1000;

export interface VirtualClockOptions {
  /** Epoch milliseconds at the start. @default 1_790_000_000_000 (21 September 2026, UTC) */
  readonly startAt?: number;
  /** How far the time that the computer tells is ahead. @default 0 */
  readonly wallAheadMs?: number;
  /**
   * Turns of the event loop to wait between two timers, a whole number of at least 1. One is
   * enough for promise chains; more let code settle that uses `setImmediate` itself. @default 3
   */
  readonly settleRounds?: number;
  /**
   * Awaited in each of these turns: for work that leaves the process, such as a journal that
   * syncs to disk. @default nothing
   */
  readonly settled?: () => Promise<unknown>;
}

export interface RunOptions {
  /** Virtual milliseconds after which a run gives up. @default 30 days */
  readonly withinMs?: number;
}

/**
 * A clock that stands still until it is moved. Timers fire one by one, by due time and then by
 * the order they were set; inside a callback `now()` is exactly the timer's due time, and
 * everything it set off has settled before the next one fires.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.setTimeout(() => console.log('rang'), 60_000);
 * await clock.advance(60_000); // rang
 *
 * @throws RangeError when an option is out of range
 */
export class VirtualClock implements Clock {
  readonly #timers = new DueHeap<Timer>();
  readonly #settleRounds: number;
  readonly #settled: (() => Promise<unknown>) | undefined;
  /** What takes real time and is waited for. */
  readonly #held = new Set<Promise<unknown>>();
  /** Its time is all the time there is. */
  readonly speed = 1;
  readonly #wallAheadMs: number;
  #now: number;
  #order = 0;
  #running = false;

  constructor({
    startAt = 1_790_000_000_000,
    wallAheadMs = 0,
    settleRounds = 3,
    settled,
  }: VirtualClockOptions = {}) {
    if (!(Number.isFinite(startAt) && startAt >= 0)) {
      throw new RangeError(`startAt must be a finite number of at least 0, got ${startAt}`);
    }
    if (!(Number.isInteger(settleRounds) && settleRounds >= 1)) {
      throw new RangeError(
        `settleRounds must be a whole number of at least 1, got ${settleRounds}`,
      );
    }
    this.#now = startAt;
    this.#wallAheadMs = wallAheadMs;
    this.#settleRounds = settleRounds;
    this.#settled = settled;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#wallAheadMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer fires, in epoch milliseconds; null when none waits. */
  get nextDueAt(): number | null {
    return this.#timers.peek()?.dueAt ?? null;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    if (Number.isNaN(delayMs)) throw new RangeError('delayMs must be a number, got NaN');
    const dueAt = this.#now + Math.max(0, delayMs);
    const timer: Timer = { dueAt, order: this.#order++, callback, index: -1 };
    this.#timers.push(timer);
    return timer as TimerHandle;
  }

  /** Nothing here takes time but the waits themselves. */
  setTimeLimit(callback: () => void, delayMs: number): TimerHandle {
    return this.setTimeout(callback, delayMs);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.remove(handle as Timer);
  }

  /** Stands still until `work` has ended: reading a file, say, takes no virtual time. */
  hold<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void this.#held.delete(ended);
    const ended: Promise<void> = work.then(forget, forget);
    this.#held.add(ended);
    return work;
  }

  /** Moves on by `ms`, firing every timer that is due on the way, those set on the way included. */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new RangeError(`ms must be a finite number of at least 0, got ${ms}`);
    }
    await this.#exclusively(async () => {
      const target = this.#now + ms;
      while ((this.nextDueAt ?? Infinity) <= target) await this.#step();
      this.#now = target;
    });
  }

  /**
   * Fires timers until `predicate` holds; time stops there.
   * @throws Error when no timer is left, or `withinMs` would be passed, and it still does not hold
   */
  async runUntil(predicate: () => boolean, options: RunOptions = {}): Promise<void> {
    await this.#exclusively(async () => {
      const giveUpAt = this.#now + withinMsOf(options);
      while (!predicate()) {
        if (this.nextDueAt === null) throw new Error('No timer is left and the predicate is false');
        await this.#stepBefore(giveUpAt);
      }
    });
  }

  /**
   * Fires timers until none is left.
   * @throws Error when timers are left after `withinMs`
   */
  async runUntilIdle(options: RunOptions = {}): Promise<void> {
    await this.#exclusively(async () => {
      const giveUpAt = this.#now + withinMsOf(options);
      while (this.nextDueAt !== null) await this.#stepBefore(giveUpAt);
    });
  }

  async #stepBefore(giveUpAt: number): Promise<void> {
    if ((this.nextDueAt ?? Infinity) > giveUpAt) {
      throw new Error(`Gave up at ${this.#now}: ${this.pending} timer(s) left beyond ${giveUpAt}`);
    }
    await this.#step();
  }

  async #step(): Promise<void> {
    const timer = this.#timers.peek();
    if (!timer) return;
    this.#timers.remove(timer);
    this.#now = timer.dueAt;
    timer.callback();
    await this.#settle();
  }

  /** Two runs at once would take each other's timers and move `now()` past a due time. */
  async #exclusively(run: () => Promise<void>): Promise<void> {
    if (this.#running) throw new Error('The clock is being moved already');
    this.#running = true;
    try {
      // What was begun before the run may still be about to set its first timer.
      await this.#settle();
      await run();
    } finally {
      this.#running = false;
    }
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < this.#settleRounds; round += 1) {
      await nextRound();
      await this.#settled?.();
      if (this.#held.size === 0) continue;
      await Promise.all(this.#held);
      // What follows from it has yet to settle.
      round = -1;
    }
  }
}

function withinMsOf({ withinMs = DEFAULT_WITHIN_MS }: RunOptions): number {
  if (!(withinMs >= 0)) throw new RangeError(`withinMs must be at least 0, got ${withinMs}`);
  return withinMs;
}
