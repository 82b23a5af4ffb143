import {
  createActor,
  getInitialSnapshot,
  getMicrosteps,
  type Actor,
  type AnyActorLogic,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type Snapshot,
} from 'xstate';
import { birthLine, stateName, transitionLine } from './line.ts';
import { isMigration, persistedLife, type Migrated } from './rebirth.ts';
import { rootOf, type JournalRecord, type Line, type RecordedEvent } from './record.ts';

/** Machine logic by the name that journal lines carry. */
export type Logic = { readonly [machine: string]: AnyStateMachine };

/** A line that does not say what the machines would have done. */
export interface Difference {
  readonly seq: number;
  readonly actor: string;
  readonly reason: string;
  readonly expected: Line | null;
  readonly found: Line | null;
}

/** A fact that a machine emitted while it was folded. */
export interface Emitted {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface Fed {
  readonly lines: readonly Line[];
  readonly emitted: readonly Emitted[];
}

interface Node {
  readonly machine: string;
  readonly logic: AnyStateMachine;
  snapshot: AnyMachineSnapshot;
  /** The inert actor that the parent's snapshot holds: another one means another birth. */
  readonly ref: unknown;
}

type Tree = Map<string, Node>;

const failure = 'actor.failed';

/**
 * Rebuilds machine state by feeding the recorded inputs to the machines again, without effects.
 * Each root has a map of its own, because one for all would make every event cost O(actors).
 */
export class Fold {
  readonly #logic: Logic;
  readonly #trees = new Map<string, Tree>();
  /** Lines that follow from an input and have not been read yet, by actor. */
  readonly #owed = new Map<string, Line[]>();
  readonly #owedInOrder = new Set<Line>();

  constructor(logic: Logic) {
    this.#logic = logic;
  }

  /** Feeds one record, and says where it differs from what the machines do. */
  apply(record: JournalRecord): Difference | null {
    const owed = this.#owed.get(record.actor);
    if (owed) return compare(record, this.#pay(record.actor, owed));
    const missing = this.#firstOwed(rootOf(record.actor));
    if (missing) return differs(record, 'A line is missing before this one', missing);
    if (record.event.type === failure) return this.#applyFailure(record);
    if (record.event.type === 'xstate.init') return this.#applyBirth(record);
    if (isMigration(record.event)) {
      this.migrate(record.actor, record.machine, record.event);
      return null;
    }
    const node = this.#node(record.actor);
    if (!node) return differs(record, 'No such actor is alive here', null);
    const untrue = this.#checkChildsWord(record);
    if (untrue) return untrue;
    const { lines } = this.feed(record.actor, record.event);
    const [first, ...rest] = lines;
    for (const line of rest) this.#owe(line);
    return compare(record, first ?? null);
  }

  /** Feeds one event, and gives the lines that record it and the births it caused. */
  feed(actor: string, event: RecordedEvent): Fed {
    const node = this.#node(actor);
    if (!node) return { lines: [], emitted: [] };
    const lines: Line[] = [];
    const emitted: Emitted[] = [];
    let before = node.snapshot;
    const steps = microsteps(node, event);
    for (const [index, [after, actions]] of steps.entries()) {
      const line = transitionLine(actor, node.machine, event, index + 1, before, after);
      if (line) lines.push(line);
      emitted.push(...emittedIn(actions));
      before = after;
    }
    node.snapshot = before;
    if (steps.length > 0) lines.push(...this.#adoptChildren(actor, node));
    return { lines, emitted };
  }

  /** What the machine would tell the world at this record; nothing is fed. */
  emittedBy(record: JournalRecord): readonly Emitted[] {
    const node = this.#node(record.actor);
    if (!node || record.step !== undefined || record.from === null) return [];
    const steps = microsteps(node, record.event);
    return steps.flatMap(([, actions]) => emittedIn(actions));
  }

  /** Tells one life of an actor from the next at the same path. */
  birthOf(actor: string): unknown {
    return this.#node(actor);
  }

  /** Lines that the machines owe: a crash came between an input's line and the ones it caused. */
  owed(): Line[] {
    const lines = [...this.#owedInOrder];
    this.#owedInOrder.clear();
    this.#owed.clear();
    return lines;
  }

  /** Whether lines are still missing that follow from those it was fed. */
  get isOwing(): boolean {
    return this.#owedInOrder.size > 0;
  }

  has(root: string): boolean {
    return this.#trees.has(root);
  }

  roots(): string[] {
    return [...this.#trees.keys()];
  }

  /** The machines of a root that are alive in the fold, parents before children. */
  paths(root: string): string[] {
    return [...(this.#trees.get(root)?.keys() ?? [])];
  }

  machineOf(actor: string): string {
    return this.#node(actor)?.machine ?? '';
  }

  snapshot(actor: string): AnyMachineSnapshot | undefined {
    return this.#node(actor)?.snapshot;
  }

  /** One persisted snapshot for a root and all below it, as `createActor` takes it. */
  compose(actor: string): unknown {
    const tree = this.#trees.get(rootOf(actor));
    const node = tree?.get(actor);
    if (!tree || !node) throw new Error(`No actor ${actor} in the fold`);
    const persisted = node.logic.getPersistedSnapshot(node.snapshot) as unknown as {
      children: Record<string, { snapshot: unknown }>;
    };
    for (const [id, child] of Object.entries(persisted.children)) {
      if (tree.has(`${actor}/${id}`)) child.snapshot = this.compose(`${actor}/${id}`);
    }
    return persisted;
  }

  /**
   * Takes in a root and all below it as {@link compose} gives them, in place of its lines so far.
   * @throws Error when the machine can't be what the snapshot says
   */
  adopt(actor: string, machine: string, persisted: unknown): void {
    const logic = Object.hasOwn(this.#logic, machine) ? this.#logic[machine] : undefined;
    if (!logic) throw new Error(`No machine is called ${machine}`);
    // Never started: it only gives the snapshot that the pure functions take.
    const options = { id: actor, snapshot: persisted as Snapshot<unknown> };
    const snapshot = createActor(logic, options).getSnapshot() as AnyMachineSnapshot;
    const node: Node = { machine, logic, snapshot, ref: null };
    this.#trees.set(actor, new Map([[actor, node]]));
    this.#adoptChildren(actor, node);
  }

  /** Goes on with what an earlier definition of the machine has left, as the event says. */
  migrate(actor: string, machine: string, event: Migrated): void {
    const logic = Object.hasOwn(this.#logic, machine) ? this.#logic[machine] : undefined;
    if (!logic) throw new Error(`No machine is called ${machine}`);
    this.adopt(actor, machine, persistedLife(logic, event));
  }

  /** Lets go of a root: it has ended, or is none of this program's machines any more. */
  forget(root: string): void {
    this.#trees.delete(root);
  }

  #node(actor: string): Node | undefined {
    return this.#trees.get(rootOf(actor))?.get(actor);
  }

  /** A machine died of an exception; its parent is told by a line of its own. */
  #applyFailure(record: JournalRecord): Difference | null {
    const node = this.#node(record.actor);
    if (node?.snapshot.status !== 'active') {
      return differs(record, 'No such actor is alive here', null);
    }
    if (stateName(node.snapshot.value) !== record.from || record.to !== 'error') {
      return differs(record, 'The actor was in another state when it died', null);
    }
    if (record.actor.includes('/')) {
      node.snapshot = { ...node.snapshot, status: 'error' } as AnyMachineSnapshot;
    } else this.forget(record.actor);
    return null;
  }

  /** What a parent is told of a child's end must be what the child has come to. */
  #checkChildsWord(record: JournalRecord): Difference | null {
    const [, status, id] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(record.event.type) ?? [];
    const child = id === undefined ? undefined : this.#node(`${record.actor}/${id}`)?.snapshot;
    if (!child) return null;
    if (child.status !== status) return differs(record, `${id} has not ended like this`, null);
    if (
      status === 'error' ||
      JSON.stringify(child.output) === JSON.stringify(record.event['output'])
    ) {
      return null;
    }
    return differs(record, `${id} came to another result`, null);
  }

  #applyBirth(record: JournalRecord): Difference | null {
    const { actor, machine, event } = record;
    if (actor.includes('/')) return differs(record, 'Its parent did not start this actor', null);
    if (this.#trees.has(actor)) return differs(record, 'An actor with this id is alive', null);
    const logic = Object.hasOwn(this.#logic, machine) ? this.#logic[machine] : undefined;
    if (!logic) return differs(record, `No machine is called ${machine}`, null);
    const snapshot = getInitialSnapshot(logic, event['input'] as never) as AnyMachineSnapshot;
    const node: Node = { machine, logic, snapshot, ref: null };
    this.#trees.set(actor, new Map([[actor, node]]));
    for (const line of this.#adoptChildren(actor, node)) this.#owe(line);
    return compare(record, birthLine(actor, machine, event, snapshot));
  }

  /** Follows the parent's snapshot: drops the children it has let go, and takes in new ones. */
  #adoptChildren(actor: string, node: Node): Line[] {
    const tree = this.#trees.get(rootOf(actor));
    if (!tree) return [];
    if (node.snapshot.status !== 'active' && !actor.includes('/')) {
      this.forget(actor);
      return [];
    }
    const children = node.snapshot.children as Record<string, Actor<AnyActorLogic> | undefined>;
    const lines: Line[] = [];
    for (const path of childPaths(tree, actor)) {
      const id = path.slice(actor.length + 1);
      if (tree.get(path)?.ref !== children[id]) dropBelow(tree, path);
    }
    for (const [id, ref] of Object.entries(children)) {
      const path = `${actor}/${id}`;
      if (!ref || tree.has(path) || typeof ref.src !== 'string') continue;
      const logic = Object.hasOwn(this.#logic, ref.src) ? this.#logic[ref.src] : undefined;
      if (!logic) continue;
      const snapshot = ref.getSnapshot() as AnyMachineSnapshot;
      const child: Node = { machine: ref.src, logic, snapshot, ref };
      tree.set(path, child);
      const event = { type: 'xstate.init', input: ref.options.input as unknown };
      lines.push(birthLine(path, ref.src, event, snapshot), ...this.#adoptChildren(path, child));
    }
    return lines;
  }

  #firstOwed(root: string): Line | null {
    if (this.#owedInOrder.size === 0) return null;
    for (const line of this.#owedInOrder) if (rootOf(line.actor) === root) return line;
    return null;
  }

  #owe(line: Line): void {
    const lines = this.#owed.get(line.actor);
    if (lines) lines.push(line);
    else this.#owed.set(line.actor, [line]);
    this.#owedInOrder.add(line);
  }

  #pay(actor: string, owed: Line[]): Line | null {
    const line = owed.shift() ?? null;
    if (owed.length === 0) this.#owed.delete(actor);
    if (line) this.#owedInOrder.delete(line);
    return line;
  }
}

const microsteps = (node: Node, event: RecordedEvent) =>
  getMicrosteps(node.logic, node.snapshot, event as EventFromLogic<AnyStateMachine>);

const emittedIn = (actions: unknown): Emitted[] =>
  (actions as { type: string; params: unknown }[]).flatMap(({ type, params }) =>
    type === 'xstate.emit' ? [(params as { event: Emitted }).event] : [],
  );

function childPaths(tree: Tree, actor: string): string[] {
  if (tree.size === 1) return [];
  const prefix = `${actor}/`;
  return [...tree.keys()].filter(
    (path) => path.startsWith(prefix) && !path.includes('/', prefix.length),
  );
}

function dropBelow(tree: Tree, actor: string): void {
  for (const path of tree.keys()) {
    if (path === actor || path.startsWith(`${actor}/`)) tree.delete(path);
  }
}

export const differs = (
  record: JournalRecord,
  reason: string,
  expected: Line | null,
): Difference => {
  const { v: _v, seq, at: _at, crc: _crc, condensed: _condensed, ...found } = record;
  return { seq, actor: record.actor, reason, expected, found };
};

/** Compared as they would be written, so that a key order counts and an undefined does not. */
export function compare(record: JournalRecord, expected: Line | null): Difference | null {
  const { v: _v, seq: _seq, at: _at, crc: _crc, condensed: _condensed, ...found } = record;
  if (expected === null) {
    return differs(record, 'The machine does not react to this event here', null);
  }
  if (JSON.stringify(expected) === JSON.stringify(found)) return null;
  return differs(record, 'The machine does something else here', expected);
}
