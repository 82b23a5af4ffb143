import type { Projection } from './projection.ts';
import type { JournalRecord } from './record.ts';

/** A live root as a snapshot holds it, with what its machine's `createActor` takes. */
export interface RootState {
  readonly id: string;
  readonly machine: string;
  readonly state: unknown;
}

/** Finds the roots that are alive from recorded results; nothing is run. */
export class LiveRoots implements Pick<Projection, 'name' | 'apply' | 'restore'> {
  readonly name = 'roots';
  readonly #roots = new Map<string, string>();
  #states: readonly RootState[] = [];
  #definitions: { readonly [machine: string]: string } = {};
  /** The last record behind the snapshot; null when there is none. */
  last: JournalRecord | null = null;

  apply(record: JournalRecord): void {
    this.last = record;
    if (record.event.type === 'agent.started') {
      this.#definitions = (record.event['definitions'] ?? {}) as { [machine: string]: string };
    }
    if (record.actor.includes('/')) return;
    if (record.from === null) this.#roots.set(record.actor, record.machine);
    if (record.done) this.#roots.delete(record.actor);
  }

  /** @param state {@link RootState} of every root that was alive, made by the machines of today */
  restore(state: unknown): void {
    this.#states = state as readonly RootState[];
    for (const { id, machine } of this.#states) this.#roots.set(id, machine);
  }

  /** Lets go of the states: somebody has taken them. */
  release(): void {
    this.#states = [];
  }

  has(root: string): boolean {
    return this.#roots.has(root);
  }

  /** Roots that the snapshot holds, those that have ended since included. */
  get states(): readonly RootState[] {
    return this.#states;
  }

  /** Machines with a live root whose definition is not the one that the journal was written with. */
  changed(definitions: { readonly [machine: string]: string }): string[] {
    const alive = new Set(this.#roots.values());
    if (alive.has('call')) alive.add('request');
    return [...alive].filter(
      (machine) =>
        machine in this.#definitions && this.#definitions[machine] !== definitions[machine],
    );
  }

  get size(): number {
    return this.#roots.size;
  }
}
