import { Book } from '../../model/book.ts';
import { Checkpoints } from '../../server/checkpoints.ts';
import { contactsOf, notInFile, recordFits } from '../../server/queries.ts';
import type { JournalRecord, Overview, RecordPage, RecordQuery, Source } from './types.ts';
import { textOf } from './unpack.ts';

/** The records of a journal file's text; a torn last line is left out. */
function parse(text: string): JournalRecord[] {
  const lines = text.split('\n');
  const header = JSON.parse(lines[0] || 'null') as { format?: string } | null;
  if (header?.format !== 'ai-call-agent/journal') throw new Error('This file is not a journal.');
  return lines.slice(1).flatMap((line) => {
    try {
      const record = JSON.parse(line) as JournalRecord;
      return typeof record.seq === 'number' ? [record] : [];
    } catch {
      return [];
    }
  });
}

/** A journal file that somebody chose: nothing leaves the browser. */
export async function openFile(file: File): Promise<Source> {
  let records: JournalRecord[];
  try {
    records = parse(await textOf(file));
  } catch {
    throw new Error(`${file.name} is not a journal.`);
  }
  return sourceOf(file.name, records);
}

/** What stands in an empty search field filters nothing. */
const given = (text = ''): string | null => text || null;

/** So far before a moment that is looked at the state is kept: people go on from there. */
const NEAR = 500;

/** How things stood at each moment: folded as a whole once, then from the nearest state before. */
function booksOf(records: readonly JournalRecord[]): (until: number) => Book {
  const checkpoints = new Checkpoints();
  const present = new Book();
  for (const record of records) {
    present.apply(record);
    checkpoints.note(present);
  }
  return (until) => {
    if (until >= present.model.seq) return present;
    const book = checkpoints.bookBefore(until);
    const from = records.findIndex(({ seq }) => seq > book.model.seq);
    for (const record of records.slice(from)) {
      if (record.seq > until) break;
      book.apply(record);
      if (record.seq === until - NEAR) checkpoints.keepNear(book);
    }
    return book;
  };
}

function pageOf(
  records: readonly JournalRecord[],
  { actor, call, failed = false, before = Infinity, after = 0, limit = 100 }: RecordQuery,
  until: number | null,
): RecordPage {
  const end = Math.min(before, (until ?? Infinity) + 1);
  const filter = { actor: given(actor), call: given(call), isFailed: failed };
  const fitting = records.filter(
    (record) => record.seq > after && record.seq < end && recordFits(record, filter),
  );
  const page = fitting.slice(-limit);
  const isAll = page.length === fitting.length;
  return { records: page, before: isAll ? 0 : (page[0]?.seq ?? 0) };
}

function sourceOf(name: string, records: readonly JournalRecord[]): Source {
  const first = records[0]?.seq ?? 0;
  const last = records.at(-1);
  const books = booksOf(records);
  const bookAt = async (until: number | null): Promise<Book> => {
    if (until !== null && until < first) throw new Error(notInFile(first));
    return books(until ?? Infinity);
  };
  const overview = async (until: number | null): Promise<Overview> => ({
    ...(await bookAt(until)).page(),
    firstSeq: first,
    lastSeq: last?.seq ?? 0,
    lastAt: last?.at ?? 0,
    time: null,
    canCommand: false,
    problem: null,
    isReading: false,
    goal: last?.seq ?? 0,
  });
  return {
    name,
    overview,
    contacts: async ({ status, reason, campaign, offset }, until) => {
      const filter = {
        status: given(status),
        reason: given(reason),
        campaign: given(campaign),
      };
      return contactsOf((await bookAt(until)).model, { ...filter, offset, limit: 100 });
    },
    records: (query, until) => Promise.resolve(pageOf(records, query, until)),
    follow: () => () => {},
    command: () => Promise.reject(new Error('A file can only be looked at.')),
  };
}
