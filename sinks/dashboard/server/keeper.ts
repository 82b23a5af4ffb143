import fs from 'node:fs';
import path from 'node:path';
import type { Position } from '../../../store/follow.ts';
import { captureSnapshot, type Captured } from '../../../store/snapshot-format.ts';
import { SnapshotStore } from '../../../store/snapshots.ts';
import { Book } from '../model/book.ts';
import { DIST } from './assets.ts';

/** When the state is worth a file, in records behind the newest one. */
export interface Pace {
  /** While one reads: a first reading that is cut short is not lost. @default 100_000 */
  readonly every: number;
  /** At the end; fewer are read again in a moment. @default 5_000 */
  readonly atEnd: number;
}

const USUAL: Pace = { every: 100_000, atEnd: 5_000 };
/** And no more often than that share of what has been read: each holds the whole state. */
const SHARE = 4;

/** How far the journal has been read, and what came of it. */
export interface Standing {
  readonly book: Book;
  /** Places in the journal from which reading can begin, oldest first. */
  readonly marks: readonly Position[];
  /** The first record's seq. */
  readonly first: number;
  /** Behind the last record that is in the book; null where there is none. */
  readonly position: Position | null;
}

/** That, and books of earlier moments. */
export interface Keepable extends Standing {
  readonly moments: () => unknown;
}

const nothing: Standing = { book: new Book(), marks: [], first: 0, position: null };

type Mark = readonly [file: string, byte: number, seq: number, crc: number];

/**
 * The page's script holds the code that folds the book, so its name, which holds a hash, changes
 * whenever that code does: a state that other code has made is never taken for our own.
 */
function codeName(): string {
  const page = fs.readFileSync(path.join(DIST, 'index.html'), 'utf8');
  return /src="[^"]*\/([^"/]+)\.js"/.exec(page)?.[1] ?? 'unknown';
}

export interface KeeperOptions {
  readonly pace?: Pace | undefined;
  /** Told once, when the disk refuses: nothing is kept from then on. */
  readonly onProblem?: ((error: Error) => void) | undefined;
}

/** The dashboard's state on disk, so that a start reads only what is behind it. */
export class Keeper {
  readonly #store: SnapshotStore;
  /** Apart, because only those who look back need them. */
  readonly #moments: SnapshotStore;
  readonly #journalDir: string;
  readonly #code = codeName();
  readonly #pace: Pace;
  readonly #onProblem: (error: Error) => void;
  /** Of the last record in the newest file. */
  #seq = 0;
  #writing: Promise<void> | null = null;
  #isOff = false;

  /**
   * @param dir a folder of its own; made when there is something to keep
   */
  constructor(
    dir: string,
    journalDir: string,
    { pace = USUAL, onProblem = () => {} }: KeeperOptions = {},
  ) {
    this.#store = new SnapshotStore(dir);
    this.#moments = new SnapshotStore(path.join(dir, 'moments'));
    this.#journalDir = journalDir;
    this.#pace = pace;
    this.#onProblem = onProblem;
  }

  /** The newest state that fits the journal; null where there is none. */
  load(): Standing | null {
    try {
      this.#store.sweep();
      this.#moments.sweep();
      return this.#load();
    } catch (error) {
      this.#giveUp(error); // the journal says it all again
      return null;
    }
  }

  #load(): Standing | null {
    const parts = this.#parts(nothing).map(({ name }) => ({ name, version: 1 }));
    const found = this.#store.newest({ journalDir: this.#journalDir, parts });
    if (!found?.place.file) return null;
    const { file, bytes: byte, seq, crc } = found.place;
    const [model, metrics, alerts, places] = parts.map(({ name }) => found.parts[name]?.state);
    const { first, marks } = places as { first: number; marks: readonly Mark[] };
    const book = new Book();
    book.restore({ model, metrics, alerts });
    this.#seq = seq;
    return {
      book,
      first,
      marks: marks.map(([name, at, ofSeq, ofCrc]) => {
        return { file: path.join(this.#journalDir, name), byte: at, seq: ofSeq, crc: ofCrc };
      }),
      position: { file, byte, seq, crc },
    };
  }

  /** What {@link Keepable.moments} gave when it was kept; null where nothing fits. */
  loadMoments(): unknown {
    const name = `moments@${this.#code}`;
    const wanted = { journalDir: this.#journalDir, parts: [{ name, version: 1 }] };
    return this.#moments.newest(wanted)?.parts[name]?.state ?? null;
  }

  /** To be told now and then: keeps all that when it is time to. Nobody waits for it. */
  consider(now: Keepable): void {
    const { seq } = now.book.model;
    const isDue = seq - this.#seq >= Math.max(this.#pace.every, seq / SHARE);
    if (this.#isOff || this.#writing || !isDue) return;
    const captured = this.#capture(now);
    if (!captured) return;
    this.#writing = this.#write(captured, seq)
      .catch((error: unknown) => this.#giveUp(error))
      .finally(() => (this.#writing = null));
  }

  async #write([state, moments]: readonly [Captured, Captured], seq: number): Promise<void> {
    await this.#moments.write(moments, () => this.#isOff);
    await this.#store.write(state, () => this.#isOff);
    if (!this.#isOff) this.#seq = seq;
  }

  /** Keeps it as it is at the end. */
  close(now: Keepable): void {
    const isWorthIt = !this.#isOff && now.book.model.seq - this.#seq >= this.#pace.atEnd;
    this.#isOff = true;
    const captured = isWorthIt ? this.#capture(now) : null;
    if (!captured) return;
    try {
      const [state, moments] = captured;
      this.#moments.writeNow(moments);
      this.#store.writeNow(state);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #capture(now: Keepable): readonly [Captured, Captured] | null {
    const { book, position, moments } = now;
    if (position?.seq !== book.model.seq) return null;
    const { file, byte, seq, crc } = position;
    const tail = { file, bytes: byte, seq, crc, at: book.model.at, epoch: 0, tornBytes: 0 };
    return [
      captureSnapshot(tail, this.#parts(now)),
      captureSnapshot(tail, [{ name: `moments@${this.#code}`, snapshot: moments }]),
    ];
  }

  #parts({ book: { model, metrics, alerts }, marks, first }: Standing) {
    const part = (name: string, snapshot: () => unknown) => {
      return { name: `${name}@${this.#code}`, snapshot };
    };
    return [
      part('model', () => model.snapshot()),
      part('metrics', () => metrics.snapshot()),
      part('alerts', () => alerts.snapshot()),
      part('places', () => ({
        first,
        marks: marks.map(({ file, byte, seq, crc }) => [path.basename(file), byte, seq, crc]),
      })),
    ];
  }

  #giveUp(error: unknown): void {
    this.#isOff = true;
    this.#onProblem(error instanceof Error ? error : new Error(String(error)));
  }
}
