import { setImmediate as nextRound } from 'node:timers/promises';
import type { JournalRecord } from '../../../store/record.ts';
import type { Calls } from '../model/calls.ts';
import { contactOf } from '../model/calls.ts';
import type { JournalSource } from './journal-source.ts';
import { recordFits, type RecordQuery } from './queries.ts';

/** Records that are looked through for one page of them, before it is given as far as it goes. */
const MOST_LOOKED_AT = 200_000;
/** Records that are looked at before others get a turn. */
const SLICE = 1_000;

export interface RecordRange {
  /** Only records before this one. */
  readonly before: number;
  /** Only records behind this one. */
  readonly after: number;
  readonly limit: number;
}

export interface FoundRecords {
  readonly records: readonly JournalRecord[];
  /** Where to look on for earlier ones; 0 when all has been seen. */
  readonly before: number;
}

/** Where a call's records are: nothing has to be looked through for one that there never was. */
function spanOf(calls: Calls, call: string | null): { first: number; last: number } {
  if (call === null) return { first: 0, last: Infinity };
  const known = calls.get(contactOf(call));
  return known ? { first: known.firstSeq, last: known.seq } : { first: 0, last: -1 };
}

/**
 * The newest records of a range that fit, oldest first.
 * @param isWanted asked between slices; what was found so far is given once it says no
 */
export async function findRecords(
  source: JournalSource,
  query: RecordQuery,
  { before, after, limit }: RecordRange,
  isWanted: () => boolean = () => true,
): Promise<FoundRecords> {
  const span = spanOf(source.book.model.calls, query.call);
  const begin = Math.max(source.first, after + 1, span.first);
  let from = Math.min(before, source.seq + 1, span.last + 1);
  const found: JournalRecord[] = [];
  for (let lookedAt = 0; from > begin && found.length < limit && lookedAt < MOST_LOOKED_AT;) {
    const to = from;
    from = Math.max(begin, to - SLICE);
    const slice: JournalRecord[] = [];
    for (const record of source.after(from - 1)) {
      if (record.seq >= to) break;
      lookedAt++;
      if (recordFits(record, query)) slice.push(record);
    }
    found.unshift(...slice);
    await nextRound();
    if (!isWanted()) break;
  }
  const isAll = from <= begin && found.length <= limit;
  const oldest = found.length > limit ? found.at(-limit)?.seq : from;
  return { records: found.slice(-limit), before: isAll ? 0 : (oldest ?? 0) };
}
