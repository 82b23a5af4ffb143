import { Lives, type Definitions } from './lives.ts';
import type { Projection } from './projection.ts';
import type { JournalRecord } from './record.ts';

/** A live root as a snapshot holds it, with what its machine's `createActor` takes. */
export interface RootState {
  readonly id: string;
  readonly machine: string;
  readonly state: unknown;
}

/** A live root that an earlier version of its machine has written. */
export interface EarlierRoot {
  readonly root: string;
  readonly machine: string;
  readonly changed: readonly string[];
  /** The hash of its machine's definition of then. */
  readonly definition: string | null;
}

/** Finds the roots that are alive from recorded results; nothing is run. */
export class LiveRoots implements Pick<Projection, 'name' | 'apply' | 'restore'> {
  readonly name = 'roots';
  readonly #lives = new Lives();
  #states: readonly RootState[] = [];
  /** The last record behind the snapshot; null when there is none. */
  last: JournalRecord | null = null;

  apply(record: JournalRecord): void {
    this.last = record;
    this.#lives.apply(record);
  }

  /** @param state {@link RootState} of every root that was alive, made by the machines of today */
  restore(state: unknown): void {
    this.#states = state as readonly RootState[];
    for (const { id, machine } of this.#states) this.#lives.add(id, machine);
  }

  /** Lets go of the states: somebody has taken them. */
  release(): void {
    this.#states = [];
  }

  has(root: string): boolean {
    return this.#lives.has(root);
  }

  /** Roots that the snapshot holds, those that have ended since included. */
  get states(): readonly RootState[] {
    return this.#states;
  }

  /** Those that were written by other definitions than these, with the machines that are others. */
  earlier(now: Definitions): EarlierRoot[] {
    return this.#lives.roots().flatMap((root) => {
      const changed = this.#lives.changed(root, now);
      if (changed.length === 0) return [];
      const machine = this.#lives.machineOf(root);
      return [{ root, machine, changed, definition: this.#lives.definitionOf(root) }];
    });
  }

  get size(): number {
    return this.#lives.size;
  }
}
