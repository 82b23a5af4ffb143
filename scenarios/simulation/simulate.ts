import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readFolder, readReports } from '../../actors/reading.ts';
import type { AICallAgent } from '../../index.ts';
import { machines } from '../../machines/registry.ts';
import { readJournal } from '../../store/segments.ts';
import { verifyJournal } from '../../store/verify.ts';
import { liveOnce, phoneOf } from './life.ts';
import { drawPlan, type Plan } from './plan.ts';
import { beginFile, pruneWeeksLater } from './pruning.ts';
import { problemsAtTheEnd, providersMemory } from './reckoning.ts';
import { problemsOfSnapshot } from './snapshots.ts';
import { Watch } from './watch.ts';

/** 2026-09-21T14:13:20Z: any fixed moment does. */
const EPOCH = 1_790_000_000_000;
/** After the planned lives; each settles who is unknown, and lets the campaign go on. */
const LAST_LIVES = 4;
const BETWEEN_MS = 60_000;
/** Where a clock was set back meanwhile. */
const LONGEST_DOWN_MS = 120_000;
/** Of so many seeds, one lives on behind a pruning: it costs three lives. */
const PRUNED_OF = 10;
/** Until breakers are closed and services well again. */
const RECOVERY_MS = 30 * 60_000;

export interface Simulated {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly records: number;
  readonly lives: number;
  /** How many were held against the journal. */
  readonly snapshots: number;
  /** Files that were removed from the journal when all was over, before one more life. */
  readonly pruned: number;
  /** SHA-256 of the journal's lines: the same for the same seed. */
  readonly journal: string;
}

/** Memory in place of a disk, where there is one: nothing here is about power cuts. */
const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

/** A whole campaign in virtual time, with all that chance has in store for it. */
export async function simulate(seed: number): Promise<Simulated> {
  const plan = drawPlan(seed);
  const folder = fs.mkdtempSync(path.join(base, 'call-agent-simulation-'));
  try {
    return await run(plan, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function run(plan: Plan, folder: string): Promise<Simulated> {
  const list = path.join(folder, 'people.csv');
  const rows = plan.outcomes.map((_, index) => `Person ${index},${phoneOf(index)}\n`);
  fs.writeFileSync(list, `name,phone\n${rows.join('')}`);
  const watch = new Watch();
  let dir = path.join(folder, 'data-life0');
  const found: string[] = [];
  let isDone = false;
  let number = 0;
  let snapshots = 0;
  let startAt = EPOCH;
  let reallyAt = EPOCH;
  for (; !isDone && number < plan.lives.length + LAST_LIVES; number++) {
    const life = plan.lives[number] ?? null;
    const end = await liveOnce({
      dir,
      list,
      plan,
      life,
      number,
      startAt,
      reallyAt,
      watch,
      onStart: life ? () => {} : settleEverybody,
    });
    ({ dir, isDone, reallyAt } = end);
    const ofSnapshot = problemsOfSnapshot(dir);
    if (ofSnapshot) snapshots++;
    found.push(...(ofSnapshot ?? []));
    const gapMs = plan.lives[number + 1]?.gapMs ?? BETWEEN_MS;
    startAt = watch.at + gapMs;
    // A clock that is set back does not undo the time in which nobody worked.
    reallyAt += gapMs < 0 ? -gapMs % LONGEST_DOWN_MS : gapMs;
  }
  let pruned = 0;
  const liveAgain = async (lingerMs: number): Promise<void> => {
    const life = { life: null, number: number++, startAt, reallyAt, watch, lingerMs };
    ({ dir, isDone, reallyAt } = await liveOnce({ dir, list, plan, ...life }));
    startAt = watch.at + BETWEEN_MS;
    reallyAt += BETWEEN_MS;
  };
  if (isDone && plan.seed % PRUNED_OF === 0) {
    await liveAgain(RECOVERY_MS);
    beginFile(dir);
    await liveAgain(0);
    pruned = pruneWeeksLater(dir, watch.at);
    await liveAgain(0);
  }
  const problems = [...watch.problems, ...found, ...finalProblems(dir, isDone, plan)];
  return { seed: plan.seed, problems, lives: number, snapshots, pruned, ...linesOf(dir) };
}

/** As a person does it who looks into the provider's own list of calls. */
function settleEverybody(agent: AICallAgent, dir: string): void {
  const { ledger, contacts } = readFolder(dir);
  const { calls } = providersMemory(dir);
  // One that was isolated by a person is released by one.
  agent.reset();
  for (const { contact, status, redials } of ledger.entries()) {
    if (status !== 'unknown') continue;
    const phone = contacts.get(contact)?.phone;
    const placed = calls.filter(({ to }) => to === phone).length;
    const verdict = placed > redials ? 'answered' : 'retry';
    agent.command({ type: 'campaign.settle', contact, verdict, by: 'simulation' });
  }
}

function finalProblems(dir: string, isDone: boolean, plan: Plan): string[] {
  const [report] = readReports(readFolder(dir), false);
  const { firstDifference } = verifyJournal(path.join(dir, 'journal'), machines);
  return [
    ...(isDone && report?.state === 'done' ? [] : [`the campaign is ${report?.state}`]),
    ...(firstDifference ? [`verify: ${JSON.stringify(firstDifference)}`] : []),
    ...problemsAtTheEnd(dir, !plan.isCrashLoop),
  ];
}

function linesOf(dir: string): Pick<Simulated, 'records' | 'journal'> {
  const hash = createHash('sha256');
  let records = 0;
  readJournal(path.join(dir, 'journal'), ({ crc }) => {
    // Each line's checksum runs on from the one before.
    hash.update(crc);
    records++;
  });
  return { records, journal: hash.digest('hex') };
}
