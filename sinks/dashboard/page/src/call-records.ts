import type { JournalRecord, Source } from './types.ts';

/** As many as the program gives at once. */
const PAGE = 500;

let seen: {
  readonly source: Source;
  readonly call: string;
  readonly records: readonly JournalRecord[];
} | null = null;

/**
 * Every record of a call, page by page from its last to its first, oldest first. Of the present
 * only what is new is asked for again.
 */
export async function recordsOfCall(
  source: Source,
  call: string,
  until: number | null,
): Promise<readonly JournalRecord[]> {
  const isKnown = until === null && seen?.source === source && seen.call === call;
  const known = isKnown && seen ? seen.records : [];
  const after = known.at(-1)?.seq;
  const pages = [known];
  for (let before: number | null = null; before !== 0;) {
    const page = await source.records(
      {
        call,
        limit: PAGE,
        ...(before !== null && { before }),
        ...(after !== undefined && { after }),
      },
      until,
    );
    pages.splice(1, 0, page.records);
    before = page.before;
  }
  const records = pages.flat();
  if (until === null) seen = { source, call, records };
  return records;
}
