import { Book } from '../../model/book.ts';
import { contactsOf, recordFits } from '../../server/queries.ts';
import type { JournalRecord, Source } from './types.ts';
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

/** A journal file that somebody dropped on the page: nothing leaves the browser. */
export async function openFile(file: File): Promise<Source> {
  let records: JournalRecord[];
  try {
    records = parse(await textOf(file));
  } catch {
    throw new Error(`${file.name} is not a journal.`);
  }
  const first = records[0]?.seq ?? 0;
  const last = records.at(-1);
  const bookAt = (until: number | null): Book => {
    const book = new Book();
    for (const record of records) {
      if (until !== null && record.seq > until) break;
      book.apply(record);
    }
    return book;
  };
  return {
    name: file.name,
    overview: (until) =>
      Promise.resolve({
        ...bookAt(until).page(),
        firstSeq: first,
        lastSeq: last?.seq ?? 0,
        lastAt: last?.at ?? 0,
        time: null,
        canCommand: false,
        problem: null,
        isReading: false,
        goal: last?.seq ?? 0,
      }),
    contacts: ({ status = null, reason = null, offset }, until) =>
      Promise.resolve(
        contactsOf(bookAt(until).model, { status, reason, campaign: null, offset, limit: 100 }),
      ),
    records: ({ actor = null, call = null, failed = false, before, limit = 100 }, until) => {
      const end = before ?? (until ?? Infinity) + 1;
      const fitting = records.filter(
        (record) => record.seq < end && recordFits(record, { actor, call, isFailed: failed }),
      );
      const page = fitting.slice(-limit);
      const isAll = page.length === fitting.length;
      return Promise.resolve({ records: page, before: isAll ? first : (page[0]?.seq ?? first) });
    },
    follow: () => () => {},
    command: () => Promise.reject(new Error('A file can only be looked at.')),
  };
}
