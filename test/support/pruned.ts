import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { readFolder, readReports } from '../../actors/reading.ts';
import { pruneJournal, type PruneOptions, type PruneReport } from '../../store/prune.ts';
import { realFileSystem, type FileSystem } from '../../store/file-system.ts';
import { replayJournal } from '../../store/replay.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder } from './agent.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { TestChannel } from './test-channel.ts';
import { always } from './campaigns.ts';
import { asJson, recovered } from './snapshots.ts';
import { EPOCH, startVirtualAgent } from './virtual-agent.ts';
import { folder } from './lives.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days later than any line. */
export const LATER = EPOCH + 20 * DAY_MS;

export const listIn = (dir: string, name: string): string => path.join(dir, `${name}.csv`);

function writeList(dir: string, name: string, first: number, people: number): string {
  const row = (index: number): string => `Person ${first + index},+141555501${first + index}`;
  const rows = Array.from({ length: people }, (_, index) => row(index));
  fs.writeFileSync(listIn(dir, name), `name,phone\n${rows.join('\n')}\n`);
  return listIn(dir, name);
}

interface Life {
  readonly name: string;
  /** On its list. */
  readonly people: number;
  /** Ends with its first call, not with its list. @default false */
  readonly isLeft?: boolean;
  readonly isDown?: boolean;
}

async function live(dir: string, startAt: number, index: number, life: Life): Promise<void> {
  const { name, people, isLeft = false, isDown = false } = life;
  const list = writeList(dir, name, 10 + index * 10, people);
  const v = await startVirtualAgent({
    simulateAll: true,
    dataDir: dir,
    startAt: startAt + index * HOUR_MS,
    channels: [new TestChannel()],
    onUnheard: () => {},
    healthChecks: true,
    world: { latencyMs: 0, plans: isDown ? { ElevenLabs: always({ status: 503 }, 14) } : {} },
  });
  if (index > 0) v.agent.journal.beginFile();
  if (isDown) {
    const quiet = { match: ['CRM'], durationMs: 30 * DAY_MS, by: 'test' };
    v.agent.command({ type: 'alerts.silence', ...quiet });
  }
  let isOver = false;
  v.agent.journal.on('record', ({ machine, done }) => {
    isOver ||= machine === 'call' && done === true;
  });
  const campaign = await v.agent.campaigns.open(list, { concurrency: 1 });
  if (isLeft) await v.clock.runUntil(() => isOver, { withinMs: HOUR_MS });
  else await v.drive(v.agent.campaigns.ended(campaign, { wait: true }));
  await v.clock.advance(isLeft ? 0 : 60_000);
  await v.agent.stop();
}

/**
 * Three lives, each of which begins a file of the journal: two campaigns come to their end, the
 * second through an outage that opens a breaker and is told of; the third is left in the middle.
 * @returns the folder, to be removed when the tests have ended
 */
export async function threeLives(startAt = EPOCH): Promise<string> {
  const dir = folder();
  await live(dir, startAt, 0, { name: 'spring', people: 2 });
  await live(dir, startAt, 1, { name: 'summer', people: 5, isDown: true });
  await live(dir, startAt, 2, { name: 'autumn', people: 3, isLeft: true });
  return dir;
}

/** The next start finishes what was left, and is given every list again; in a file of its own. */
export async function liveOn(dir: string, startAt = LATER): Promise<void> {
  const v = await startVirtualAgent({
    simulateAll: true,
    dataDir: dir,
    startAt,
    healthChecks: true,
    world: { latencyMs: 0 },
  });
  v.agent.journal.beginFile();
  for (const name of ['spring', 'summer', 'autumn']) {
    const campaign = await v.agent.campaigns.open(listIn(dir, name), { concurrency: 1 });
    let isOver = false;
    const end = v.agent.campaigns.ended(campaign).then(() => (isOver = true));
    await v.clock.runUntil(() => isOver, { withinMs: DAY_MS });
    await end;
  }
  await v.agent.stop();
}

export function prune(
  dir: string,
  options: Partial<PruneOptions> = {},
  disk: FileSystem = realFileSystem,
): PruneReport {
  return pruneJournal({
    dir,
    disk,
    logic: machines,
    now: LATER,
    maxAgeMs: 3 * DAY_MS,
    maxBytes: null,
    ...options,
  });
}

/** All that a start, and every reader, knows of a folder. */
export function knownOf(dir: string) {
  const journal = path.join(dir, 'journal');
  const { roots, ledger, alerts, lines } = recovered(journal, null);
  const { book, outbox, situation } = alerts as { [part: string]: unknown };
  const { seq, at, actors } = replayJournal(journal);
  return asJson({
    alerts: { book, outbox, situation },
    roots,
    ledger,
    lines,
    seq,
    at,
    actors,
    reports: readReports(readFolder(dir), false),
    verified: verifyJournal(journal, machines).ok,
  });
}

/** Numbers that the provider was asked to ring, over all lives. */
export function rung(dir: string): string[] {
  const file = path.join(dir, 'contacts', 'simulated-providers.log');
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const { call } = JSON.parse(line) as { call?: { to: string } };
    return call ? [call.to] : [];
  });
}

/** Nobody is rung again, whoever was left is rung, and the journal verifies. */
export async function expectToGoOn(dir: string, startAt?: number): Promise<void> {
  await liveOn(dir, startAt);
  const calls = rung(dir);
  expect(new Set(calls).size).toBe(7);
  expect(calls).toHaveLength(7);
  expect(verifyJournal(path.join(dir, 'journal'), machines)).toMatchObject({
    ok: true,
    firstDifference: null,
  });
  const { reports } = knownOf(dir);
  expect(reports.map(({ contacts }) => contacts.completed)).toEqual([2, 2, 3]);
}

const DIR = '/journal';

/** The journal of a folder on a disk in memory. */
export function diskOf(dir: string): FaultyDisk {
  const disk = new FaultyDisk();
  const journal = path.join(dir, 'journal');
  for (const name of fs.readdirSync(journal)) {
    const fd = disk.open(path.join(DIR, name), 'create');
    const bytes = fs.readFileSync(path.join(journal, name));
    disk.write(fd, bytes, 0, bytes.length, null);
    disk.syncNow(fd);
    disk.close(fd);
  }
  disk.syncFolder(DIR);
  disk.operations = 0;
  return disk;
}

export const filesOn = (disk: FileSystem): string[] =>
  disk
    .list(DIR)
    .filter((name) => !name.startsWith('.'))
    .toSorted();

/** Which files there are, and how long. */
export const contentOf = (disk: FileSystem): string =>
  filesOn(disk)
    .map((name) => {
      const fd = disk.open(path.join(DIR, name), 'read');
      const size = disk.size(fd);
      disk.close(fd);
      return `${name} ${size}`;
    })
    .join('\n');

/** The same folder with the journal of a disk in memory. */
export function folderFrom(dir: string, disk: FaultyDisk): string {
  const copy = dataFolder();
  fs.cpSync(dir, copy, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  const journal = path.join(copy, 'journal');
  fs.rmSync(journal, { recursive: true });
  fs.mkdirSync(journal);
  for (const name of disk.list(DIR)) {
    const fd = disk.open(path.join(DIR, name), 'read');
    const bytes = Buffer.alloc(disk.size(fd));
    disk.read(fd, bytes, 0, bytes.length, 0);
    disk.close(fd);
    fs.writeFileSync(path.join(journal, name), bytes);
  }
  return copy;
}

export const pruneOn = (disk: FaultyDisk): PruneReport => prune(DIR, {}, disk);
