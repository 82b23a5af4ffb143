/**
 * The dashboard over a journal of a million records: when the first page is there, without and with
 * a kept state, how long reading takes against parsing alone, and what looking back costs.
 *
 * Usage: node bench/dashboard.ts [RECORDS]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { JournalSource } from '../sinks/dashboard/server/journal-source.ts';
import type { Overview } from '../sinks/dashboard/model/overview.ts';
import { startDashboard, type Dashboard } from '../sinks/dashboard/server/server.ts';
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

/** What reading can't be faster than: the files cut into lines, and each line parsed. */
function splitAndParse(): void {
  for (const name of fs.readdirSync(dir).filter((one) => one.endsWith('.jsonl'))) {
    const bytes = fs.readFileSync(path.join(dir, name));
    for (let start = 0, end = 0; (end = bytes.indexOf(10, start)) >= 0; start = end + 1) {
      JSON.parse(bytes.toString('utf8', start, end));
    }
  }
}

const stage = {
  command: null,
  time: () => Promise.resolve(null),
  campaigns: () => Promise.resolve([]),
  channels: null,
};
const keepIn = path.join(dir, 'kept');
const open = () => startDashboard({ place: dir, port: 0, stage, keepIn });

/** The page, its script and style, and the overview, as a browser asks for them. */
async function look({ url }: Dashboard): Promise<Overview> {
  const get = async (address: string): Promise<string> =>
    (await fetch(new URL(address, url))).text();
  const page = await get('/');
  const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, part = '']) => part);
  const [overview = ''] = await Promise.all(['/api/overview', ...parts].map(get));
  return JSON.parse(overview) as Overview;
}

async function firstLook(): Promise<{ readonly dashboard: Dashboard; readonly seen: Overview }> {
  const dashboard = await open();
  return { dashboard, seen: await look(dashboard) };
}

write();
const parsed = await took(() => Promise.resolve(splitAndParse()));
say('splitting and parsing alone', parsed);

let shown = await firstLook();
await shown.dashboard.close();
const cold = await took(async () => void (shown = await firstLook()));
say(`nothing kept: page, at record ${shown.seen.lastSeq}`, cold);
const read = await took(() => shown.dashboard.ready);
say('and all records read', read);
console.log(`reading and folding: ${(read / parsed).toFixed(2)} of splitting and parsing`);
await shown.dashboard.close();

const warm = await took(async () => void (shown = await firstLook()));
say(`kept: page, at record ${shown.seen.lastSeq}`, warm);
await shown.dashboard.close();

const source = new JournalSource(dir, { keepIn });
await source.open();
for (const [what, seq] of [
  ['one record back, the first time', RECORDS - 1],
  ['and one more', RECORDS - 2],
  ['to the middle', Math.round(RECORDS / 2)],
  ['and one record back from there', Math.round(RECORDS / 2) - 1],
] as const) {
  const ms = await took(() => source.momentAt(seq));
  say(what, ms);
  console.log(`${(ms / parsed).toFixed(3)} of splitting and parsing`);
}
source.close();
fs.rmSync(dir, { recursive: true, force: true });
