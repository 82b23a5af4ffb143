import fs from 'node:fs';
import path from 'node:path';

const DAY_MS = 86_400_000;

/** The UTC day of a moment: `2026-09-21`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

export interface Retention {
  readonly maxDays: number;
  readonly maxFiles: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The files that a log has left behind: what they are called, and how long they stay. */
export class RotatedFiles {
  readonly #file: string;
  readonly #dir: string;
  readonly #base: string;
  readonly #extension: string;
  readonly #retention: Retention;

  constructor(file: string, retention: Retention) {
    this.#file = file;
    this.#dir = path.dirname(file);
    this.#extension = path.extname(file);
    this.#base = path.basename(file, this.#extension);
    this.#retention = retention;
  }

  /** Moves the file to the first name of that day that is free. */
  add(day: string): void {
    for (let n = 0; ; n++) {
      const suffix = n === 0 ? day : `${day}.${n}`;
      const target = path.join(this.#dir, `${this.#base}.${suffix}${this.#extension}`);
      if (fs.existsSync(target)) continue;
      fs.renameSync(this.#file, target);
      return;
    }
  }

  /**
   * Removes those that are too old or too many. Their age is that of their last change by the
   * wall clock: the lines' own times may come from a clock that runs faster.
   */
  sweep(): void {
    const { maxDays, maxFiles, now } = this.#retention;
    const oldest = now() - maxDays * DAY_MS;
    const found = this.#found().toSorted((a, b) => b.changedAt - a.changedAt);
    for (const [index, { file, changedAt }] of found.entries()) {
      if (index >= maxFiles || changedAt < oldest) fs.rmSync(file, { force: true });
    }
  }

  #found(): { file: string; changedAt: number }[] {
    const name = `^${escape(this.#base)}\\.\\d{4}-\\d\\d-\\d\\d(\\.\\d+)?${escape(this.#extension)}$`;
    const pattern = new RegExp(name);
    return fs
      .readdirSync(this.#dir)
      .filter((entry) => pattern.test(entry))
      .flatMap((entry) => {
        const file = path.join(this.#dir, entry);
        const stat = fs.statSync(file, { throwIfNoEntry: false });
        return stat ? [{ file, changedAt: stat.mtimeMs }] : [];
      });
  }
}
