import {
  createEmptyActor,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type ExecutableActionsFrom,
} from 'xstate';

const self = createEmptyActor();
const scope = { self, system: self.system, id: '', sessionId: '', logger: () => {} };
const inert = { ...scope, defer: () => {}, stopChild: () => {}, emit: () => {} };

/**
 * What xstate's own `transition()` does, for many events: that makes a new place to run a machine
 * in for every event, at several times the cost of the event.
 */
export function transition(
  machine: AnyStateMachine,
  before: AnyMachineSnapshot,
  event: EventFromLogic<AnyStateMachine>,
) {
  const actions: ExecutableActionsFrom<AnyStateMachine>[] = [];
  const actionExecutor = (action: any): number => actions.push(action);
  const after = machine.transition(before, event, { ...inert, actionExecutor } as never);
  return [after as AnyMachineSnapshot, actions] as const;
}
