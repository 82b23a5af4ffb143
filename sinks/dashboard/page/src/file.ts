import { Book } from '../../model/book.ts';
import { contactsOf, notInFile, recordFits } from '../../server/queries.ts';
import type { JournalRecord, Overview, Source } from './types.ts';
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

function sourceOf(name: string, records: readonly JournalRecord[]): Source {
  const first = records[0]?.seq ?? 0;
  const last = records.at(-1);
  const bookAt = async (until: number | null): Promise<Book> => {
    if (until !== null && until < first) throw new Error(notInFile(first));
    const book = new Book();
    for (const record of records) {
      if (until !== null && record.seq > until) break;
      book.apply(record);
    }
    return book;
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
    records: ({ actor, call, failed = false, before, limit = 100 }, until) => {
      const end = before ?? (until ?? Infinity) + 1;
      const filter = { actor: given(actor), call: given(call), isFailed: failed };
      const fitting = records.filter((record) => record.seq < end && recordFits(record, filter));
      const page = fitting.slice(-limit);
      const isAll = page.length === fitting.length;
      return Promise.resolve({ records: page, before: isAll ? first : (page[0]?.seq ?? first) });
    },
    follow: () => () => {},
    command: () => Promise.reject(new Error('A file can only be looked at.')),
  };
}
