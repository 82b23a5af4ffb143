import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../../../store/make-folder.ts';

/** As many as one answer of getUpdates holds. */
const MOST_KEPT = 100;
/** After a week without updates their ids start anywhere ("Update"); this is well before that. */
const OFFSET_HOLDS_MS = 5 * 86_400_000;

interface Kept {
  readonly v: 1;
  /** The bot's number: another bot counts otherwise. */
  readonly bot: string;
  /** Updates that are done with, the newest last. */
  readonly handled: readonly number[];
  /** When the newest came, epoch ms of the wall clock. */
  readonly at: number;
}

/**
 * Which updates are done with, on disk. What was carried out and not written down, because the
 * process was killed in between, is found in the journal: see {@link remember}.
 */
export class Handled {
  readonly #file: string;
  readonly #bot: string;
  readonly #journalled = new Set<number>();
  #handled: number[] = [];
  #at = 0;

  constructor(file: string, bot: string) {
    this.#file = file;
    this.#bot = bot;
    const kept = readKept(file);
    if (kept?.bot !== bot) return;
    this.#handled = [...kept.handled];
    this.#at = kept.at;
  }

  has(update: number): boolean {
    return this.#handled.includes(update) || this.#journalled.has(update);
  }

  /** It stands in the journal that this update was carried out. */
  remember(update: number): void {
    this.#journalled.add(update);
  }

  /** Those that {@link remember} was told of. */
  get journalled(): readonly number[] {
    return [...this.#journalled];
  }

  /** @param now epoch ms of the wall clock */
  write(update: number, now: number): void {
    this.#handled = [...this.#handled, update].slice(-MOST_KEPT);
    this.#at = now;
    const kept: Kept = { v: 1, bot: this.#bot, handled: this.#handled, at: now };
    makeFolder(path.dirname(this.#file));
    const draft = `${this.#file}.new`;
    fs.writeFileSync(draft, JSON.stringify(kept), { flush: true, mode: 0o600 });
    fs.renameSync(draft, this.#file);
  }

  /** What to ask from: all before it is confirmed. Null: from whatever there is. */
  offset(now: number): number | null {
    const newest = this.#handled.at(-1);
    return newest === undefined || now - this.#at > OFFSET_HOLDS_MS ? null : newest + 1;
  }
}

/** A file that can't be read is as good as none: commands carried out stand in the journal, too. */
function readKept(file: string): Kept | null {
  try {
    const kept = JSON.parse(fs.readFileSync(file, 'utf8')) as Kept;
    const isWhole = kept.v === 1 && Array.isArray(kept.handled) && Number.isFinite(kept.at);
    return isWhole ? kept : null;
  } catch {
    return null;
  }
}
