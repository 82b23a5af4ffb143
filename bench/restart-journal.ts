import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AICallAgent, VERSION, type AgentOptions } from '../index.ts';
import { machines } from '../machines/registry.ts';
import { seedOf } from '../machines/random.ts';
import { VirtualTime } from '../scenarios/virtual.ts';
import { AlertFold } from '../sinks/alerts/fold.ts';
import { defaultAlertSettings } from '../sinks/alerts/settings.ts';
import { definitionHashes } from '../store/definition.ts';
import { Fold } from '../store/fold.ts';
import { Journal } from '../store/journal.ts';
import { Ledger } from '../store/ledger.ts';
import type { JournalRecord, Line, RecordedEvent } from '../store/record.ts';
import { readJournal } from '../store/segments.ts';
import { captureSnapshot } from '../store/snapshot-format.ts';
import { SnapshotStore } from '../store/snapshots.ts';

const NOON = Date.parse('2026-09-21T12:00:00Z');
const AREA_CODES = ['415', '212', '310', '646', '718', '503', '206', '617'];
/** So many calls are fed to the machines, which shows that each is as the one before. */
const FED_TO_MACHINES = 20;
/** Lines of a call that nothing goes wrong with; a list has to be longer than the calls made of it. */
const FEWEST_RECORDS = 20;
/** Records from one snapshot to the next, when it is small: see `runtime/snapshots.ts`. */
const USUAL_AGE = 5_000;
/** Records that a killed agent's log has not noted yet. */
const UNTOLD = 20;
/** Records behind the first snapshot, which tells how long they are. */
const FIRST_AGE = 40_000;

export const optionsOf = (dir: string): AgentOptions => ({
  dataDir: path.join(dir, 'data'),
  env: { LOG_FILE_PATH: path.join(dir, 'log.json'), CALL_WINDOW: 'off', LOG_LEVEL: 'error' },
  simulateAll: true,
  sinks: () => [],
});

function writeList(file: string, rows: number): void {
  const fd = fs.openSync(file, 'w');
  fs.writeSync(fd, 'name,phone\n');
  for (let n = 0; n < rows; n++) {
    const [exchange, line] = [200 + (Math.floor(n / 8) % 800), Math.floor(n / 6_400)];
    const number = `${AREA_CODES[n % 8]}${exchange}${String(line).padStart(4, '0')}`;
    fs.writeSync(fd, `Person ${n},+1${number}\n`);
  }
  fs.closeSync(fd);
}

/** Plays the beginning of the campaign: three people are called, one after another. */
async function playBeginning(dir: string, rows: number): Promise<JournalRecord[]> {
  const list = path.join(dir, 'list.csv');
  writeList(list, rows);
  const time = new VirtualTime(NOON);
  const memoryFile = path.join(dir, 'providers.log');
  const agent = await AICallAgent.start(time.options({ ...optionsOf(dir), world: { memoryFile } }));
  const records: JournalRecord[] = [];
  let isOver = false;
  agent.journal.on('record', ({ actor, done }) => {
    if (actor === 'call:0003' && done) isOver = true;
  });
  await agent.campaigns.open(list, { concurrency: 1 });
  await time.clock.runUntil(() => isOver);
  await agent.stop();
  readJournal(path.join(dir, 'data', 'journal'), (record) => void records.push(record));
  return records;
}

/** What follows the call's name in that of a seed: see `machines/call.ts`. */
const seeds = new Map(
  ['script', 'speech', 'dial', 'lookup', 'follow', 'record'].flatMap((child) =>
    [0, 1].map((dials) => [seedOf(`call:0002/${child}/${dials}`), `${child}/${dials}`] as const),
  ),
);

/** Times moved by that much, and one contact, its worker and its call put in another's place. */
function moved<T>(value: T, byMs: number, contact: number): T {
  const id = String(contact).padStart(4, '0');
  const text = JSON.stringify(value, (key, part: unknown) => {
    if (key === 'worker') return Number(part) + contact - 2;
    if (key === 'seed') return seedOf(`call:${id}/${seeds.get(Number(part))}`);
    if (typeof part === 'number' && part > 1e12 && part < 1e13) return part + byMs;
    return part;
  });
  const named = text.replaceAll(/(?<=call:|")0002(?=[/"#])/g, id);
  // Nobody's script is another's: what stands in the journal is not to be easier to pack than it is.
  const own = (hex: string): string => hash('sha256', `${id}${hex}`).slice(0, hex.length);
  return JSON.parse(
    named.replaceAll(/(?<=[":]|CA)([0-9a-f]{64}|[0-9a-f]{32})(?=["./])/g, own),
  ) as T;
}

/**
 * The data folder of an agent that was killed in a long campaign. Its beginning is played; the rest
 * is what happened to the second contact, again for one contact after another, as the machines really
 * do it: `verify` finds nothing. The newest snapshot is as old as one may be: there are
 * as many records behind it as the one before it had kilobytes, and no fewer than usual.
 */
export async function makeJournal(dir: string, records: number): Promise<void> {
  const rows = Math.ceil(records / FEWEST_RECORDS);
  const played = await playBeginning(dir, rows);
  const data = path.join(dir, 'data');
  fs.rmSync(path.join(data, 'journal'), { recursive: true });
  fs.rmSync(path.join(data, 'snapshots'), { recursive: true });
  const isBirth = (contact: string) => (record: JournalRecord) =>
    record.actor === `call:${contact}` && record.from === null;
  const first = played.findIndex(isBirth('0002'));
  const next = played.findIndex(isBirth('0003'));
  const unit = played.slice(first, next);
  const spanMs = (played[next]?.at ?? 0) - (played[first]?.at ?? 0);
  const maker = new Maker(data);
  for (const record of played.slice(0, first)) maker.copy(record);
  for (let n = 0; maker.seq < records; n++) {
    const isChecked = n < FED_TO_MACHINES;
    for (const record of unit) maker.play(moved(record, n * spanMs, n + 2), isChecked);
    maker.snapshotBehind(records);
  }
  maker.close();
}

const bare = ({ v: _v, seq: _seq, crc: _crc, at: _at, ...line }: JournalRecord): Line => line;

class Maker {
  readonly #data: string;
  readonly #journal: Journal;
  readonly #fold = new Fold(machines);
  readonly #ledger = new Ledger();
  readonly #alerts = new AlertFold(defaultAlertSettings);
  /** Records behind the snapshot that is due next; none when the last one is made. */
  #age: number | null = FIRST_AGE;

  constructor(data: string) {
    this.#data = data;
    this.#journal = Journal.open(path.join(data, 'journal'), { durability: 'process' });
  }

  get seq(): number {
    return this.#journal.seq;
  }

  copy(from: JournalRecord): void {
    const record = this.#write(bare(from), from.at);
    const difference = this.#fold.apply(record);
    if (difference) throw new Error(`${difference.actor}: ${difference.reason}`);
  }

  /** What came in, whatever comes of it; births and further steps come by themselves. */
  play(record: JournalRecord, isChecked: boolean): void {
    const { actor, at, from, step, event } = record;
    // A call that is over is nothing to those who go on: its lines are known by now.
    if (!isChecked && actor.startsWith('call:')) return void this.#write(bare(record), at);
    if (from === null && !actor.includes('/')) return this.copy(record);
    if (from === null || step !== undefined) return;
    for (const line of this.#fold.feed(actor, event as RecordedEvent).lines) this.#write(line, at);
  }

  snapshotBehind(records: number): void {
    if (this.#age === null || this.seq < records - this.#age) return;
    const bytes = this.#snapshot();
    const age = Math.max(USUAL_AGE, Math.ceil(bytes / 1_024));
    this.#age = age < this.#age ? age : null;
  }

  /** @returns its length in bytes */
  #snapshot(): number {
    const states = this.#fold.roots().map((id) => ({
      id,
      machine: this.#fold.machineOf(id),
      state: this.#fold.compose(id),
    }));
    const roots = { name: 'roots', version: 1, snapshot: () => states };
    const definitions = { ...definitionHashes(machines), program: VERSION };
    const parts = [roots, this.#ledger, this.#alerts];
    const folder = path.join(this.#data, 'snapshots');
    new SnapshotStore(folder).writeNow(captureSnapshot(this.#journal.tail, parts, definitions));
    const newest = fs.readdirSync(folder).toSorted().at(-1) ?? '';
    return fs.statSync(path.join(folder, newest)).size;
  }

  /** The log has told all but the last half second. */
  close(): void {
    const cursors = path.join(this.#data, 'cursors');
    for (const name of fs.readdirSync(cursors)) {
      const file = path.join(cursors, name);
      const cursor = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
      fs.writeFileSync(file, JSON.stringify({ ...cursor, seq: this.seq - UNTOLD }));
    }
    this.#journal.close();
  }

  #write(line: Line, at: number): JournalRecord {
    const record = this.#journal.append(line, at);
    this.#ledger.apply(record);
    this.#alerts.apply(record);
    return record;
  }
}
