import path from 'node:path';
import type { FileSystem } from '../store/file-system.ts';
import type { Journal } from '../store/journal.ts';
import { versionOf, type Projection } from '../store/projection.ts';
import { captureSnapshot, type Captured, type SnapshotHead } from '../store/snapshot-format.ts';
import { SnapshotStore } from '../store/snapshots.ts';
import type { Tail } from '../store/segments.ts';
import { canBeKept, type History } from './history.ts';

export interface SnapshotOptions {
  /**
   * Records from one to the next, or as many as the last one had kilobytes, if those are more: what
   * is written for a long list would grow with its square otherwise. @default 5000
   */
  readonly every?: number;
  /** Runs something when no turn is under way. @default in the event loop's next round */
  readonly later?: (work: () => void) => void;
  /** Awaited between two slices. @default a round of the event loop */
  readonly pause?: () => Promise<unknown>;
  /** Puts what was written on disk. @default the disk's own */
  readonly sync?: (fd: number) => Promise<void>;
}

export interface SnapshotsOptions extends SnapshotOptions {
  /** The data folder. */
  readonly dir: string;
  readonly disk?: FileSystem | undefined;
  /** What the states are made by: a snapshot of other machines, or another program, is left aside. */
  readonly definitions: SnapshotHead['definitions'];
  readonly histories: readonly History[];
}

/** What snapshots are made of, beside the histories. */
export interface SnapshotSource {
  readonly journal: Pick<Journal, 'tail' | 'onDisk' | 'syncNow'>;
  /** The live roots as they are; null when that can't be told now. */
  readonly roots: () => unknown;
}

const EVERY = 5_000;
/** A record is about two thirds of that: snapshots are to be written not much faster than the journal. */
const BYTES_A_RECORD = 1_024;
/** Written in no time: what is smaller need not be outnumbered by records. */
const FEW_BYTES = 256 * 1_024;
/** The live roots' part of a snapshot. */
export const ROOTS = { name: 'roots', version: 1 };

/** Keeps snapshots of all that a start needs to know, so that the next one need not read it all. */
export class Snapshots {
  /** Why the last one could not be written; null when it could. */
  problem: string | null = null;
  readonly #options: SnapshotsOptions;
  readonly #store: SnapshotStore;
  readonly #every: number;
  /** Records since the last one, and how many there have to be. */
  #count = 0;
  #isDue = false;
  /** How long the last one is. */
  #bytes = 0;
  #isWriting = false;
  #isClosed = false;

  constructor(options: SnapshotsOptions) {
    const { dir, disk, pause, sync } = options;
    this.#options = options;
    this.#every = options.every ?? EVERY;
    this.#store = new SnapshotStore(path.join(dir, 'snapshots'), {
      ...(disk && { disk }),
      ...(pause && { pause }),
      ...(sync && { sync }),
    });
  }

  /**
   * Gives everybody the state that the newest snapshot has of it.
   * @returns where the journal goes on; null when all of it is to be read
   */
  restore(roots: Pick<Projection, 'restore'>): Tail | null {
    const { dir, definitions, histories } = this.#options;
    const kept = histories.filter(canBeKept);
    if (kept.length < histories.length) return null;
    const parts = [ROOTS, ...kept.map((one) => ({ name: one.name, version: versionOf(one) }))];
    const journalDir = path.join(dir, 'journal');
    const found = this.#store.newest({ journalDir, parts, definitions });
    if (!found) return null;
    const stateOf = (name: string): unknown => found.parts[name]?.state;
    roots.restore(stateOf(ROOTS.name));
    for (const one of kept) one.restore(stateOf(one.name));
    this.#bytes = found.bytes;
    return found.place;
  }

  /** Removes what a crash has left half written. */
  sweep(): void {
    this.#guard(() => this.#store.sweep());
  }

  /** A record that was there at this start, behind the snapshot: the next one has to hold it. */
  read(): void {
    this.#count++;
  }

  /** One more record is written: a snapshot may be due. */
  count(source: SnapshotSource): void {
    this.#count++;
    if (this.#isDue || this.#isWriting || this.#isClosed) return;
    if (this.#count < this.#every || this.#count < this.#fewest) return;
    this.#isDue = true;
    const { later = setImmediate } = this.#options;
    later(() => {
      this.#isDue = false;
      if (this.#isClosed) return;
      const captured = this.#capture(source);
      if (captured) void this.#write(captured, source);
    });
  }

  /** The last one, when nothing is recorded any more: at one go. */
  close(source: SnapshotSource): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#count === 0 && !this.#isWriting) return;
    const captured = this.#capture(source);
    if (!captured) return;
    this.#guard(() => {
      source.journal.syncNow();
      this.#store.writeNow(captured);
    });
  }

  /** Without a last one: nothing can be written any more. */
  abandon(): void {
    this.#isClosed = true;
  }

  /** Records that have to come after one of that length. */
  get #fewest(): number {
    return this.#bytes < FEW_BYTES ? 0 : this.#bytes / BYTES_A_RECORD;
  }

  #capture({ journal, roots }: SnapshotSource): Captured | null {
    const { histories, definitions } = this.#options;
    const kept = histories.filter(canBeKept);
    if (kept.length < histories.length || kept.some((one) => one.isBehind?.())) return null;
    const states = roots();
    if (states === null) return null;
    const live = { ...ROOTS, snapshot: () => states };
    const captured = captureSnapshot(journal.tail, [live, ...kept], definitions);
    this.#count = 0;
    return captured;
  }

  async #write(captured: Captured, { journal }: SnapshotSource): Promise<void> {
    this.#isWriting = true;
    try {
      // Never ahead of the journal: a power cut could take a line that the snapshot stands for.
      await journal.onDisk();
      this.#bytes = await this.#store.write(captured, () => this.#isClosed);
      this.problem = null;
    } catch (error) {
      if (!this.#isClosed) this.#fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  #guard(work: () => void): void {
    try {
      work();
      this.problem = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What the disk refuses costs the next start some time, and nothing else. */
  #fail(error: unknown): void {
    this.problem = `No snapshot could be written: ${(error as Error).message}. The next start takes longer.`;
  }
}
