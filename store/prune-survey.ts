import { realFileSystem, type FileSystem } from './file-system.ts';
import { Ledger } from './ledger.ts';
import { Replay } from './replay.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { firstSeqOf, listSegments, readJournal, type Tail } from './segments.ts';

/** Where one file ends, and whether all before the next could be removed. */
export interface FileEnd {
  readonly file: string;
  /** Of its last record. */
  readonly seq: number;
  readonly at: number;
  readonly crc: string;
  /** Why the journal must not begin behind it, in words; null when it may. */
  readonly why: string | null;
}

/** They may be alive where a journal begins: where they stand says all of them. */
const mayLive = new Set(['agent', 'breaker', 'health', 'incident', 'silence']);
/**
 * What these alerts tell of is over by itself when it has been calm for less than the two days that
 * a removed line is old at least; every other one still holds by what was removed.
 */
export const calmsDown: ReadonlySet<string> = new Set([
  'call.failed',
  'disk.full',
  'error.rate',
  'latency.high',
  'retry.rate',
]);

/** How a journal's files end. */
export interface EndsSurvey {
  /** Of those behind which there are more records, oldest first. */
  readonly ends: readonly FileEnd[];
  /** Nobody is in the middle of anything at the journal's end. */
  readonly isQuiet: boolean;
  readonly tail: Tail;
}

/** Follows who is alive, and says at the end of each file whether nobody is in the middle of anything. */
class Ends {
  readonly ends: FileEnd[] = [];
  readonly ledger = new Ledger();
  /** The first record of each contact. */
  readonly begun = new Map<string, number>();
  readonly #files: readonly string[];
  readonly #live = new Set<string>();
  readonly #replay = new Replay();
  readonly #lasting = new Set<string>();
  #index = 0;
  #last: JournalRecord | null = null;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  apply(record: JournalRecord): void {
    for (let next = this.#next; next !== undefined && record.seq >= firstSeqOf(next);) {
      this.#end(record);
      next = this.#next;
    }
    this.take(record);
    this.#last = record;
  }

  /** As {@link apply}, of what a base has left. */
  take(record: JournalRecord): void {
    const { actor, machine, event, done, from } = record;
    this.ledger.apply(record);
    if (rootOf(actor) !== actor) return;
    this.#replay.apply(record);
    const hasEnded = done === true || event.type === 'actor.failed';
    const set = mayLive.has(machine) ? this.#lasting : this.#live;
    if (hasEnded) set.delete(actor);
    else set.add(actor);
    const contact = from === null ? record.context?.['contact'] : undefined;
    if (typeof contact === 'string' && !this.begun.has(contact))
      this.begun.set(contact, record.seq);
  }

  get #next(): string | undefined {
    return this.#files[this.#index + 1];
  }

  #end(next: JournalRecord): void {
    const file = this.#files[this.#index++] ?? '';
    const last = this.#last;
    if (!last) return;
    // A further step follows from the line before.
    const isTorn = next.step !== undefined;
    const why = isTorn ? 'at its end an actor was in the middle of a turn' : this.why();
    this.ends.push({ file, seq: last.seq, at: last.at, crc: last.crc, why });
  }

  /** Why the journal must not begin behind what has been read. */
  why(): string | null {
    const [alive] = this.#live;
    if (alive !== undefined) return `at its end ${alive} had not ended`;
    for (const root of this.#lasting) {
      const { machine, state, context } = this.#replay.get(root) ?? {};
      if (machine === 'breaker' && state !== 'closed') return `at its end ${root} was ${state}`;
      if (machine === 'incident' && !calmsDown.has(String(context?.['rule'])))
        return `at its end ${root} had not ended`;
      if (machine !== 'health') continue;
      if (state === 'checking') return `at its end ${root} was checking`;
      if (context?.['health'] === 'UNHEALTHY') return `at its end ${root} was unhealthy`;
    }
    return null;
  }
}

/**
 * The ends of a journal's files, and whether the journal could begin there: no campaign, call,
 * request or alert is alive, no breaker is open and no service down; nothing that is unknown or owed
 * at the journal's end has begun before.
 * @throws JournalError where it is damaged
 */
export function surveyEnds(dir: string, disk: FileSystem = realFileSystem): EndsSurvey {
  const survey = new Ends(listSegments(dir, disk));
  const tail = readJournal(dir, (record) => survey.apply(record), {
    disk,
    onBase: (record) => survey.take(record),
  });
  const { ledger, begun } = survey;
  const owed = new Set(ledger.owed());
  const open = ledger.entries().filter(({ contact, status, crm }) => {
    return status === 'unknown' || status === 'active' || owed.has(contact) || crm === 'pending';
  });
  const ends = survey.ends.map((end) => {
    const held = open.find(({ contact }) => (begun.get(contact) ?? Infinity) <= end.seq);
    if (end.why !== null || !held) return end;
    const what = held.status === 'unknown' ? 'may have been called' : 'has a result the CRM lacks';
    return { ...end, why: `contact ${held.contact} ${what}` };
  });
  return { ends, isQuiet: survey.why() === null, tail };
}
