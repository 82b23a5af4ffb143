import fs from 'node:fs';
import path from 'node:path';
import { isUserError } from '../../errors.ts';
import { AICallAgent } from '../../index.ts';
import type { Command } from '../../runtime/commands.ts';
import type { JournalRecord } from '../../store/record.ts';
import { readJournal } from '../../store/segments.ts';
import { VirtualTime } from '../virtual.ts';
import type { LifePlan, Plan } from './plan.ts';
import type { Watch } from './watch.ts';

/** Longer than busy people are waited for: 30, 60 and 120 minutes. */
const LONGEST_LIFE_MS = 5 * 3_600_000;

export interface LifeOptions {
  readonly dir: string;
  readonly list: string;
  readonly plan: Plan;
  /** Null for a life that is left to come to its end, with services that work. */
  readonly life: LifePlan | null;
  readonly number: number;
  readonly startAt: number;
  /** What time it really is then, and for the providers, wherever the computer's clock was set. */
  readonly reallyAt: number;
  readonly watch: Watch;
  /** How long the agent goes on when the campaign has ended: services recover. @default 0 */
  readonly lingerMs?: number;
  /** Before the clock moves. */
  readonly onStart?: (agent: AICallAgent, dir: string) => void;
}

export interface LifeEnd {
  /** The data folder as the next life finds it. */
  readonly dir: string;
  readonly isDone: boolean;
  /** What time it really is then. */
  readonly reallyAt: number;
}

/** As a crash leaves it, without its last lines: what the dying agent still writes goes elsewhere. */
function copyOf(dir: string, number: number, linesToDrop: number): string {
  const copy = `${dir.replace(/-life\d+$/, '')}-life${number}`;
  fs.cpSync(dir, copy, {
    recursive: true,
    filter: (source) => !/(lock\.\w+(-journal)?|control\.sock)$/.test(source),
  });
  const folder = path.join(copy, 'journal');
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const file = path.join(folder, names.toSorted().at(-1) ?? '');
  const bytes = fs.readFileSync(file);
  let end = bytes.length;
  for (let line = 0; line < linesToDrop; line++) end = bytes.lastIndexOf(10, end - 2) + 1;
  fs.truncateSync(file, end);
  // By then it had not been noted that the dropped lines are on disk.
  const notes = [folder, copy].map((at) => path.join(at, '.writer'));
  if (linesToDrop > 0) for (const note of notes) fs.rmSync(note, { force: true });
  return copy;
}

/** What the start itself has written. */
function recordsBehind(dir: string, seq: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  readJournal(path.join(dir, 'journal'), (record) => {
    if (record.seq > seq) records.push(record);
  });
  return records;
}

/** A person's errand; what can't be done any more is left undone. */
function ask(agent: AICallAgent, command: Command): void {
  try {
    agent.command(command);
  } catch (error) {
    if (!isUserError(error)) throw error;
  }
}

export const phoneOf = (index: number): string => `+1415555${String(1000 + index)}`;

/** Often enough that crashes come behind, ahead of and in the middle of them. */
const snapshotsEvery = ({ seed }: Plan): number => 5 + (seed % 40);

async function start({ dir, plan, life, number, startAt, reallyAt }: LifeOptions) {
  const time = new VirtualTime(startAt);
  const telephonyNow = (): number => reallyAt + time.clock.wall() - startAt;
  const agent = await AICallAgent.start(
    time.options({
      dataDir: dir,
      simulateAll: true,
      env: { LOG_FILE_PATH: path.join(dir, 'log.json'), ...plan.env },
      storage: { snapshots: { every: snapshotsEvery(plan) } },
      world: {
        seed: plan.seed * 16 + number,
        ...(life && { plans: life.faults }),
        latencyMs: life?.latencyMs ?? 50,
        telephonyNow,
      },
    }),
  );
  plan.outcomes.forEach((outcome, index) => agent.world?.setOutcome(phoneOf(index), outcome));
  return { agent, clock: time.clock, telephonyNow };
}

/** One life of the agent, from a start to an end or a crash. */
export async function liveOnce(options: LifeOptions): Promise<LifeEnd> {
  const { dir, life, watch } = options;
  const { agent, clock, telephonyNow } = await start(options);
  const death = new Death(options, telephonyNow);
  // The requests of the life before are none of this one's.
  watch.follow(null);
  const known = recordsBehind(dir, watch.seq);
  death.atStart(known);
  watch.follow(agent.world);
  agent.journal.on('record', (record) => death.behind(record));
  if (death.copy !== null) {
    await agent.stop();
    fs.rmSync(dir, { recursive: true });
    return { dir: death.copy, isDone: false, reallyAt: death.reallyAt };
  }
  const campaign = await openCampaign(agent, options);
  options.onStart?.(agent, dir);
  for (const { afterMs, type, service } of life?.errands ?? []) {
    const what = type.startsWith('campaign') ? { campaign } : { services: [service] };
    clock.setTimeout(() => ask(agent, { type, by: 'simulation', ...what }), afterMs);
  }
  let hasEnded = false;
  void agent.campaigns.ended(campaign, { wait: true }).then(() => (hasEnded = true));
  const until =
    clock.now() + (life?.ending.kind === 'signal' ? life.ending.afterMs : LONGEST_LIFE_MS);
  await clock.runUntil(() => death.copy !== null || hasEnded || clock.now() >= until);
  if (death.copy === null && !hasEnded) agent.campaigns.stop(campaign, 'signal');
  if (options.lingerMs !== undefined) await clock.advance(options.lingerMs);
  const isDone = death.copy === null && !agent.campaigns.isUnfinished(campaign);
  await agent.stop();
  const reallyAt = death.copy === null ? telephonyNow() : death.reallyAt;
  if (death.copy !== null) fs.rmSync(dir, { recursive: true });
  return { dir: death.copy ?? dir, isDone, reallyAt };
}

function openCampaign({ campaigns }: AICallAgent, { number, list, plan }: LifeOptions) {
  const [unfinished] = campaigns.unfinished();
  return number === 0 || unfinished === undefined
    ? campaigns.open(list, { concurrency: plan.concurrency })
    : campaigns.reopen(unfinished, 'simulation');
}

/** The crash that is planned for a life: behind a line, or just before the next one. */
class Death {
  /** The folder as the crash has left it, once it has come. */
  copy: string | null = null;
  reallyAt = 0;
  readonly #now: () => number;
  readonly #options: LifeOptions;
  readonly #seq: number;
  readonly #isLate: boolean;

  constructor(options: LifeOptions, now: () => number) {
    const { life, watch } = options;
    this.#now = now;
    this.#options = options;
    this.#seq = life?.ending.kind === 'crash' ? watch.seq + life.ending.lines : Infinity;
    this.#isLate = life?.ending.kind === 'crash' && life.ending.late;
  }

  /** The clock stands still during a start, so that nothing has reached a provider yet. */
  atStart(records: readonly JournalRecord[]): void {
    const kept = records.filter(({ seq }) => seq <= this.#seq);
    for (const record of kept) this.#options.watch.take(record);
    const dropped = records.length - kept.length;
    if (dropped > 0 || kept.at(-1)?.seq === this.#seq) this.#come(dropped);
  }

  behind(record: JournalRecord): void {
    if (this.copy !== null) return;
    if (record.seq > this.#seq) return this.#come(1);
    this.#options.watch.take(record);
    if (record.seq === this.#seq && !this.#isLate) this.#come(0);
  }

  #come(linesToDrop: number): void {
    this.reallyAt = this.#now();
    this.copy = copyOf(this.#options.dir, this.#options.number + 1, linesToDrop);
  }
}
