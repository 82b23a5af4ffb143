import { migrations } from '../machines/migrations.ts';
import { compare, differs, type Difference } from './fold.ts';
import { Lives, type Definitions } from './lives.ts';
import { isMigration, migrated, migrationLine, type Migrated } from './rebirth.ts';
import { Replay, type ActorState } from './replay.ts';
import { rootOf, type JournalRecord } from './record.ts';

/**
 * What earlier definitions of the machines have written in a journal. The machines of then are not
 * there to be asked, so it is seen to that each line begins where the one before it has ended; and
 * that whoever was taken over by a definition of today goes on from where the lines had left it.
 */
export class EarlierLines {
  /** How many there were. */
  count = 0;
  readonly #now: Definitions;
  readonly #lives: Lives;
  /** Live roots that are not of today's machines. */
  readonly #roots = new Set<string>();
  readonly #replay = new Replay();

  /**
   * @param now of today's machines
   * @param first what the first start has noted
   */
  constructor(now: Definitions, first: Definitions) {
    this.#now = now;
    this.#lives = new Lives(first);
  }

  /**
   * @returns `isEarlier` for a line that the machines of today have not written, and what is wrong
   *   with such a line, or with one on which they took over
   */
  apply(record: JournalRecord): { isEarlier: boolean; difference: Difference | null } {
    const root = rootOf(record.actor);
    const { event } = record;
    const before = this.#replay.get(record.actor) ?? null;
    const isTakenOver = isMigration(event) && record.actor === root;
    const from = isTakenOver ? this.#lives.definitionOf(root) : null;
    this.#lives.apply(record);
    if (record.actor === root && (record.from === null || isTakenOver)) {
      if (this.#lives.changed(root, this.#now).length > 0) this.#roots.add(root);
      else this.#roots.delete(root);
    }
    const isEarlier = this.#roots.has(root);
    if (isEarlier) this.count++;
    if (record.done && record.actor === root) this.#roots.delete(root);
    this.#replay.apply(record);
    if (isTakenOver && !isEarlier) {
      return { isEarlier, difference: checkMigration(record, event, before, from) };
    }
    return { isEarlier, difference: isEarlier ? checkChain(record, before) : null };
  }

  /**
   * Takes what a base has left of lines that were removed: nothing of it can be compared.
   * @returns whether the machines of today have not written it
   */
  take(record: JournalRecord): boolean {
    const root = rootOf(record.actor);
    this.#lives.apply(record);
    this.#replay.apply(record);
    if (this.#lives.changed(root, this.#now).length > 0) this.#roots.add(root);
    else this.#roots.delete(root);
    return this.#roots.has(root);
  }
}

function checkChain(record: JournalRecord, before: ActorState | null): Difference | null {
  if (record.from === null || record.from === before?.state) return null;
  const reason = before
    ? `The line before it has left this actor ${before.state}`
    : 'No such actor is alive here';
  return differs(record, reason, null);
}

function checkMigration(
  record: JournalRecord,
  { at, from, to }: Migrated,
  before: ActorState | null,
  written: string | null,
): Difference | null {
  if (!before) return differs(record, 'No such actor is alive here', null);
  const { actor, machine } = record;
  const life = migrations.get(machine)?.(before, at) ?? null;
  if (!life) return differs(record, 'This actor could not be taken over', null);
  const event = migrated(at, written ?? from, to, life);
  return compare(record, migrationLine(actor, machine, before, event));
}
