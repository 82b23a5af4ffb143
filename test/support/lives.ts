import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AICallAgent, AgentOptions } from '../../index.ts';
import type { WorldOptions } from '../../scenarios/world/world.ts';
import { SERVICES, type ServiceName } from '../../config.ts';
import type { JournalRecord } from '../../store/record.ts';
import { readJournal } from '../../store/segments.ts';
import { EPOCH, journalFile, startVirtualAgent, type VirtualAgent } from './virtual-agent.ts';

/** Work for an agent that may be cut off anywhere and gone on with by another start. */
export interface Story {
  readonly name: string;
  readonly options?: Omit<AgentOptions, 'dataDir'>;
  /** The world as it is for a life that begins at `at`, when `past` has happened. */
  world?(past: readonly JournalRecord[], at: number): Partial<WorldOptions>;
  /** What the first life is asked to do. */
  begin(agent: AICallAgent): Promise<unknown>;
  /** What a person asks of a later life; it may read files, and must not wait for the clock. */
  goOn?(agent: AICallAgent, past: readonly JournalRecord[]): Promise<unknown>;
}

type Counts = { readonly [service in ServiceName]: number };

/** How things stood right after a line was written. */
interface Mark {
  /** Size of each file but the journal. */
  readonly files: ReadonlyMap<string, number>;
}

/** From a start of the agent to its end. */
export interface Life {
  readonly dir: string;
  /** The whole journal, earlier lives included. */
  readonly records: readonly JournalRecord[];
  readonly marks: ReadonlyMap<number, Mark>;
  /** Work requests that reached the providers in this life. */
  readonly requests: Counts;
  readonly startedAt: number;
}

export interface Cut {
  /** The last line that is left. */
  readonly seq: number;
  /**
   * The crash comes at once after the line, or just before the next one, when what the line had
   * started was done already: the number was dialled, say. @default false
   */
  readonly late?: boolean;
  /** From the cut to the next start. @default 7 */
  readonly downMs?: number;
  /** The life that follows is to be cut off, too. @default false */
  readonly marked?: boolean;
}

/** Hundreds of starts wait for the disk longer than for anything else; memory does as well here. */
const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

export const folder = (): string => fs.mkdtempSync(path.join(base, 'call-agent-life-'));

export function recordsIn(dir: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  readJournal(path.join(dir, 'journal'), (record) => void records.push(record));
  return records;
}

const own = /^(journal|lock\..*|\.writer|control\.sock|log\.json)$/;

function filesIn(dir: string): Map<string, number> {
  const files = new Map<string, number>();
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    if (own.test(entry.name)) continue;
    const inside = entry.isDirectory() ? fs.readdirSync(path.join(dir, entry.name)) : [];
    for (const name of inside) {
      // Renamed before anybody reads it.
      if (name.endsWith('.new')) continue;
      const file = path.join(entry.name, name);
      const stats = fs.statSync(path.join(dir, file));
      if (stats.isFile()) files.set(file, stats.size);
    }
  }
  return files;
}

/** The data folder as a crash at that point leaves it. */
export function cutOff(life: Life, { seq, late = false }: Cut): string {
  const dir = folder();
  const last = life.records.at(-1)?.seq ?? 0;
  const { files } = life.marks.get(Math.min(last, late ? seq + 1 : seq)) ?? { files: new Map() };
  for (const [file, size] of files) {
    const target = path.join(dir, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, fs.readFileSync(path.join(life.dir, file)).subarray(0, size));
  }
  const lines = fs.readFileSync(journalFile(life.dir), 'utf8').split('\n');
  fs.mkdirSync(path.join(dir, 'journal'));
  fs.writeFileSync(journalFile(dir), `${lines.slice(0, seq + 1).join('\n')}\n`);
  return dir;
}

export const forget = ({ dir }: { readonly dir: string }): void =>
  fs.rmSync(dir, { recursive: true, force: true });

const isWork = (actor: string): boolean => /^(call|campaign|record):[^/]*$/.test(actor);

/** The calls, campaigns and owed writes that have not come to their end. */
function unfinished(records: readonly JournalRecord[], agent: AICallAgent): Set<string> {
  const alive = new Set<string>();
  const note = ({ actor, from, done }: JournalRecord): void => {
    if (!isWork(actor)) return;
    if (from === null) alive.add(actor);
    if (done) alive.delete(actor);
  };
  for (const record of records) note(record);
  agent.journal.on('record', note);
  return alive;
}

interface Start {
  readonly dir: string;
  readonly startAt: number;
  readonly isFirst: boolean;
  readonly isMarked: boolean;
}

async function live(story: Story, start: Start): Promise<Life> {
  const { dir, startAt, isFirst, isMarked } = start;
  const past = isFirst ? [] : recordsIn(dir);
  const { world, ...options } = story.options ?? {};
  const v = await startVirtualAgent({
    simulateAll: true,
    ...options,
    dataDir: dir,
    startAt,
    world: { ...world, ...story.world?.(past, startAt) },
  });
  const marks = new Map<number, Mark>();
  const atStart = { files: filesIn(dir) };
  const known = recordsIn(dir);
  for (const { seq } of known) marks.set(seq, atStart);
  if (isMarked) {
    v.agent.journal.on('record', ({ seq }) => void marks.set(seq, { files: filesIn(dir) }));
  }
  const alive = unfinished(known, v.agent);
  const requests = () => requestsOf(v);
  try {
    if (isFirst) await v.drive(story.begin(v.agent));
    else {
      await story.goOn?.(v.agent, past);
      await v.clock.runUntil(() => alive.size === 0, { withinMs: 24 * 3_600_000 });
      // What was due while nobody was there wakes now, also where no work is left.
      await v.clock.advance(1);
    }
  } finally {
    await v.agent.stop();
  }
  const records = recordsIn(dir);
  const last = { files: filesIn(dir) };
  for (const { seq } of records) if (!marks.has(seq)) marks.set(seq, last);
  return { dir, records, marks, requests: requests(), startedAt: startAt };
}

function requestsOf({ agent }: VirtualAgent): Counts {
  const entries = SERVICES.map((name) => [name, agent.world?.counts[name]?.work ?? 0] as const);
  return Object.fromEntries(entries) as unknown as Counts;
}

/** The story without a cut. */
export function liveOut(story: Story): Promise<Life> {
  return live(story, { dir: folder(), startAt: EPOCH, isFirst: true, isMarked: true });
}

/** The rest of the story, from where a life was cut off to the end. */
export function liveOn(story: Story, before: Life, cut: Cut): Promise<Life> {
  const dir = cutOff(before, cut);
  const at = before.records[cut.seq - 1]?.at ?? EPOCH;
  const startAt = at + (cut.downMs ?? 7);
  return live(story, { dir, startAt, isFirst: false, isMarked: cut.marked ?? false });
}

/** Where a crash leaves something behind that the journal does not know of yet. */
export function differsLate({ marks }: Life, seq: number): boolean {
  const [now, next] = [marks.get(seq)?.files, marks.get(seq + 1)?.files];
  if (!now || !next) return false;
  return now.size !== next.size || [...next].some(([file, size]) => now.get(file) !== size);
}
