import type { InspectionEvent } from 'xstate';

/** Messages kept in order while they come faster than they go. */
const QUEUE_MAX = 2_000;
/** Handed on before others get a turn. */
const TURN = 200;
/** Actors of which the last is known; beyond it the oldest that has ended is forgotten first. */
const KNOWN_MAX = 1_000;
/** How soon a link that takes nothing is asked again. */
const AGAIN_MS = 50;

/** Where messages go. */
export interface Outlet {
  /** False while it is not connected, or has enough to do. */
  readonly takes: boolean;
  next(event: InspectionEvent): void;
}

interface Known {
  readonly actor: InspectionEvent;
  snapshot: InspectionEvent | null;
  hasEnded: boolean;
}

const sessionOf = ({ actorRef }: InspectionEvent): string => actorRef.sessionId;
const hasEnded = ({ snapshot }: { readonly snapshot: unknown }): boolean =>
  (snapshot as { status?: unknown } | null)?.status !== 'active';

/**
 * What goes to an inspector, in order and bounded. When more comes than goes, messages are left
 * out, and then every actor is told anew with where it is: the same that a late joiner is told.
 */
export class Outgoing {
  readonly #outlet: Outlet;
  #queue: InspectionEvent[] = [];
  readonly #known = new Map<string, Known>();
  #isBehind = false;
  #isScheduled = false;
  #isClosed = false;
  #onDrained: (() => void)[] = [];

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** How many messages are held back. */
  get size(): number {
    return this.#queue.length;
  }

  push(event: InspectionEvent): void {
    if (this.#isClosed) return;
    this.#note(event);
    if (this.#queue.length >= QUEUE_MAX) this.#isBehind = true;
    if (!this.#isBehind) this.#queue.push(event);
    this.#schedule();
  }

  /** Whoever listens has forgotten everything: a relay that was started again. */
  startOver(): void {
    this.#queue = [];
    this.#isBehind = true;
    this.#schedule();
  }

  /** Resolves when nothing is held back. */
  drained(): Promise<void> {
    if (this.#queue.length === 0 && !this.#isBehind) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#queue = [];
    this.#known.clear();
    this.#tellDrained();
  }

  #note(event: InspectionEvent): void {
    const session = sessionOf(event);
    if (event.type === '@xstate.actor') {
      this.#known.set(session, { actor: event, snapshot: null, hasEnded: false });
      if (this.#known.size > KNOWN_MAX) this.#forgetOne();
    } else if (event.type === '@xstate.snapshot') {
      const known = this.#known.get(session);
      if (!known) return;
      known.snapshot = event;
      known.hasEnded = hasEnded(event);
      if (known.hasEnded && !this.#isBehind) this.#known.delete(session);
    }
  }

  #forgetOne(): void {
    for (const [session, known] of this.#known) {
      if (!known.hasEnded) continue;
      this.#known.delete(session);
      return;
    }
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#isClosed) return;
    if (!this.#outlet.takes) {
      this.#isScheduled = true;
      setTimeout(() => {
        this.#isScheduled = false;
        this.#send();
      }, AGAIN_MS).unref();
      return;
    }
    for (const event of this.#queue.splice(0, TURN)) this.#outlet.next(event);
    if (this.#queue.length === 0 && this.#isBehind) this.#catchUp();
    if (this.#queue.length > 0) this.#schedule();
    else this.#tellDrained();
  }

  #catchUp(): void {
    this.#isBehind = false;
    const known = [...this.#known];
    const snapshots = known.flatMap(([, { snapshot }]) => snapshot ?? []);
    this.#queue = [...known.map(([, { actor }]) => actor), ...snapshots];
    for (const [session, { hasEnded: isOver }] of known) if (isOver) this.#known.delete(session);
  }

  #tellDrained(): void {
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}
