import { definitionHashes } from './definition.ts';
import { EarlierLines } from './earlier.ts';
import { keptWhole, standing } from './condense.ts';
import { realFileSystem } from './file-system.ts';
import { differs, Fold, type Difference, type Logic } from './fold.ts';
import { isJournalError } from './journal-error.ts';
import { definitionsIn, type Definitions } from './lives.ts';
import { isMigration } from './rebirth.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { readJournal, type ReadOptions } from './segments.ts';
import { readNote, refuseShortened } from './writer-note.ts';

export interface Verification {
  readonly records: number;
  readonly ok: boolean;
  readonly firstDifference: FirstDifference | null;
  /**
   * Records that earlier definitions of the machines have written, and that nobody can ask those
   * any more about: their checksums and their order are proven.
   */
  readonly earlier: number;
  /** The first record there is: those before it were removed, and a base stands for them. @default 1 */
  readonly from: number;
  /** Bytes of an unfinished last line; harmless, and cut off by the next start. */
  readonly tornBytes: number;
}

export interface FirstDifference {
  readonly seq: number | null;
  readonly actor: string | null;
  readonly reason: string;
  readonly expected?: unknown;
  readonly found?: unknown;
  readonly file?: string;
  readonly line?: number | null;
  readonly byte?: number | null;
}

const clean = ({ seq, actor, reason, expected, found }: Difference): FirstDifference => ({
  seq,
  actor,
  reason,
  expected,
  found,
});

const isStart = ({ event }: JournalRecord): boolean => event?.type === 'agent.started';

/** A line with a good checksum can still be one that no machine takes. */
function applied(fold: Fold, earlier: EarlierLines, record: JournalRecord): Difference | null {
  try {
    const { isEarlier, difference } = earlier.apply(record);
    if (difference) return difference;
    if (!isEarlier) return fold.apply(record);
    fold.forget(rootOf(record.actor));
    return null;
  } catch (error) {
    const reason = `This line can't be fed to the machine: ${(error as Error).message}`;
    return { seq: record.seq, actor: record.actor, reason, expected: null, found: record };
  }
}

/**
 * What a base has left of removed lines: whoever is kept whole is compared as ever, the others go on
 * from where it says that they stand.
 */
function begun(fold: Fold, earlier: EarlierLines, record: JournalRecord): Difference | null {
  if (keptWhole.has(record.machine)) return applied(fold, earlier, record);
  const isEarlier = earlier.take(record);
  const { actor, machine, event } = record;
  if (!standing.has(machine) || !isMigration(event) || isEarlier) return null;
  try {
    fold.migrate(actor, machine, event);
    return null;
  } catch (error) {
    return differs(record, `The base can't be gone on from: ${(error as Error).message}`, null);
  }
}

/** The machines of this program against those that the agent noted when it last started. */
function changedMachine(record: JournalRecord, now: Definitions): FirstDifference | null {
  const then = (record.event['definitions'] ?? {}) as Record<string, string>;
  const changed = Object.keys(then).filter((machine) => now[machine] !== then[machine]);
  if (changed.length === 0) return null;
  return {
    seq: record.seq,
    actor: record.actor,
    reason: `The definition of ${changed.join(', ')} has changed since this was written`,
    expected: Object.fromEntries(changed.map((machine) => [machine, now[machine] ?? null])),
    found: Object.fromEntries(changed.map((machine) => [machine, then[machine]])),
  };
}

/** An agent is born right before its first start is noted. */
const FIRST_RECORDS = 10;

function firstNoted(dir: string, options: ReadOptions): Definitions {
  let noted: Definitions = {};
  let count = 0;
  const visit = (record: JournalRecord): boolean => {
    if (isStart(record)) noted = definitionsIn(record);
    return !isStart(record) && ++count < FIRST_RECORDS;
  };
  try {
    readJournal(dir, visit, options);
  } catch (error) {
    // Told by the reading that follows.
    if (!isJournalError(error)) throw error;
  }
  return noted;
}

/** What has been compared so far. */
class Comparison {
  readonly #fold: Fold;
  readonly #definitions: Definitions;
  readonly #earlier: EarlierLines;
  #records = 0;
  #from: number | null = null;
  #at = 0;
  #earlierInBase = 0;
  #difference: FirstDifference | null = null;
  #redefined: FirstDifference | null = null;

  /** @param first what the first start has noted */
  constructor(logic: Logic, first: Definitions) {
    this.#fold = new Fold(logic);
    this.#definitions = definitionHashes(logic);
    this.#earlier = new EarlierLines(this.#definitions, first);
  }

  /** @returns false at the first difference */
  readonly take = (record: JournalRecord): boolean => {
    this.#records++;
    this.#from ??= record.seq;
    this.#note(record, applied(this.#fold, this.#earlier, record));
    if (record.at < this.#at) this.#difference ??= wentBack(record);
    this.#at = record.at;
    return this.#difference === null;
  };

  /** As {@link take}, of what a base has left. */
  readonly begin = (record: JournalRecord): boolean => {
    this.#note(record, begun(this.#fold, this.#earlier, record));
    this.#earlierInBase = this.#earlier.count;
    return this.#difference === null;
  };

  get isOver(): boolean {
    return this.#difference !== null;
  }

  fail(difference: FirstDifference): void {
    this.#difference = difference;
  }

  result(tornBytes: number): Verification {
    const firstDifference = this.#difference ?? this.#redefined;
    return {
      records: this.#records,
      ok: firstDifference === null,
      firstDifference,
      earlier: this.#earlier.count - this.#earlierInBase,
      from: this.#from ?? 1,
      tornBytes,
    };
  }

  #note(record: JournalRecord, found: Difference | null): void {
    if (isStart(record)) this.#redefined = changedMachine(record, this.#definitions);
    if (found) this.#difference = clean(found);
  }
}

/**
 * Folds the whole journal through the machines and compares it line for line, from its base on
 * where it has one. Changes nothing on disk. What a machine did differently comes before the mere
 * fact that its definition is not the one that the program had when it last started.
 * @param place the disk, and what is to stand for the first records. @default the folder's own
 */
export function verifyJournal(
  dir: string,
  logic: Logic,
  place: Pick<ReadOptions, 'disk' | 'base'> = {},
): Verification {
  const comparison = new Comparison(logic, firstNoted(dir, place));
  // Before the reading: a writer beside it moves both on.
  const note = readNote(dir, place.disk ?? realFileSystem);
  try {
    const onBase = comparison.begin;
    const end = readJournal(dir, comparison.take, { ...place, onBase });
    if (note && !comparison.isOver) refuseShortened(dir, note.synced, end);
    return comparison.result(end.tornBytes);
  } catch (error) {
    if (!isJournalError(error)) throw error;
    const { seq, file, line, byte } = error;
    comparison.fail({ seq, actor: null, reason: error.message, file, line, byte });
    return comparison.result(0);
  }
}

const wentBack = ({ seq, actor }: JournalRecord): FirstDifference => ({
  seq,
  actor,
  reason: 'The time of this line is before that of the line above it',
});
