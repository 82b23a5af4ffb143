import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import { NOW } from './fixtures.ts';
import type { Model } from './models/model.ts';

/** More states than any model has: beyond it, a fingerprint has too many values. */
const MOST_STATES = 20_000;

export interface Edge {
  readonly before: AnyMachineSnapshot;
  readonly event: EventFromLogic<AnyStateMachine>;
  readonly after: AnyMachineSnapshot;
}

/** Every step that a model's machine can take, from every state that it can come to. */
export function explore({ machine, explored, events, fingerprint }: Model<any>): Edge[] {
  return explored.flatMap((input) => {
    const map = getAdjacencyMap(machine, {
      input,
      events: (snapshot: AnyMachineSnapshot) => events(snapshot, NOW),
      serializeState: (snapshot: AnyMachineSnapshot) => JSON.stringify(fingerprint(snapshot)),
      stopWhen: ({ status }: AnyMachineSnapshot) => status !== 'active',
      limit: MOST_STATES,
    } as object);
    return adjacencyMapToArray(map).map(({ state, event, nextState }) => ({
      before: state as AnyMachineSnapshot,
      event: event as EventFromLogic<AnyStateMachine>,
      after: nextState as AnyMachineSnapshot,
    }));
  });
}
