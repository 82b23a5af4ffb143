import { definitionHashes } from '../store/definition.ts';
import { differs, Fold, type Difference, type Logic } from '../store/fold.ts';
import type { FileSystem } from '../store/file-system.ts';
import type { Journal } from '../store/journal.ts';
import { JournalError } from '../store/journal-error.ts';
import type { LiveRoots } from '../store/live-roots.ts';
import { isMigration } from '../store/rebirth.ts';
import { rootOf, type JournalRecord, type Line, type RecordedEvent } from '../store/record.ts';
import { readJournal, type Tail } from '../store/segments.ts';
import { breakerEventOf } from './admission.ts';
import { takeOvers, type TakeOvers } from './take-over.ts';

export interface RestoreOptions {
  readonly dir: string;
  /** @default the real one */
  readonly disk?: FileSystem;
  readonly logic: Logic;
  readonly journal: Journal;
  readonly live: LiveRoots;
  /** Where the snapshot was made that `live` has its first roots from. @default the beginning */
  readonly after?: Tail | null;
  readonly now: () => number;
}

/** The live actors as the journal leaves them, and a pen that journals what they are fed. */
export interface Recovered {
  readonly fold: Fold;
  readonly feed: Feed;
}

/**
 * Rebuilds the live actors in the fold, takes over those of earlier versions, and finishes what a crash cut short: lines that follow from
 * one that is there, a request's word to its breaker, a child's result to its parent. Nothing runs;
 * everything it feeds is journalled.
 * @throws JournalError when the machines no longer do what the journal says
 */
export function recover(options: RestoreOptions): Recovered {
  const { journal, live, now } = options;
  const taken = takeOvers(options);
  const { fold, untold } = live.size > 0 ? foldLive(options, taken) : nothing(options);
  const write = (line: Line): void => void journal.append(line, now());
  const feed: Feed = (actor, event) => {
    for (const line of fold.feed(actor, event).lines) write(line);
  };
  for (const line of fold.owed()) write(line);
  for (const { root, machine, event, line } of taken.values()) {
    fold.migrate(root, machine, event);
    write(line);
  }
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

/** Who stopped a campaign that a start was not asked to go on with. */
export const STOPPED_BY_START = 'a start for something else';

/**
 * Stops the campaigns that nobody has asked for: calls under way come to their end, nobody else is
 * begun. Before {@link resume}, so that none of their workers takes a contact.
 */
export function haltOthers(
  { fold, feed }: Recovered,
  now: () => number,
  isAsked: (root: string) => boolean,
): void {
  for (const root of fold.roots()) {
    if (fold.machineOf(root) !== 'campaign' || isAsked(root)) continue;
    const state = String((fold.snapshot(root) as { value?: unknown } | undefined)?.value);
    if (!['ready', 'running', 'holding'].includes(state)) continue;
    feed(root, { type: 'campaign.stop', at: now(), by: STOPPED_BY_START });
  }
}

type Feed = (actor: string, event: RecordedEvent) => void;
type Untold = NonNullable<ReturnType<typeof breakerEventOf>>;

interface Folded {
  readonly fold: Fold;
  /** What the journal's last line told breakers: they may not have been told. */
  readonly untold: readonly Untold[];
}

const nothing = ({ logic }: RestoreOptions): Folded => ({ fold: new Fold(logic), untold: [] });

/** A snapshot that the machines can't go on from is left aside, as any that is of no use. */
function foldLive(options: RestoreOptions, taken: TakeOvers): Folded {
  if (!options.after) return foldFrom(options, taken, null);
  try {
    return foldFrom(options, taken, options.after);
  } catch {
    return foldFrom(options, taken, null);
  }
}

/**
 * Folds the live roots. What a line told a breaker is told in the same turn, so only the last line's
 * word can have been lost; and a snapshot is made between two turns, so nobody is owed one there.
 */
function foldFrom(
  { dir, disk, live, logic }: RestoreOptions,
  taken: TakeOvers,
  after: Tail | null,
): Folded {
  const fold = new Fold(logic);
  let untold: Untold[] = [];
  const lastRoot = live.last && rootOf(live.last.actor);
  const isWanted = (root: string): boolean =>
    !taken.has(root) && (live.has(root) || root === lastRoot);
  if (after) {
    const states = live.states.filter(({ id }) => isWanted(id));
    for (const { id, machine, state } of states) fold.adopt(id, machine, state);
  }
  const definitions = definitionHashes(logic);
  /** An earlier version wrote what is before a line on which this one took over. */
  const differences = new Map<string, Difference>();
  const visit = (record: JournalRecord): void => {
    const root = rootOf(record.actor);
    if (!isWanted(root)) return;
    const { event, machine } = record;
    if (isMigration(event) && event.to === definitions[machine]) differences.delete(root);
    if (differences.has(root)) return;
    if (record.seq === live.last?.seq) untold = toldBy(fold, record);
    const difference = applied(fold, record);
    if (difference && live.has(root)) differences.set(root, difference);
  };
  readJournal(dir, visit, {
    ...(disk && { disk }),
    ...(after && { after }),
    isWanted: (actor) => isWanted(rootOf(actor)),
  });
  for (const { actor, seq } of differences.values()) {
    throw new JournalError(
      `${actor} can't go on: this version of the program does something else at this line`,
      { file: dir, seq },
    );
  }
  return { fold, untold };
}

/** A line of another version can be one that the machine of today chokes on. */
function applied(fold: Fold, record: JournalRecord): Difference | null {
  try {
    return fold.apply(record);
  } catch (error) {
    return differs(record, (error as Error).message, null);
  }
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
