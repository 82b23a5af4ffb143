import { expect, test, vi } from 'vitest';
import { Book } from '../../../sinks/dashboard/model/book.ts';
import { openFile } from '../../../sinks/dashboard/page/src/file.ts';
import { golden } from './support.ts';

const HEADER = '{"format":"ai-call-agent/journal","version":1,"first":1,"previous":"00000000"}';

const fileFrom = (seq: number): File => {
  const lines = golden('recovery').filter((record) => record.seq >= seq);
  const text = [HEADER, ...lines.map((line) => JSON.stringify(line)), ''].join('\n');
  return new File([text], 'mine.jsonl');
};

test('a chosen file answers as the program does: an empty search field filters nothing', async () => {
  const source = await openFile(fileFrom(1));
  const everything = { status: '', reason: '', campaign: '', offset: 0 };
  expect((await source.contacts(everything, null)).total).toBe(6);
  expect((await source.contacts({ ...everything, campaign: 'six' }, null)).total).toBe(6);
  expect((await source.contacts({ ...everything, campaign: 'other' }, null)).total).toBe(0);
  const { records } = await source.records({ actor: '', call: '' }, null);
  expect(records.at(-1)?.seq).toBe(golden('recovery').length);
});

test('a moment before its first record is refused, not shown as an empty world', async () => {
  const source = await openFile(fileFrom(50));
  await expect(source.overview(49)).rejects.toThrow(/before seq 50 does not stand in this file/);
  expect((await source.overview(50)).seq).toBe(50);
});

test('a step of the slider folds the records near it, not the whole file, and says the same', async () => {
  const [first] = golden('recovery');
  if (!first) throw new Error('no record');
  const lines = Array.from({ length: 30_000 }, (_, n) => JSON.stringify({ ...first, seq: n + 1 }));
  const source = await openFile(new File([[HEADER, ...lines].join('\n')], 'mine.jsonl'));
  const folded = vi.spyOn(Book.prototype, 'apply');
  expect((await source.overview(25_000)).seq).toBe(25_000);
  expect(folded.mock.calls.length).toBeLessThanOrEqual(10_000);
  folded.mockClear();
  expect((await source.overview(24_999)).seq).toBe(24_999);
  expect(folded.mock.calls.length).toBeLessThanOrEqual(500);
  expect((await source.overview(null)).seq).toBe(30_000);
  folded.mockRestore();
});
