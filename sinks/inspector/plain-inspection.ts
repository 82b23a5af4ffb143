import type { InspectionEvent } from 'xstate';
import { maskedCopy } from './mask.ts';

/** What the stock client reads of an actor; most of it is not in xstate's public types. */
interface SeenActor {
  readonly id?: string;
  readonly sessionId: string;
  readonly _parent?: SeenActor;
  readonly logic?: { readonly config?: unknown };
  readonly options?: { readonly systemId?: string };
}

const definitions = new WeakMap<object, unknown>();

/** One copy a machine, not one an actor: definitions are big and never change. */
function definition(config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return undefined;
  const known = definitions.get(config);
  if (known !== undefined) return known;
  const copy = maskedCopy(config, 'structure');
  definitions.set(config, copy);
  return copy;
}

function plainActor(actor: SeenActor) {
  return {
    id: actor.options?.systemId ?? actor.id,
    sessionId: actor.sessionId,
    _parent: actor._parent && { sessionId: actor._parent.sessionId },
    logic: { config: definition(actor.logic?.config) },
    // An actor is announced before it has a snapshot; its first one follows as a message.
    getSnapshot: () => ({ status: 'active' }),
  };
}

/**
 * An inspection event as plain masked data in the shape that the stock client reads, taken when
 * it happens. The stock client reads the actor a macrotask later, where a state may be three
 * transitions on and where an exception would end the process; its sanitizers don't reach
 * definitions, outputs and errors.
 * @returns undefined for kinds that the inspector has no message for
 */
export function plainInspection(event: InspectionEvent): InspectionEvent | undefined {
  const { type, rootId } = event;
  const actor = event.actorRef as unknown as SeenActor;
  if (type === '@xstate.actor') {
    return { type, rootId, actorRef: plainActor(actor) } as unknown as InspectionEvent;
  }
  const actorRef = { sessionId: actor.sessionId };
  if (type === '@xstate.event') {
    const sourceRef = event.sourceRef && { sessionId: event.sourceRef.sessionId };
    const payload = maskedCopy(event.event, 'data');
    return { type, rootId, actorRef, sourceRef, event: payload } as unknown as InspectionEvent;
  }
  if (type === '@xstate.snapshot') {
    const payload = maskedCopy(event.event, 'data');
    const snapshot = maskedCopy(event.snapshot, 'structure');
    return { type, rootId, actorRef, event: payload, snapshot } as unknown as InspectionEvent;
  }
  return undefined;
}
