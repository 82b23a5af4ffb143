import type { AnyStateMachine } from 'xstate';

/** A statechart as what there is to draw: plain data, in the order of the machine's source. */
export interface Chart {
  readonly machine: string;
  readonly initial: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

export interface ChartState {
  readonly name: string;
  readonly isFinal: boolean;
  /** What runs while the machine is in this state: `timer`, `attempt`. */
  readonly invokes: readonly string[];
}

/** One transition. */
export interface ChartEdge {
  /** `closed|request.failed|0`: the state, the event, and which of its alternatives. */
  readonly id: string;
  /** Null: from every state that does not say otherwise. */
  readonly from: string | null;
  /** The state itself where the transition does not leave it; null when it stays wherever it is. */
  readonly to: string | null;
  readonly event: string;
  /** Null when nothing is asked; `otherwise` when the alternatives before it said no. */
  readonly guard: string | null;
}

type Node = AnyStateMachine['root'];

const guardName = (guard: unknown): string | null => {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  const { type } = guard as { type?: unknown };
  return typeof type === 'string' ? type : 'guard';
};

function edgesOf(node: Node, from: string | null): ChartEdge[] {
  return [...node.transitions].flatMap(([event, alternatives]) =>
    alternatives.map((transition, index) => {
      const guard = guardName(transition.guard);
      const isLast = index > 0 && guard === null;
      return {
        id: `${from ?? '*'}|${event}|${index}`,
        from,
        to: transition.target?.[0]?.key ?? from,
        event,
        guard: isLast ? 'otherwise' : guard,
      };
    }),
  );
}

/** Reads a machine's definition. Only the flat ones that this program has are understood. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = Object.values(machine.root.states).toSorted((a, b) => a.order - b.order);
  const nested = nodes.find((node) => Object.keys(node.states).length > 0);
  if (nested) throw new RangeError(`machine must have no nested states, got ${nested.id}`);
  return {
    machine: machine.id,
    initial: machine.root.initial.target[0]?.key ?? '',
    states: nodes.map((node) => ({
      name: node.key,
      isFinal: node.type === 'final',
      invokes: node.invoke.map(({ id }) => id),
    })),
    edges: [...nodes.flatMap((node) => edgesOf(node, node.key)), ...edgesOf(machine.root, null)],
  };
}

/** An event's name as people read it: XState's own events name the child that has ended. */
export function eventLabel(event: string): string {
  const [, kind, child] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event) ?? [];
  if (child === undefined) return event;
  return kind === 'done' ? `${child} ended` : `${child} died`;
}

export const edgeLabel = ({ event, guard }: ChartEdge): string =>
  guard === null ? eventLabel(event) : `${eventLabel(event)} [${guard}]`;
