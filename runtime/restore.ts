import { definitionHashes } from '../store/definition.ts';
import { Fold, type Logic } from '../store/fold.ts';
import type { FileSystem } from '../store/file-system.ts';
import type { Journal } from '../store/journal.ts';
import { rootOf, type JournalRecord, type Line, type RecordedEvent } from '../store/record.ts';
import { readJournal } from '../store/segments.ts';
import { JournalError } from '../store/journal-error.ts';
import { breakerEventOf } from './admission.ts';

/** Finds the roots that are alive from recorded results; nothing is run. */
export class LiveRoots {
  readonly #roots = new Map<string, string>();
  #definitions: { readonly [machine: string]: string } = {};
  last: JournalRecord | null = null;

  apply(record: JournalRecord): void {
    this.last = record;
    if (record.event.type === 'agent.started') {
      this.#definitions = (record.event['definitions'] ?? {}) as { [machine: string]: string };
    }
    if (record.actor.includes('/')) return;
    if (record.from === null) this.#roots.set(record.actor, record.machine);
    if (record.done) this.#roots.delete(record.actor);
  }

  has(root: string): boolean {
    return this.#roots.has(root);
  }

  /** Machines with a live root whose definition is not the one that the journal was written with. */
  changed(definitions: { readonly [machine: string]: string }): string[] {
    const alive = new Set(this.#roots.values());
    if (alive.has('call')) alive.add('request');
    return [...alive].filter(
      (machine) =>
        machine in this.#definitions && this.#definitions[machine] !== definitions[machine],
    );
  }

  get size(): number {
    return this.#roots.size;
  }
}

export interface RestoreOptions {
  readonly dir: string;
  /** @default the real one */
  readonly disk?: FileSystem;
  readonly logic: Logic;
  readonly journal: Journal;
  readonly live: LiveRoots;
  readonly now: () => number;
}

/** The live actors as the journal leaves them, and a pen that journals what they are fed. */
export interface Recovered {
  readonly fold: Fold;
  readonly feed: Feed;
}

/**
 * Rebuilds the live actors in the fold and finishes what a crash cut short: lines that follow from
 * one that is there, a request's word to its breaker, a child's result to its parent. Nothing runs;
 * everything it feeds is journalled.
 * @throws JournalError when the machines no longer do what the journal says
 */
export function recover(options: RestoreOptions): Recovered {
  const { journal, live, now } = options;
  const fold = new Fold(options.logic);
  const write = (line: Line): void => void journal.append(line, now());
  const feed: Feed = (actor, event) => {
    for (const line of fold.feed(actor, event).lines) write(line);
  };
  if (live.size === 0) return { fold, feed };
  refuseChanged(options);
  const { untold } = foldLive(options, fold);
  for (const line of fold.owed()) write(line);
  for (const { service, event } of untold) feed(`breaker:${service}`, event as RecordedEvent);
  deliverResults(fold, feed);
  return { fold, feed };
}

/**
 * Tells every live actor that the agent is back, before any of them runs.
 * @param downMs how long nobody was working
 * @param isMine the roots that go on; the others stay as they are
 */
export function resume(
  { fold, feed }: Recovered,
  now: () => number,
  downMs: number,
  isMine: (root: string) => boolean = () => true,
): void {
  resumeAll(fold, feed, () => ({ type: 'resumed', at: now(), downMs }), isMine);
}

function refuseChanged({ live, logic, dir }: RestoreOptions): void {
  const changed = live.changed(definitionHashes(logic));
  if (changed.length === 0) return;
  throw new JournalError(
    `The ${changed.join(' and ')} machine has changed since this journal was written, and it has ` +
      'unfinished work: finish that with the version that began it, or use another data folder',
    { file: dir },
  );
}

type Feed = (actor: string, event: RecordedEvent) => void;
type Untold = NonNullable<ReturnType<typeof breakerEventOf>>;

/**
 * Folds the live roots, and gives what the journal's last line told a breaker: it is told in the
 * same turn, so only the last line's word can have been lost.
 */
function foldLive({ dir, disk, live }: RestoreOptions, fold: Fold): { untold: Untold[] } {
  let untold: Untold[] = [];
  const lastRoot = live.last && rootOf(live.last.actor);
  const visit = (record: JournalRecord): void => {
    const isLast = record.seq === live.last?.seq;
    const root = rootOf(record.actor);
    if (!live.has(root) && root !== lastRoot) return;
    if (isLast) untold = toldBy(fold, record);
    const difference = fold.apply(record);
    if (difference && live.has(root)) {
      throw new JournalError(
        `${difference.actor} can't go on: this version of the program does something else at this line`,
        { file: dir, seq: difference.seq },
      );
    }
  };
  readJournal(dir, visit, disk ? { disk } : {});
  return { untold };
}

/** What the machine told the world with this line. */
function toldBy(fold: Fold, record: JournalRecord): Untold[] {
  return fold.emittedBy(record).flatMap((emitted) => breakerEventOf(emitted) ?? []);
}

/** A finished child's result may not have reached its parent: XState starts only active children. */
function deliverResults(fold: Fold, feed: Feed): void {
  for (const root of fold.roots()) {
    for (let again = true; again;) again = deliverOne(fold, root, feed);
  }
}

function deliverOne(fold: Fold, root: string, feed: Feed): boolean {
  for (const path of fold.paths(root)) {
    const snapshot = fold.snapshot(path);
    const slash = path.lastIndexOf('/');
    if (!snapshot || snapshot.status === 'active' || slash < 0) continue;
    feed(path.slice(0, slash), endEvent(path.slice(slash + 1), snapshot));
    if (fold.snapshot(path) !== snapshot) return true;
  }
  return false;
}

function endEvent(
  actorId: string,
  { status, output }: { status: string; output: unknown },
): RecordedEvent {
  return status === 'done'
    ? { type: `xstate.done.actor.${actorId}`, output, actorId }
    : { type: `xstate.error.actor.${actorId}`, error: {}, actorId };
}

/** Parents first, and never a child that was born by it. */
function resumeAll(
  fold: Fold,
  feed: Feed,
  resumed: () => RecordedEvent,
  isMine: (root: string) => boolean,
): void {
  const alive = fold
    .roots()
    .filter(isMine)
    .flatMap((root) => fold.paths(root))
    .map((path) => ({ path, birth: fold.birthOf(path) }));
  for (const { path, birth } of alive) {
    if (fold.birthOf(path) !== birth || fold.snapshot(path)?.status !== 'active') continue;
    feed(path, resumed());
  }
  deliverResults(fold, feed);
}
