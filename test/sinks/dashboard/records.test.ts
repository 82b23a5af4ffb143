import { expect, onTestFinished, test, vi } from 'vitest';
import { Model } from '../../../sinks/dashboard/model/model.ts';
import { recordsOfCall } from '../../../sinks/dashboard/page/src/call-records.ts';
import { openFile } from '../../../sinks/dashboard/page/src/file.ts';
import type { RecordQuery } from '../../../sinks/dashboard/page/src/types.ts';
import { JournalSource } from '../../../sinks/dashboard/server/journal-source.ts';
import { findRecords } from '../../../sinks/dashboard/server/records.ts';
import { Journal } from '../../../store/journal.ts';
import { listSegments } from '../../../store/segments.ts';
import fs from 'node:fs';
import { anyLine, START, tempDir, writtenJournal } from '../../store/support.ts';
import { golden, journalFolder, openDashboard } from './support.ts';

const all = { before: Infinity, after: 0, limit: 500 };
const ofCall = (call: string) => ({ actor: null, call, isFailed: false });

test('a call is found however far back it is, without looking through what came since', async () => {
  const source = new JournalSource(writtenJournal(5_000));
  onTestFinished(() => source.close());
  await source.open();
  const looks = vi.spyOn(source, 'after');
  const { records, before } = await findRecords(source, ofCall('call:0007'), all);
  expect([records.map(({ seq }) => seq), before]).toEqual([[7], 0]);
  expect(looks).toHaveBeenCalledTimes(1);
  expect(await findRecords(source, ofCall('call:9999'), all)).toEqual({ records: [], before: 0 });
  expect(looks).toHaveBeenCalledTimes(1);
});

test('what others say about a call belongs to where its records are', () => {
  const model = new Model();
  for (const record of golden('recovery')) model.apply(record);
  const [breaker] = golden('recovery').filter(({ machine }) => machine === 'breaker');
  if (!breaker) throw new Error('no breaker');
  const first = golden('recovery').find(({ actor }) => actor === 'call:0001')?.seq;
  model.apply({ ...breaker, corr: 'call:0001', seq: 999 });
  expect(model.calls.get('0001')).toMatchObject({ firstSeq: first, seq: 999 });
});

/** A journal in which one call has so many records. */
function longCall(count: number): string {
  const dir = tempDir();
  const journal = Journal.open(dir);
  const own = { actor: 'call:0001', corr: 'call:0001' };
  for (let n = 1; n <= count; n++) journal.append(anyLine(n, own), START + n);
  journal.close();
  return dir;
}

test('a call of many records is shown whole, and only what is new is asked for again', async () => {
  const [file = ''] = listSegments(longCall(1_200));
  const source = await openFile(new File([fs.readFileSync(file)], 'mine.jsonl'));
  const asked: RecordQuery[] = [];
  const watched = {
    ...source,
    records: (query: RecordQuery, until: number | null) => {
      asked.push(query);
      return source.records(query, until);
    },
  };
  const seqs = async (until: number | null) =>
    (await recordsOfCall(watched, 'call:0001', until)).map(({ seq }) => seq);
  const whole = Array.from({ length: 1_200 }, (_, index) => index + 1);
  expect(await seqs(null)).toEqual(whole);
  expect(asked).toHaveLength(3);
  expect(await seqs(null)).toEqual(whole);
  expect(asked.at(-1)).toMatchObject({ after: 1_200 });
  expect(await seqs(700)).toEqual(whole.slice(0, 700));
});

test('no record is newer than the moment that is looked at, from the program and from a file', async () => {
  const { dir, file } = journalFolder('recovery');
  const { json } = await openDashboard(dir);
  const source = await openFile(new File([fs.readFileSync(file)], 'mine.jsonl'));
  const last = (records: unknown): number | undefined => (records as { seq: number }[]).at(-1)?.seq;
  for (const [query, newest] of [
    ['until=20', 20],
    ['until=20&before=76', 20],
    ['until=76&before=20', 19],
  ] as const) {
    const given = new URLSearchParams(query);
    const until = Number(given.get('until'));
    const before = given.has('before') ? { before: Number(given.get('before')) } : {};
    expect(last((await json(`/api/records?${query}`))['records']), query).toBe(newest);
    expect(last((await source.records(before, until)).records), query).toBe(newest);
  }
});
