import type { AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate';

/** A state and all states below it. */
type Node = AnyStateMachine['root'];

const nodesOf = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

const name = (node: Node, event: string, index: number): string =>
  `${node.id} on ${event} [${index}]`;

/** Every transition that a machine's definition declares, as `breaker.closed on request.failed [0]`. */
export const declaredTransitions = (machine: AnyStateMachine): string[] =>
  nodesOf(machine.root)
    .flatMap((node) =>
      [...node.transitions].flatMap(([event, list]) => list.map((_, i) => name(node, event, i))),
    )
    .toSorted();

/** Every state that a machine's definition declares. */
export const declaredStates = (machine: AnyStateMachine): string[] =>
  Object.keys(machine.states).toSorted();

/** The declared transitions that an event takes in a state; none when it is ignored. */
export const transitionsTaken = <M extends AnyStateMachine>(
  machine: M,
  snapshot: SnapshotFrom<M>,
  event: EventFromLogic<M>,
): string[] => {
  const taken = machine.getTransitionData(snapshot as never, event);
  return taken.map((transition) => {
    const alternatives = transition.source.transitions.get(transition.eventType) ?? [];
    return name(transition.source, transition.eventType, alternatives.indexOf(transition));
  });
};
