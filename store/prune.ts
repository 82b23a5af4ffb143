import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { baseName, baseSeqIn, seqOfBase } from './base-name.ts';
import { baseOf, readBase, writeBase } from './base.ts';
import { Condenser, Standings } from './condense.ts';
import { sizeOf, type FileSystem } from './file-system.ts';
import type { Logic } from './fold.ts';
import { isJournalError, JournalError } from './journal-error.ts';
import { Ledger } from './ledger.ts';
import { surveyEnds, type FileEnd } from './prune-survey.ts';
import type { JournalRecord } from './record.ts';
import { Replay } from './replay.ts';
import { firstSeqOf, isSegment, listSegments, readJournal, type Tail } from './segments.ts';
import { StorageError } from './storage-error.ts';
import { verifyJournal } from './verify.ts';

/** What a day's rates and deliveries are reckoned by is never removed. */
export const LEAST_AGE_MS = 2 * 86_400_000;

export interface Retention {
  /** Files whose last record is older go. @default null: age is no reason */
  readonly maxAgeMs: number | null;
  /** The oldest files go until no more than this is left. @default null: size is no reason */
  readonly maxBytes: number | null;
}

export interface PruneOptions extends Retention {
  readonly dir: string;
  readonly disk: FileSystem;
  readonly logic: Logic;
  /** Epoch ms. */
  readonly now: number;
  /** Records behind these are still to be read by somebody. */
  readonly readers?: readonly { readonly name: string; readonly seq: number }[];
  /** Changes nothing. @default false */
  readonly isDry?: boolean;
  /**
   * Ends the file that is being written: called when nobody is in the middle of anything at the
   * journal's end, so that the file can go one day. @default it is left as it is
   */
  readonly beginFile?: (tail: Tail) => void;
  /** Told what is begun, since each takes its time in a long journal. @default nobody is told */
  readonly onStage?: (stage: PruneStage) => void;
}

export type PruneStage =
  | 'reading the journal'
  | 'verifying the journal'
  | 'writing the base'
  | 'verifying the base'
  | 'removing';

export interface PrunedFile {
  readonly file: string;
  readonly bytes: number;
}

export interface PruneReport {
  readonly removed: readonly PrunedFile[];
  /** Files that retention would have removed, and why they stay. */
  readonly left: readonly (PrunedFile & { readonly why: string })[];
  /** The first record that is there now. */
  readonly from: number;
  readonly baseBytes: number;
}

/** How many of the oldest files retention is about. */
function wantedOf(
  ends: readonly FileEnd[],
  sizes: readonly number[],
  options: PruneOptions,
): number {
  const { maxAgeMs, maxBytes, now } = options;
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let wanted = 0;
  for (const [index, { at }] of ends.entries()) {
    const isOld = maxAgeMs !== null && now - at > maxAgeMs;
    const isTooMuch = maxBytes !== null && bytes > maxBytes;
    if (now - at <= LEAST_AGE_MS || !(isOld || isTooMuch)) break;
    bytes -= sizes[index] ?? 0;
    wanted = index + 1;
  }
  return wanted;
}

/**
 * Removes the oldest files of a journal, whole, as far as retention asks for it and nothing that is
 * unfinished stands in them. The caller holds the folder's lock, and no agent works on it.
 *
 * First a base is written, put on disk, and proven: the journal verifies, and verifies from the base
 * on, and contacts, campaigns and actors are by the base what they are by the lines. Only then it
 * gets its name, with which it counts, and only then the files go: whenever this is cut short, the
 * journal is whole, and the next time finishes it.
 * @throws JournalError where the journal is damaged or does not verify: nothing is removed then
 * @throws StorageError when the disk refuses
 */
export function pruneJournal(options: PruneOptions): PruneReport {
  const { dir, disk, readers = [], isDry = false, onStage } = options;
  onStage?.('reading the journal');
  if (!isDry) writingIn(dir, () => sweep(dir, disk));
  const files = listSegments(dir, disk);
  const sizes = files.map((file) => sizeOf(disk, file));
  const { ends, isQuiet, tail } = surveyEnds(dir, disk);
  const reasons = ends.map(({ seq, why }) => {
    const late = readers.find((reader) => reader.seq < seq);
    return late ? `${late.name} has read up to seq ${late.seq} only` : why;
  });
  const wanted = wantedOf(ends, sizes, options);
  const count = reasons.slice(0, wanted).lastIndexOf(null) + 1;
  const named = (index: number): PrunedFile => {
    return { file: path.basename(files[index] ?? ''), bytes: sizes[index] ?? 0 };
  };
  const removed = Array.from({ length: count }, (_, index) => named(index));
  const left = Array.from({ length: wanted - count }, (_, index) => {
    const why = reasons[count + index] ?? 'the files before it stay';
    return { ...named(count + index), why };
  });
  const end = ends[count - 1];
  if (end && !isDry) {
    const file = path.join(dir, baseName(end.seq));
    proveBase(end, options, `${file}.tmp`);
    onStage?.('removing');
    writingIn(dir, () => {
      disk.rename(`${file}.tmp`, file);
      sweep(dir, disk);
    });
  }
  if (!isDry && isQuiet) options.beginFile?.(tail);
  const base = baseOf(dir, disk);
  return {
    removed,
    left,
    from: (isDry && end ? end.seq : (base?.seq ?? 0)) + 1,
    baseBytes: base ? sizeOf(disk, base.file) : 0,
  };
}

function writingIn<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isJournalError(error) ? error : new StorageError(file, error);
  }
}

/** Finishes what was cut short. */
function sweep(dir: string, disk: FileSystem): void {
  const names = disk.list(dir);
  const kept = baseSeqIn(names);
  const isGone = (name: string): boolean => {
    if (name.endsWith('.base.tmp')) return true;
    const base = seqOfBase(name);
    return base === null ? isSegment(name) && firstSeqOf(name) <= kept : base < kept;
  };
  // A base that can't be read stands for nothing.
  if (kept > 0) baseOf(dir, disk, names);
  const gone = names.filter(isGone).toSorted();
  if (gone.length === 0) return;
  // A process that was killed may not have put the base's name on disk: first that, then the files.
  disk.syncFolder(dir);
  for (const name of gone) disk.remove(path.join(dir, name));
  disk.syncFolder(dir);
}

/**
 * Writes the base that is to stand for all up to an end, and proves it.
 * @throws JournalError when it would not say the same; nothing of it stays then
 */
function proveBase(end: FileEnd, options: PruneOptions, draft: string): void {
  const { dir, disk, logic, onStage } = options;
  onStage?.('verifying the journal');
  prove(dir, verifyJournal(dir, logic, { disk }).firstDifference?.reason);
  onStage?.('writing the base');
  const known = new Known();
  const standings = new Standings();
  upTo(end, dir, disk, (record) => {
    known.apply(record);
    standings.apply(record);
  });
  const condenser = new Condenser(standingLines(standings, dir));
  try {
    writingIn(draft, () =>
      writeBase(disk, draft, end, (add) =>
        upTo(end, dir, disk, (record) => condenser.apply(record).forEach(add)),
      ),
    );
    onStage?.('verifying the base');
    const base = readBase(draft, end.seq, disk);
    const found = new Known();
    for (const record of base.records()) found.apply(record);
    prove(dir, known.differenceTo(found));
    prove(dir, verifyJournal(dir, logic, { disk, base }).firstDifference?.reason);
  } catch (error) {
    giveBack(disk, draft);
    throw error;
  }
}

function upTo(
  { seq }: FileEnd,
  dir: string,
  disk: FileSystem,
  visit: (record: JournalRecord) => void,
): void {
  readJournal(
    dir,
    (record) => {
      if (record.seq > seq) return false;
      visit(record);
      return true;
    },
    { disk },
  );
}

function giveBack(disk: FileSystem, draft: string): void {
  try {
    disk.remove(draft);
  } catch {
    // The failure that led here is the one to tell; the next time sweeps.
  }
}

function standingLines(standings: Standings, dir: string): ReadonlyMap<number, JournalRecord> {
  try {
    return standings.lines();
  } catch (error) {
    prove(dir, (error as Error).message);
    throw error;
  }
}

/** @throws JournalError when there is a reason: nothing was removed */
function prove(dir: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new JournalError(`Nothing was removed from the journal: ${reason}`, { file: dir });
}

/** What must be the same by the base as by the lines. */
class Known {
  readonly #ledger = new Ledger();
  readonly #replay = new Replay();

  apply(record: JournalRecord): void {
    this.#ledger.apply(record);
    this.#replay.apply(record);
  }

  differenceTo(other: Known): string | undefined {
    const isSame =
      isDeepStrictEqual(this.#ledger.snapshot(), other.#ledger.snapshot()) &&
      isDeepStrictEqual(this.#replay.moment().actors, other.#replay.moment().actors);
    return isSame ? undefined : 'a base would not say the same as its lines';
  }
}
