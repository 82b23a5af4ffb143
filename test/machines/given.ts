import { expect } from 'vitest';
import {
  initialTransition,
  transition,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ContextFrom,
  type EmittedFrom,
  type EventFromLogic,
  type ExecutableActionsFrom,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';
import { declaredTransitions, transitionsTaken } from './declared.ts';

/** What an event is to lead to. */
export interface Expected<M extends AnyStateMachine> {
  /** The state. */
  readonly is: string;
  /** Part of the context. */
  readonly has?: Partial<ContextFrom<M>>;
  /** All that is emitted. @default [] */
  readonly tells?: readonly EmittedFrom<M>[];
  /** All actors that are started, with their input, by id. */
  readonly starts?: Readonly<Record<string, unknown>>;
  /** All actors that are stopped, by id. */
  readonly stops?: readonly string[];
}

export interface Then<M extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<M>;
  thenIt(expected: Expected<M>): void;
  /** No transition handles the event, and all stays as it was. */
  thenItIsIgnored(): void;
}

export interface Given<M extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<M>;
  /** The same with more behind it. */
  events(...events: EventFromLogic<M>[]): Given<M>;
  when(event: EventFromLogic<M>): Then<M>;
}

type Actions<M extends AnyStateMachine> = readonly ExecutableActionsFrom<M>[];

/** What `when` has tried so far, by machine. */
const tried = new Map<string, Set<string>>();

/**
 * The declared transitions that no `when` of this file has taken.
 * @param about what the file is about, as `breaker.closed` or `breaker.closed on request`; all when
 * left out
 */
export const untriedTransitions = (machine: AnyStateMachine, about?: readonly string[]): string[] =>
  declaredTransitions(machine)
    .filter((one) => !about || about.some((prefix) => one.startsWith(prefix)))
    .filter((one) => !tried.get(machine.id)?.has(one));

const paramsOf = (actions: Actions<AnyStateMachine>, type: string): any[] =>
  actions.filter((action) => action.type === type).map((action) => action.params);

export const emittedBy = (actions: Actions<AnyStateMachine>): any[] =>
  paramsOf(actions, 'xstate.emit').map(({ event }) => event);

const startedBy = (actions: Actions<AnyStateMachine>): Record<string, unknown> =>
  Object.fromEntries(
    paramsOf(actions, 'xstate.spawnChild').map(({ id, input }) => [id, input] as const),
  );

const stoppedBy = (actions: Actions<AnyStateMachine>): string[] =>
  paramsOf(actions, 'xstate.stopChild').map(({ id }) => id);

const birth = <M extends AnyStateMachine>(machine: M, input: InputFrom<M>): SnapshotFrom<M> =>
  initialTransition(machine, input as never)[0];

/**
 * A machine and what has happened to it, without an actor, a clock or an effect.
 *
 * @example
 * given(breakerMachine, input).events(failed, failed).when(failed).thenIt({ is: 'open' });
 */
export function given<M extends AnyStateMachine>(machine: M, input: InputFrom<M>): Given<M> {
  return after(machine, () => birth(machine, input));
}

function after<M extends AnyStateMachine>(machine: M, fold: () => SnapshotFrom<M>): Given<M> {
  return {
    get snapshot() {
      return fold();
    },
    events: (...events) =>
      after(machine, () =>
        events.reduce<SnapshotFrom<M>>(
          (snapshot, event) => transition(machine, snapshot, event)[0],
          fold(),
        ),
      ),
    when: (event) => outcome(machine, fold(), event),
  };
}

function outcome<M extends AnyStateMachine>(
  machine: M,
  before: SnapshotFrom<M>,
  event: EventFromLogic<M>,
): Then<M> {
  const taken = transitionsTaken(machine, before, event);
  const seen = tried.get(machine.id) ?? new Set();
  tried.set(machine.id, new Set([...seen, ...taken]));
  const [next, actions] = transition(machine, before, event);
  const snapshot: AnyMachineSnapshot = next;
  const { value, context }: AnyMachineSnapshot = before;
  return {
    snapshot: next,
    thenIt({ is, has = {}, tells = [], starts, stops }) {
      expect(taken, 'the event is handled').not.toEqual([]);
      expect(snapshot.value).toBe(is);
      expect(snapshot.context).toMatchObject(has);
      expect(emittedBy(actions)).toEqual(tells);
      if (starts) expect(startedBy(actions)).toEqual(starts);
      if (stops) expect(stoppedBy(actions)).toEqual(stops);
    },
    thenItIsIgnored() {
      expect(taken, 'transitions taken').toEqual([]);
      expect(snapshot.value).toEqual(value);
      expect(snapshot.context).toEqual(context);
      expect(actions).toEqual([]);
    },
  };
}
