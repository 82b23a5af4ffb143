import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import type { Life } from '../machines/migrations.ts';
import type { Line, RecordedEvent } from './record.ts';

/**
 * The event of a line on which an actor passes from an earlier definition of its machine to another:
 * the life of before ends on it, and one begins in the state that it names. One line does both, so
 * that no crash can come between.
 */
export interface Migrated extends RecordedEvent {
  readonly type: 'migrated';
  /** Epoch ms. */
  readonly at: number;
  /** Hashes of the two definitions. */
  readonly from: string;
  readonly to: string;
  readonly state: string;
  /** All of it. */
  readonly context: Life['context'];
}

export const isMigration = (event: RecordedEvent): event is Migrated => event.type === 'migrated';

export const migrated = (at: number, from: string, to: string, life: Life): Migrated => ({
  type: 'migrated',
  at,
  from,
  to,
  state: life.state,
  context: life.context,
});

/** @param old where the actor stood by its lines */
export function migrationLine(actor: string, machine: string, old: Life, event: Migrated): Line {
  const changed = Object.entries(event.context).filter(
    ([key, value]) => !isDeepStrictEqual(value, old.context[key]),
  );
  return {
    actor,
    machine,
    event,
    from: old.state,
    to: event.state,
    ...(changed.length > 0 && { context: Object.fromEntries(changed) }),
  };
}

interface Invoked {
  readonly id: string;
  readonly src: string;
  readonly input?: unknown;
}

/**
 * What `createActor` takes to begin in the midst of things: the state, with what is invoked in it
 * yet to be started.
 * @throws Error where the machine has no such state
 */
export function persistedLife(logic: AnyStateMachine, event: Migrated): unknown {
  const { state, context } = event;
  const node = Object.hasOwn(logic.states, state) ? logic.states[state] : undefined;
  if (!node) throw new Error(`${logic.id} has no state called ${state}`);
  const children = (node.invoke as readonly Invoked[]).map(({ id, src, input }) => {
    const given = typeof input === 'function' ? (input({ context, event }) as unknown) : input;
    const snapshot = { status: 'active', input: given, output: undefined, error: undefined };
    return [id, { src, snapshot, syncSnapshot: false }];
  });
  const resting = logic.getPersistedSnapshot(logic.resolveState({ value: state, context }));
  return { ...(resting as object), children: Object.fromEntries(children) as object };
}
