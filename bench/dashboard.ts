/**
 * The dashboard over a journal of a million records: how long it reads, how long a page takes after
 * that, and what stepping back costs against folding everything.
 *
 * Usage: node bench/dashboard.ts [RECORDS]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Book } from '../sinks/dashboard/model/book.ts';
import { JournalSource } from '../sinks/dashboard/server/journal-source.ts';
import { startDashboard } from '../sinks/dashboard/server/server.ts';
import { Journal } from '../store/journal.ts';
import type { JournalRecord } from '../store/record.ts';

const RECORDS = Number(process.argv[2] ?? 1_000_000);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-dashboard-'));
const golden = fs
  .readFileSync(new URL('../test/golden/recovery.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => JSON.parse(line) as JournalRecord);

/** One played campaign over and over, each time with contacts of its own. */
function write(): void {
  const journal = Journal.open(dir);
  const lastAt = golden.at(-1)?.at ?? 0;
  const span = lastAt - (golden[0]?.at ?? 0) + 1_000;
  for (let seq = 0; seq < RECORDS; seq++) {
    const round = Math.floor(seq / golden.length);
    const text = JSON.stringify(golden[seq % golden.length])
      .replaceAll(/call:(\d{4})/g, `call:${round}-$1`)
      .replaceAll(/"contact":"(\d{4})"/g, `"contact":"${round}-$1"`);
    const { v: _v, seq: _seq, crc: _crc, at, ...line } = JSON.parse(text) as JournalRecord;
    journal.append(line, at + round * span);
  }
  journal.close();
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const say = (what: string, ms: number): void =>
  console.log(`${what.padEnd(34)}${ms.toFixed(0)} ms`);

write();
const stage = {
  command: null,
  time: () => Promise.resolve(null),
  campaigns: () => Promise.resolve([]),
  isHealthy: () => true,
};
const dashboard = await startDashboard({ place: dir, port: 0, stage });
say('reading all records', await took(() => dashboard.ready));
const get = async (address: string): Promise<void> =>
  void (await (await fetch(new URL(address, dashboard.url))).text());
say('page and overview', await took(() => Promise.all([get('/'), get('/api/overview')])));
const source = new JournalSource(dir);
await source.open();
const folded = await took(async () => {
  const book = new Book();
  for (const record of source.after(0)) book.apply(record);
});
say('folding everything again', folded);
const first = await took(() => source.momentAt(RECORDS - 1));
say('one record back, the first time', first);
const next = await took(() => source.momentAt(RECORDS - 2));
say('and one more', next);
console.log(`ratio: ${(next / folded).toFixed(3)}`);
source.close();
await dashboard.close();
fs.rmSync(dir, { recursive: true, force: true });
