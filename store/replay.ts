import { baseOf } from './base.ts';
import { realFileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { isMigration } from './rebirth.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { readJournal } from './segments.ts';

/** An actor as the journal's lines alone tell it. */
export interface ActorState {
  readonly machine: string;
  readonly state: string;
  readonly context: { readonly [key: string]: unknown };
}

/** The moment that was asked for. */
export interface Moment {
  readonly seq: number;
  readonly at: number;
  readonly actors: { readonly [actor: string]: ActorState };
}

/** Up to a `seq`, or up to an epoch time in milliseconds; both inclusive. */
export type Until = { readonly seq: number } | { readonly at: number };

/** Builds actor states from recorded results; what has ended is left out, but for campaigns. */
export class Replay {
  /** By root, then by path: what ends takes all below it along. */
  readonly #roots = new Map<string, Map<string, ActorState>>();
  #seq = 0;
  #at = 0;

  apply(record: JournalRecord): void {
    const { seq, at, actor, machine, from, to, context, done, event } = record;
    this.#seq = seq;
    this.#at = at;
    const root = rootOf(actor);
    // A campaign that has ended is still worth knowing; calls are too many.
    const isKept = machine === 'campaign' && actor === root;
    const hasEnded = !isKept && (done === true || event.type === 'actor.failed');
    const tree = this.#roots.get(root) ?? new Map<string, ActorState>();
    if (hasEnded && actor === root) this.#roots.delete(root);
    else if (hasEnded) tree.delete(actor);
    else {
      const before = from === null ? undefined : tree.get(actor)?.context;
      const now = isMigration(event) ? event.context : { ...before, ...context };
      tree.set(actor, { machine, state: to, context: now });
      this.#roots.set(root, tree);
    }
  }

  /** Begins with what somebody else knows of an actor. */
  set(actor: string, state: ActorState): void {
    const root = rootOf(actor);
    const tree = this.#roots.get(root) ?? new Map<string, ActorState>();
    this.#roots.set(root, tree.set(actor, state));
  }

  get(actor: string): ActorState | undefined {
    return this.#roots.get(rootOf(actor))?.get(actor);
  }

  moment(): Moment {
    const actors = [...this.#roots.values()].flatMap((tree) => [...tree]);
    return { seq: this.#seq, at: this.#at, actors: Object.fromEntries(actors) };
  }
}

const isBefore = (until: Until | undefined, { seq, at }: { seq: number; at: number }): boolean =>
  until !== undefined && ('seq' in until ? seq > until.seq : at > until.at);

/**
 * The state of every live actor at a moment, from the lines alone; nothing is run.
 * @throws JournalError where the journal is damaged, or what is asked for was removed from it
 */
export function replayJournal(dir: string, until?: Until): Moment {
  const replay = new Replay();
  const base = until ? baseOf(dir, realFileSystem) : null;
  if (base && isBefore(until, base)) {
    const when = new Date(base.at).toISOString();
    throw new JournalError(
      `What was before this record, up to ${when}, was removed from the journal`,
      { file: dir, seq: base.seq + 1 },
    );
  }
  readJournal(dir, (record) => {
    if (isBefore(until, record)) return false;
    replay.apply(record);
    return true;
  });
  return replay.moment();
}
