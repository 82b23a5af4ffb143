/**
 * When a record is on disk, so that a power cut can't take it:
 * - `process`: when somebody waits for it (a dial does), or the operating system gets round to it;
 * - `group`: besides, within 10 ms and the time of one sync, which all lines of that time share;
 * - `strict`: before `append` returns, and so before anything that follows from it.
 * In all three a record survives the death of the process.
 */
export type Durability = 'process' | 'group' | 'strict';

/** What a sync may wait for more lines to share it. */
export const GROUP_MS = 10;

/**
 * One sync at a time, shared by all who wait: who comes while one is under way is served by the
 * next, because the one under way may have begun before their line was written.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves when everything written so far is on disk. */
  wait(): Promise<void> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  /** Calls back when no sync is under way. */
  whenIdle(callback: () => void): void {
    if (this.#running) void this.#running.then(callback, callback);
    else callback();
  }

  async #begin(): Promise<void> {
    await this.#running;
    const running = this.#next;
    this.#next = null;
    this.#running = running;
    try {
      await this.#sync();
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }
}
