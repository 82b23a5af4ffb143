import { rootOf, type JournalRecord } from './record.ts';
import { isMigration } from './rebirth.ts';

export type Definitions = { readonly [machine: string]: string };

/** Machines that run below a root of one: their definitions count for it, too. */
const below: ReadonlyMap<string, readonly string[]> = new Map([['call', ['request']]]);

interface RootLife {
  readonly machine: string;
  /** What was in force then, where it was noted. */
  readonly definitions: Definitions;
}

/**
 * By which definitions each live root's lines were written: those that the agent had noted when it
 * was born, or the one it was taken over by.
 */
export class Lives {
  readonly #roots = new Map<string, RootLife>();
  #noted: Definitions;

  /** @param first what the first start notes, before which its agent is born */
  constructor(first: Definitions = {}) {
    this.#noted = first;
  }

  apply(record: JournalRecord): void {
    const { actor, machine, from, event, done } = record;
    const root = rootOf(actor);
    if (root === actor) {
      if (from === null) this.#roots.set(root, { machine, definitions: this.#noted });
      if (isMigration(event)) {
        const definitions = { ...this.#noted, [machine]: event.to };
        this.#roots.set(root, { machine, definitions });
      }
      if (done) this.#roots.delete(root);
    }
    if (event.type !== 'agent.started') return;
    this.#noted = definitionsIn(record);
    const agent = this.#roots.get(root);
    // It is born right before its first start is noted.
    if (agent && !Object.hasOwn(agent.definitions, machine)) {
      this.#roots.set(root, { ...agent, definitions: this.#noted });
    }
  }

  has(root: string): boolean {
    return this.#roots.has(root);
  }

  /** Takes in a root that is alive. @param definitions by which it was written. @default none is known */
  add(root: string, machine: string, definitions: Definitions = {}): void {
    this.#roots.set(root, { machine, definitions });
  }

  /** The root's machines that are others now. */
  changed(root: string, now: Definitions): string[] {
    const life = this.#roots.get(root);
    if (!life) return [];
    const { machine, definitions } = life;
    return [machine, ...(below.get(machine) ?? [])].filter(
      (name) => Object.hasOwn(definitions, name) && definitions[name] !== now[name],
    );
  }

  /** The definition that a root was written by; null where nobody noted it. */
  definitionOf(root: string): string | null {
    const life = this.#roots.get(root);
    return (life && life.definitions[life.machine]) ?? null;
  }

  machineOf(root: string): string {
    return this.#roots.get(root)?.machine ?? '';
  }

  roots(): string[] {
    return [...this.#roots.keys()];
  }

  get size(): number {
    return this.#roots.size;
  }
}

export const definitionsIn = ({ event }: JournalRecord): Definitions =>
  (event['definitions'] ?? {}) as Definitions;
