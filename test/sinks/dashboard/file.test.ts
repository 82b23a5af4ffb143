import { expect, test } from 'vitest';
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
