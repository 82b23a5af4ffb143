import type { FileSystem } from './file-system.ts';
import { definitionHashes } from './definition.ts';
import { EarlierLines } from './earlier.ts';
import { Fold, type Difference, type Logic } from './fold.ts';
import { isJournalError } from './journal-error.ts';
import { definitionsIn, type Definitions } from './lives.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { readJournal, type ReadOptions } from './segments.ts';

export interface Verification {
  readonly records: number;
  readonly ok: boolean;
  readonly firstDifference: FirstDifference | null;
  /**
   * Records that earlier definitions of the machines have written, and that nobody can ask those
   * any more about: their checksums and their order are proven.
   */
  readonly earlier: number;
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

/** The machines of this program against those that the agent noted when it last started. */
function changedMachine(
  record: JournalRecord,
  now: Record<string, string>,
): FirstDifference | null {
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
  const visit = (record: JournalRecord): boolean => {
    if (isStart(record)) noted = definitionsIn(record);
    return !isStart(record) && record.seq < FIRST_RECORDS;
  };
  try {
    readJournal(dir, visit, options);
  } catch (error) {
    // Told by the reading that follows.
    if (!isJournalError(error)) throw error;
  }
  return noted;
}

/**
 * Folds the whole journal through the machines and compares it line for line. Changes nothing on
 * disk. What a machine did differently comes before the mere fact that its definition is not the
 * one that the program had when it last started.
 */
export function verifyJournal(dir: string, logic: Logic, disk?: FileSystem): Verification {
  const fold = new Fold(logic);
  const definitions = definitionHashes(logic);
  const read = disk ? { disk } : {};
  let records = 0;
  let difference: FirstDifference | null = null;
  let redefined: FirstDifference | null = null;
  let at = 0;
  let earlier: EarlierLines | null = null;
  const result = (tornBytes: number): Verification => ({
    records,
    ok: difference === null && redefined === null,
    firstDifference: difference ?? redefined,
    earlier: earlier?.count ?? 0,
    tornBytes,
  });
  try {
    const lines = new EarlierLines(definitions, firstNoted(dir, read));
    earlier = lines;
    const visit = (record: JournalRecord): boolean => {
      records++;
      if (isStart(record)) redefined = changedMachine(record, definitions);
      const found = applied(fold, lines, record);
      if (found) difference = clean(found);
      else if (record.at < at) difference = wentBack(record);
      at = record.at;
      return difference === null;
    };
    const tail = readJournal(dir, visit, read);
    return result(tail.tornBytes);
  } catch (error) {
    if (!isJournalError(error)) throw error;
    const { seq, file, line, byte } = error;
    difference = { seq, actor: null, reason: error.message, file, line, byte };
    return result(0);
  }
}

const wentBack = ({ seq, actor }: JournalRecord): FirstDifference => ({
  seq,
  actor,
  reason: 'The time of this line is before that of the line above it',
});
