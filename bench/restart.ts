/**
 * How soon does an agent that was killed call again? Makes the journal of a campaign of a million
 * records (`restart-journal.ts`) and starts on it in processes of their own: with a snapshot as old
 * as one can be, and without. Beside that, in one run: how fast the live actors are found, against
 * splitting and parsing the same lines. Prints ratios; needs a gigabyte of disk.
 *
 * Usage: node bench/restart.ts [RECORDS]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AICallAgent } from '../index.ts';
import type { Sink } from '../sinks/sink.ts';
import { LiveRoots } from '../store/live-roots.ts';
import { isRoot, type JournalRecord } from '../store/record.ts';
import { listSegments, readJournal } from '../store/segments.ts';
import { makeJournal, optionsOf } from './restart-journal.ts';

const FILE = fileURLToPath(import.meta.url);
const ROUNDS = 5;
const STARTS = 3;

/** Milliseconds since the process began, by the wall clock; and of processor time, all threads. */
interface Started {
  readonly callMs: number;
  readonly dialMs: number;
  readonly dialCpuMs: number;
  readonly maxRssMb: number;
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** As a person resumes it; ends with the first dial that goes out. */
async function start(dir: string): Promise<void> {
  const world = { latencyMs: 0, memoryFile: path.join(dir, `other-providers-${process.pid}.log`) };
  let callMs = 0;
  const watch = ({ actor, machine, from }: JournalRecord): void => {
    if (from !== null) return;
    if (machine === 'call') callMs ||= performance.now();
    if (!actor.endsWith('/dial')) return;
    const maxRssMb = process.resourceUsage().maxRSS / 1024;
    const figures: Started = { callMs, dialMs: performance.now(), dialCpuMs: cpuMs(), maxRssMb };
    fs.writeSync(1, JSON.stringify(figures));
    process.kill(process.pid, 'SIGKILL');
  };
  const sinks = (): Sink[] => [{ name: 'watch', take: watch }];
  const agent = await AICallAgent.start({
    ...optionsOf(dir),
    goesOnWith: { campaign: null },
    world,
    sinks,
  });
  agent.campaigns.reopen(null, 'bench');
}

async function started(dir: string): Promise<Started> {
  const child = spawn(process.execPath, [FILE, 'start', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // As the command does it.
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(dir, 'compiled') },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child, 'close');
  return JSON.parse(text) as Started;
}

/** The journal, its snapshots and what its readers have told, as they are now, to be put back. */
function remember(data: string): (hasSnapshots: boolean) => void {
  const [journal, snapshots] = [path.join(data, 'journal'), path.join(data, 'snapshots')];
  const files = listSegments(journal);
  const sizes = new Map(files.map((file) => [file, fs.statSync(file).size]));
  const cursors = path.join(data, 'cursors');
  const notes = [journal, data]
    .map((dir) => path.join(dir, '.writer'))
    .filter((file) => fs.existsSync(file));
  const texts = notes.map((file) => fs.readFileSync(file));
  fs.cpSync(snapshots, `${snapshots}-kept`, { recursive: true });
  fs.cpSync(cursors, `${cursors}-kept`, { recursive: true });
  return (hasSnapshots) => {
    fs.cpSync(`${cursors}-kept`, cursors, { recursive: true });
    for (const file of listSegments(journal)) {
      const size = sizes.get(file);
      if (size === undefined) fs.rmSync(file);
      else if (fs.statSync(file).size > size) fs.truncateSync(file, size);
    }
    for (const [index, file] of notes.entries()) fs.writeFileSync(file, texts[index] ?? '');
    fs.rmSync(snapshots, { recursive: true, force: true });
    if (hasSnapshots) fs.cpSync(`${snapshots}-kept`, snapshots, { recursive: true });
  };
}

/** What Node can do at best with these files: whole lines out of each, and each line parsed. */
function splitAndParse(files: readonly string[]): number {
  let lines = 0;
  for (const file of files) {
    const fd = fs.openSync(file, 'r');
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(1 << 20);
      const read = fs.readSync(fd, chunk, 0, chunk.length, null);
      if (read === 0) break;
      const data = Buffer.concat([rest, chunk.subarray(0, read)]);
      let begin = 0;
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, begin)) {
        JSON.parse(data.toString('utf8', begin, end));
        lines++;
        begin = end + 1;
      }
      rest = data.subarray(begin);
    }
    fs.closeSync(fd);
  }
  return lines;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Of this process alone, so that a busy machine does not count. */
function took(work: () => void): number {
  const before = cpuMs();
  work();
  return cpuMs() - before;
}

function findLive(journalDir: string): void {
  const live = new LiveRoots();
  readJournal(journalDir, (record) => live.apply(record), { isWanted: isRoot });
  if (live.size === 0) throw new Error('nobody is alive');
}

function tellSizes(data: string): void {
  const files = listSegments(path.join(data, 'journal'));
  const { seq } = readJournal(path.join(data, 'journal'));
  const name = fs.readdirSync(path.join(data, 'snapshots')).toSorted().at(-1) ?? '';
  const megabytes = (file: string): number => fs.statSync(file).size / 2 ** 20;
  const journalMb = files.reduce((sum, file) => sum + megabytes(file), 0);
  const snapshotMb = megabytes(path.join(data, 'snapshots', name));
  console.log(`${seq} records, ${journalMb.toFixed(0)} MB`);
  console.log(
    `newest snapshot: ${snapshotMb.toFixed(1)} MB, ${seq - Number.parseInt(name, 10)} records before the end`,
  );
}

function compareRates(journalDir: string): void {
  const files = listSegments(journalDir);
  const [plain, found, all]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(took(() => void splitAndParse(files)));
    found.push(took(() => findLive(journalDir)));
    all.push(took(() => void readJournal(journalDir, () => true)));
  }
  const ratio = (to: readonly number[]): string => (median(plain) / median(to)).toFixed(2);
  console.log(`splitting and parsing: ${median(plain).toFixed(0)} ms`);
  console.log(
    `finding the live actors: ${median(found).toFixed(0)} ms, rate ${ratio(found)} of it`,
  );
  console.log(`reading every record: ${median(all).toFixed(0)} ms, rate ${ratio(all)} of it`);
}

async function compareStarts(dir: string): Promise<void> {
  const putBack = remember(path.join(dir, 'data'));
  // The first one fills the cache of what Node compiles.
  await started(dir);
  for (const hasSnapshots of [true, false]) {
    const all: Started[] = [];
    for (let round = 0; round < STARTS; round++) {
      putBack(hasSnapshots);
      all.push(await started(dir));
    }
    const of = (key: keyof Started): string => median(all.map((one) => one[key])).toFixed(0);
    console.log(
      `start ${hasSnapshots ? 'with a' : 'without'} snapshot: first call after ${of('callMs')} ms, first dial ` +
        `after ${of('dialMs')} ms (${of('dialCpuMs')} ms of processor time), ${of('maxRssMb')} MB`,
    );
  }
}

async function main(records: number): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-restart-'));
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  await makeJournal(dir, records);
  tellSizes(path.join(dir, 'data'));
  compareRates(path.join(dir, 'data', 'journal'));
  await compareStarts(dir);
}

const [mode = '1000000', dir = ''] = process.argv.slice(2);
if (mode === 'start') await start(dir);
else await main(Number(mode));
