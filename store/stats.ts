import path from 'node:path';
import { baseOf } from './base.ts';
import { realFileSystem, sizeOf, type FileSystem } from './file-system.ts';
import { isCompressed } from './raw-lines.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { firstSeqOf, listSegments, readJournal } from './segments.ts';
import { readNote } from './writer-note.ts';

export interface MachineStats {
  readonly records: number;
  /** How many lives were begun. */
  readonly begun: number;
  readonly live: number;
}

/** One file of the journal: what keeping it by age or size would go by. */
export interface SegmentStats {
  readonly file: string;
  readonly bytes: number;
  readonly records: number;
  /** Time of its first and last record, epoch ms; null where there is none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

export interface JournalStats {
  readonly records: number;
  readonly first: { readonly seq: number; readonly at: number } | null;
  readonly last: { readonly seq: number; readonly at: number } | null;
  readonly files: { readonly plain: number; readonly archived: number };
  /** On disk; `unfinished` is a last line that a crash cut short. */
  readonly bytes: {
    readonly plain: number;
    readonly archived: number;
    readonly unfinished: number;
  };
  /** Records before the first file, which a base stands for, and its size; null where there is none. */
  readonly removed: {
    readonly records: number;
    readonly lastAt: number;
    readonly baseBytes: number;
  } | null;
  /** Oldest first. */
  readonly segments: readonly SegmentStats[];
  /** How often a program has begun to write to it. */
  readonly starts: number;
  /** The most records of one second of the agent's clock. */
  readonly peakPerSecond: number;
  readonly machines: { readonly [machine: string]: MachineStats };
  readonly events: { readonly [type: string]: number };
  readonly campaigns: { readonly finished: number; readonly unfinished: readonly string[] };
}

/** Counts, as the records pass; in memory stand the live roots alone. */
class Counter {
  records = 0;
  first: JournalStats['first'] = null;
  last: JournalStats['last'] = null;
  peakPerSecond = 0;
  finished = 0;
  readonly #machines = new Map<string, { records: number; begun: number; live: number }>();
  readonly #events = new Map<string, number>();
  /** The machines below a root go with it, whether or not they have come to their end. */
  readonly #live = new Map<string, Map<string, string>>();
  #second = -1;
  #inSecond = 0;

  apply(record: JournalRecord): void {
    const { seq, at, machine, event } = record;
    this.records++;
    this.first ??= { seq, at };
    this.last = { seq, at };
    this.#events.set(event.type, (this.#events.get(event.type) ?? 0) + 1);
    const second = Math.floor(at / 1000);
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    this.peakPerSecond = Math.max(this.peakPerSecond, this.#inSecond);
    this.#of(machine).records++;
    this.#follow(record);
  }

  /** Of what a base has left: who is alive. */
  adopt({ actor, machine, from, done }: JournalRecord): void {
    if (rootOf(actor) !== actor) return;
    if (done) {
      if (this.#live.delete(actor)) this.#of(machine).live--;
    } else if (from === null) {
      this.#live.set(actor, new Map([[actor, machine]]));
      this.#of(machine).live++;
    }
  }

  machines(): { [machine: string]: MachineStats } {
    return Object.fromEntries([...this.#machines].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The commonest first. */
  events(): { [type: string]: number } {
    const byCount = [...this.#events].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return Object.fromEntries(byCount);
  }

  unfinished(): string[] {
    return [...this.#live.keys()].flatMap((root) =>
      root.startsWith('campaign:') ? [root.slice('campaign:'.length)] : [],
    );
  }

  #follow({ actor, machine, from, done }: JournalRecord): void {
    const root = rootOf(actor);
    const isRoot = root === actor;
    if (from === null) {
      const tree = this.#live.get(root) ?? new Map<string, string>();
      this.#live.set(root, tree);
      this.#of(machine).begun++;
      // A child's path is used again by its next life.
      if (!tree.has(actor)) this.#of(machine).live++;
      tree.set(actor, machine);
    }
    if (!done) return;
    const tree = this.#live.get(root);
    if (!isRoot) {
      if (tree?.delete(actor)) this.#of(machine).live--;
      return;
    }
    for (const below of tree?.values() ?? []) this.#of(below).live--;
    this.#live.delete(root);
    if (machine === 'campaign') this.finished++;
  }

  #of(machine: string): { records: number; begun: number; live: number } {
    const known = this.#machines.get(machine);
    if (known) return known;
    const counts = { records: 0, begun: 0, live: 0 };
    this.#machines.set(machine, counts);
    return counts;
  }
}

type Measured = { -readonly [Key in keyof SegmentStats]: SegmentStats[Key] };

function measure(file: string, disk: FileSystem): Measured {
  const bytes = sizeOf(disk, file);
  return { file: path.basename(file), bytes, records: 0, firstAt: null, lastAt: null };
}

/** Counts what stands in which file, as the records pass. */
class FileCounter {
  readonly #files: readonly Measured[];
  #index = 0;

  constructor(files: readonly Measured[]) {
    this.#files = files;
  }

  apply({ seq, at }: JournalRecord): void {
    for (let next = this.#files[this.#index + 1]; next; next = this.#files[this.#index + 1]) {
      if (firstSeqOf(next.file) > seq) break;
      this.#index++;
    }
    const file = this.#files[this.#index];
    if (!file) return;
    file.records++;
    file.firstAt ??= at;
    file.lastAt = at;
  }
}

/**
 * What a journal holds, and what it costs. Reads it once, in constant memory, beside whoever writes.
 * @throws JournalError where it is damaged
 */
export function statsOf(dir: string, disk: FileSystem = realFileSystem): JournalStats {
  const segments = listSegments(dir, disk).map((file) => measure(file, disk));
  const counter = new Counter();
  const files = new FileCounter(segments);
  const visit = (record: JournalRecord): void => {
    counter.apply(record);
    files.apply(record);
  };
  const tail = readJournal(dir, visit, { disk, onBase: (record) => counter.adopt(record) });
  const base = baseOf(dir, disk);
  const [archived, plain] = [true, false].map((is) =>
    segments.filter(({ file }) => isCompressed(file) === is),
  ) as [Measured[], Measured[]];
  const sum = (some: readonly Measured[]): number => some.reduce((n, { bytes }) => n + bytes, 0);
  return {
    records: counter.records,
    first: counter.first,
    last: counter.last,
    files: { plain: plain.length, archived: archived.length },
    bytes: { plain: sum(plain), archived: sum(archived), unfinished: tail.tornBytes },
    removed: base && {
      records: base.seq,
      lastAt: base.at,
      baseBytes: measure(base.file, disk).bytes,
    },
    segments,
    starts: Math.max(tail.epoch, readNote(dir, disk)?.epoch ?? 0),
    peakPerSecond: counter.peakPerSecond,
    machines: counter.machines(),
    events: counter.events(),
    campaigns: { finished: counter.finished, unfinished: counter.unfinished() },
  };
}
