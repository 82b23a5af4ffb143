import { Lives } from './lives.ts';
import { isMigration, migrated } from './rebirth.ts';
import { Replay } from './replay.ts';
import { rootOf, type JournalRecord } from './record.ts';

/** Their lines are few, and each may count: kept as they are. */
export const keptWhole: ReadonlySet<string> = new Set(['agent', 'incident', 'silence']);
/** They go on for ever, so that one line says where they stand. */
export const standing: ReadonlySet<string> = new Set(['breaker', 'health']);
/** What a campaign's lines say of its contacts one by one, and how a later version went on with it. */
const ofCampaigns = new Set(['contact.settled', 'contact.decided', 'contact.dropped', 'migrated']);

function isKept({ actor, machine, event, from, done }: JournalRecord): boolean {
  if (keptWhole.has(machine) || event.type === 'actor.failed') return true;
  if (from === null || done === true || actor.startsWith('request:channel:')) return true;
  return machine === 'campaign' && ofCampaigns.has(event.type);
}

const isRoot = ({ actor }: JournalRecord): boolean => rootOf(actor) === actor;

/** Finds where the breakers and health checkers stand behind the records that it is given. */
export class Standings {
  readonly #lives = new Lives();
  readonly #replay = new Replay();
  readonly #last = new Map<string, JournalRecord>();

  apply(record: JournalRecord): void {
    if (!isRoot(record)) return;
    const { actor, machine, event, done } = record;
    this.#lives.apply(record);
    if (!standing.has(machine)) return;
    this.#replay.apply(record);
    if (done === true || event.type === 'actor.failed') this.#last.delete(actor);
    else this.#last.set(actor, record);
  }

  /**
   * By the `seq` of each one's last line: a line that takes it over, from its own definition, as it
   * stands behind that.
   * @throws Error where it is not known by which definition one was written
   */
  lines(): ReadonlyMap<number, JournalRecord> {
    return new Map(
      [...this.#last].map(([root, last]) => {
        const definition = this.#lives.definitionOf(root);
        const life = this.#replay.get(root);
        if (definition === null || !life) {
          throw new Error(`nobody noted by which version ${root} was written`);
        }
        const { v, seq, at, actor, machine, crc } = last;
        const { state: from, context } = life;
        const event = migrated(at, definition, definition, life);
        const line = { v, seq, at, actor, machine, event, from, to: from, context, crc };
        return [seq, { ...line, condensed: true }];
      }),
    );
  }
}

type Context = { readonly [key: string]: unknown };

/**
 * Keeps of records what everybody who has to know the past goes by: of a call, a campaign or a
 * request its birth and its end, with all that it had come to; what was said of each contact; the
 * agent, alerts and silences whole; and of a breaker or a health checker where it stands. What it is
 * given must end where no work is alive.
 */
export class Condenser {
  readonly #standings: ReadonlyMap<number, JournalRecord>;
  /** What the lines that were left out have changed, by root. */
  readonly #carried = new Map<string, Context>();

  /** @param standings {@link Standings} behind the same records */
  constructor(standings: ReadonlyMap<number, JournalRecord>) {
    this.#standings = standings;
  }

  /** @returns what is left of a record, in order */
  apply(record: JournalRecord): JournalRecord[] {
    if (!isRoot(record)) return [];
    const stands = this.#standings.get(record.seq);
    const kept = this.#keep(record);
    return [...(kept ? [kept] : []), ...(stands ? [stands] : [])];
  }

  #keep(record: JournalRecord): JournalRecord | null {
    const { actor, machine, event, context } = record;
    // Where they stand is a line of its own.
    const isCarried = !standing.has(machine) && !isMigration(event);
    const carried = isCarried ? { ...this.#carried.get(actor), ...context } : {};
    if (isKept(record)) {
      this.#carried.delete(actor);
      const isMore = Object.keys(carried).length > 0;
      return { ...record, ...(isMore && { context: carried }), condensed: true };
    }
    if (isCarried) this.#carried.set(actor, carried);
    return null;
  }
}
