import type { Io } from './io.ts';

const EVERY_MS = 100;

/** One line on a terminal that is written over; nothing elsewhere. */
export class ProgressLine {
  readonly #io: Io;
  #shownAt = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  show(text: string): void {
    const now = performance.now();
    if (!this.#io.isWatched || (this.#shownAt > 0 && now - this.#shownAt < EVERY_MS)) return;
    this.#shownAt = now;
    process.stderr.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#shownAt > 0) process.stderr.write('\r\x1b[K');
    this.#shownAt = 0;
  }
}
