import type { JournalRecord } from './record.ts';
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

/** Builds actor states from recorded results; actors that have ended are left out. */
export class Replay {
  readonly #actors = new Map<string, ActorState>();
  #seq = 0;
  #at = 0;

  apply(record: JournalRecord): void {
    this.#seq = record.seq;
    this.#at = record.at;
    if (record.done || record.event.type === 'actor.failed') {
      this.#actors.delete(record.actor);
      return;
    }
    const before = record.from === null ? undefined : this.#actors.get(record.actor);
    this.#actors.set(record.actor, {
      machine: record.machine,
      state: record.to,
      context: record.context ? { ...before?.context, ...record.context } : (before?.context ?? {}),
    });
  }

  get(actor: string): ActorState | undefined {
    return this.#actors.get(actor);
  }

  moment(): Moment {
    return { seq: this.#seq, at: this.#at, actors: Object.fromEntries(this.#actors) };
  }
}

/**
 * The state of every live actor at a moment, from the lines alone; nothing is run.
 * @throws JournalError where the journal is damaged
 */
export function replayJournal(dir: string, until?: Until): Moment {
  const replay = new Replay();
  readJournal(dir, (record) => {
    if (until && ('seq' in until ? record.seq > until.seq : record.at > until.at)) return false;
    replay.apply(record);
    return true;
  });
  return replay.moment();
}
