/**
 * Does a contact cost more in a longer list? Calls 500 contacts, one campaign each time, in
 * virtual time against simulated services: of a list of 500 rows; at the end of one of 100,000;
 * and the first 500 of 10,000 that were put back until their own morning. Prints ratios.
 *
 * Usage: node bench/long-list.ts
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readFolder, readReports } from '../actors/reading.ts';
import { AICallAgent } from '../index.ts';
import { VirtualTime } from '../scenarios/virtual.ts';

const CALLED = 500;
const ROUNDS = 3;
/** Day in Berlin, night in Tokyo. */
const NOON = Date.parse('2026-09-21T12:00:00Z');
const AREA_CODES = ['415', '212', '310', '646', '718', '503', '206', '617'];

interface List {
  readonly title: string;
  /** Rows ahead of them: people who are not called at all, or not at this hour. */
  readonly ahead: number;
  readonly row: string;
  /** Those ahead are waited for, and called. */
  readonly isLater?: true;
}

const lists: readonly List[] = [
  { title: 'of a list of 500', ahead: 0, row: '' },
  { title: 'at the end of a list of 100,000', ahead: 99_500, row: 'yes,Europe/Berlin' },
  { title: 'of 10,000 put back', ahead: 10_000, row: ',Asia/Tokyo', isLater: true },
];

function writeList(file: string, { ahead, row, isLater }: List): void {
  const fd = fs.openSync(file, 'w');
  fs.writeSync(fd, 'name,phone,do_not_call,timezone\n');
  for (let n = 0; n < ahead + (isLater ? 0 : CALLED); n++) {
    const [exchange, line] = [200 + (Math.floor(n / 8) % 800), Math.floor(n / 6_400)];
    const phone = `+1${AREA_CODES[n % 8]}${exchange}${String(line).padStart(4, '0')}`;
    fs.writeSync(fd, `Person ${n},${phone},${n < ahead ? row : ',Europe/Berlin'}\n`);
  }
  fs.closeSync(fd);
}

interface Figures {
  /** Milliseconds of processor time for a contact that is called, journal and all. */
  readonly perContactMs: number;
  readonly firstCallMs: number;
  readonly statusMs: number;
}

/** Of this process alone, so that a busy machine does not count. */
const cpuMs = (): number => process.cpuUsage().user / 1_000;

async function measure(list: List): Promise<Figures> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-'));
  const file = path.join(dir, 'list.csv');
  writeList(file, list);
  const env = { LOG_FILE_PATH: path.join(dir, 'log.json'), CALL_WINDOW: '8-21' };
  const time = new VirtualTime(NOON);
  const start = cpuMs();
  const world = { latencyMs: 0 };
  const options = { dataDir: dir, env, simulateAll: true, healthChecks: false, world };
  const agent = await AICallAgent.start(time.options(options));
  let [firstAt, lastAt, ended] = [0, 0, 0];
  let campaign = '';
  agent.journal.on('record', ({ machine, from, done }) => {
    if (machine !== 'call' || ended === CALLED) return;
    if (from === null) firstAt ||= cpuMs();
    if (!done || ++ended < CALLED) return;
    lastAt = cpuMs();
    if (list.isLater) queueMicrotask(() => agent.campaigns.stop(campaign, 'bench'));
  });
  const drive = time.driverOf(agent);
  campaign = await agent.campaigns.open(file, { concurrency: 4 });
  await drive(agent.campaigns.ended(campaign, { wait: list.isLater === true }));
  await agent.stop();
  const reading = cpuMs();
  const [report] = readReports(readFolder(dir), false);
  const statusMs = cpuMs() - reading;
  if (ended < CALLED || report?.contacts.failed !== 0) {
    throw new Error(`${CALLED} contacts should be completed: ${JSON.stringify(report?.contacts)}`);
  }
  fs.rmSync(dir, { recursive: true });
  return { perContactMs: (lastAt - firstAt) / CALLED, firstCallMs: firstAt - start, statusMs };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const figures = new Map<List, Figures[]>(lists.map((list) => [list, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [list, measured] of figures) measured.push(await measure(list));
}
const [base = Number.NaN, ...others] = lists.map((list) => {
  const measured = figures.get(list) ?? [];
  const of = (key: keyof Figures): number => median(measured.map((it) => it[key]));
  console.log(
    `a contact ${list.title}: ${of('perContactMs').toFixed(2)} ms; ` +
      `first call after ${(of('firstCallMs') / 1000).toFixed(1)} s, status in ${(of('statusMs') / 1000).toFixed(1)} s`,
  );
  return of('perContactMs');
});
console.log(`ratio to the list of 500: ${others.map((it) => (it / base).toFixed(2)).join(', ')}`);
