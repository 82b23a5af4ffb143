import { blankIncident } from '../../machines/blank-incident.ts';
import type { AlertText, IncidentContext, IncidentInput } from '../../machines/incident.ts';
import type { SilenceContext } from '../../machines/silence.ts';
import type { JournalRecord } from '../../store/record.ts';

/** What became of a message on one channel. */
export interface Delivery {
  readonly state: 'delivered' | 'failed';
  readonly at: number;
}

/** One message about an incident, its words frozen. */
export interface Message {
  readonly seq: number;
  readonly at: number;
  /** The incident's id. */
  readonly alert: string;
  readonly n: number;
  readonly kind: 'raised' | 'updated' | 'acknowledged' | 'resolved';
  readonly why: string | null;
  readonly reach: number | null;
  readonly text: AlertText;
  /** By channel. */
  readonly deliveries: { [channel: string]: Delivery };
}

export interface Incident extends IncidentContext {
  /** As people type it: `12`. */
  readonly number: string;
  readonly state: string;
  readonly resolvedAt: number | null;
  /** What it is about was played by the simulated world when it began. */
  readonly isSimulated: boolean;
  /** The last ones. */
  readonly messages: readonly Message[];
}

export interface Silence extends SilenceContext {
  readonly number: string;
  readonly state: string;
}

/** Beyond so many, those that nobody is told of any more are forgotten. */
const CLOSED_KEPT = 500;
/** As long as a message about one may be delivered, and as many as there are messages kept. */
const TOLD_WITHIN_MS = 86_400_000;
const MOST_CLOSED = 20_000;
const MESSAGES_KEPT = 50;
/** An incident that comes back within this counts as coming and going. */
const FLAP_WITHIN_MS = 600_000;

type IsPlayed = (service: string | null) => boolean;

interface Flaps {
  readonly times: number;
  readonly endedAt: number;
}

/** The incidents and silences that the journal knows: what is open, and what was of late. */
export class Book {
  /** By key. */
  readonly open = new Map<string, Incident>();
  /** By root: `alert:12`. Open ones and the last closed. */
  readonly incidents = new Map<string, Incident>();
  readonly silences = new Map<string, Silence>();
  /** Keys of those that are open, by service. */
  readonly #byService = new Map<string | null, Set<string>>();
  readonly #flaps = new Map<string, Flaps>();
  /** Roots of those that are over, and since when: the oldest end in front. */
  readonly #closed = new Map<string, number>();
  #opened = 0;
  #silenced = 0;

  /**
   * @param isPlayed whether a service is simulated now; null asks for all of them
   * @returns the message that this record is, if it is one
   */
  apply(record: JournalRecord, isPlayed: IsPlayed = () => false): Message | null {
    if (record.machine === 'silence') this.#applySilence(record);
    return record.machine === 'incident' ? this.#applyIncident(record, isPlayed) : null;
  }

  /** A root's id is never used twice. */
  nextIncident(): string {
    return `alert:${this.#opened + 1}`;
  }

  nextSilence(): string {
    return `silence:${this.#silenced + 1}`;
  }

  /** Whether an incident, by its root's id, has not ended. */
  isOpen(root: string | null): boolean {
    return root !== null && this.incidents.get(root)?.resolvedAt === null;
  }

  /** Open incidents about a service, or about no single one. */
  *openAbout(service: string | null): Generator<Incident> {
    for (const key of this.#byService.get(service) ?? []) {
      const incident = this.open.get(key);
      if (incident) yield incident;
    }
  }

  /** How often a trouble has come and gone lately. */
  flaps(key: string, at: number): number {
    const flaps = this.#flaps.get(key);
    return flaps && flaps.endedAt + FLAP_WITHIN_MS > at ? flaps.times : 0;
  }

  snapshot(): unknown {
    return {
      incidents: [...this.incidents.values()].map((incident) => ({
        ...incident,
        messages: incident.messages.map((message) => ({
          ...message,
          deliveries: { ...message.deliveries },
        })),
      })),
      silences: [...this.silences],
      flaps: [...this.#flaps],
      counts: [this.#opened, this.#silenced],
    };
  }

  restore(state: unknown): void {
    const { incidents, silences, flaps, counts } = state as {
      incidents: Incident[];
      silences: [string, Silence][];
      flaps: [string, Flaps][];
      counts: [number, number];
    };
    for (const incident of incidents) {
      this.incidents.set(incident.id, incident);
      if (incident.resolvedAt === null) this.#keepOpen(incident);
    }
    const over = incidents.flatMap(({ id, resolvedAt: at }) => (at === null ? [] : { id, at }));
    for (const { id, at } of over.toSorted((a, b) => a.at - b.at)) this.#closed.set(id, at);
    for (const [id, silence] of silences) this.silences.set(id, silence);
    for (const [key, one] of flaps) this.#flaps.set(key, one);
    [this.#opened, this.#silenced] = counts;
  }

  #applyIncident(record: JournalRecord, isPlayed: IsPlayed): Message | null {
    const { actor, from, to, at, context, done, event } = record;
    if (from === null) this.#opened = Math.max(this.#opened, numberOf(actor));
    const before = this.incidents.get(actor) ?? blank(actor);
    const hasEnded = done === true || event.type === 'actor.failed';
    const changed = (context ?? {}) as Partial<IncidentContext>;
    const now: Incident = {
      ...before,
      ...changed,
      state: to,
      resolvedAt: hasEnded ? at : null,
      isSimulated: from === null ? isPlayed(changed.service ?? null) : before.isSimulated,
    };
    const message = changed.n === undefined ? acknowledgement(now, record) : messageOf(now, record);
    const messages = message ? [...now.messages, message].slice(-MESSAGES_KEPT) : now.messages;
    const incident = { ...now, messages };
    this.incidents.set(actor, incident);
    if (hasEnded) this.#close(incident, at);
    else this.#keepOpen(incident);
    return message;
  }

  #keepOpen(incident: Incident): void {
    const { key, service } = incident;
    this.open.set(key, incident);
    const keys = this.#byService.get(service);
    if (keys) keys.add(key);
    else this.#byService.set(service, new Set([key]));
  }

  #close({ id, key, n, service }: Incident, at: number): void {
    this.open.delete(key);
    const keys = this.#byService.get(service);
    keys?.delete(key);
    if (keys?.size === 0) this.#byService.delete(service);
    if (n > 0) this.#flaps.set(key, { times: this.flaps(key, at) + 1, endedAt: at });
    this.#closed.set(id, at);
    const [oldest] = this.#closed;
    if (!oldest || this.#closed.size <= CLOSED_KEPT) return;
    const [root, resolvedAt] = oldest;
    const isOld = resolvedAt + TOLD_WITHIN_MS < at;
    if (!isOld && this.#closed.size <= MOST_CLOSED) return;
    this.#closed.delete(root);
    this.incidents.delete(root);
  }

  #applySilence({ actor, from, to, context, done, event }: JournalRecord): void {
    if (from === null) this.#silenced = Math.max(this.#silenced, numberOf(actor));
    if (done || event.type === 'actor.failed') {
      this.silences.delete(actor);
      return;
    }
    const before = this.silences.get(actor);
    const changed = context as unknown as SilenceContext;
    this.silences.set(actor, {
      ...before,
      ...changed,
      number: String(numberOf(actor)),
      state: to,
    });
  }
}

const numberOf = (root: string): number => Number(root.slice(root.indexOf(':') + 1));

/** Before its birth line. */
const blank = (id: string): Incident => ({
  ...({
    id,
    key: '',
    rule: '',
    severity: 'warning',
    service: null,
  } satisfies Partial<IncidentInput>),
  since: 0,
  dueAt: null,
  ...blankIncident,
  number: String(numberOf(id)),
  state: 'pending',
  resolvedAt: null,
  isSimulated: false,
  messages: [],
});

/** For those that keep an incident of their own; nobody else is told. */
function acknowledgement(incident: Incident, { seq, at, event }: JournalRecord): Message | null {
  const { n, number, messages, acknowledgedBy } = incident;
  const title = messages.at(-1)?.text.title;
  if (event.type !== 'alert.acknowledged' || title === undefined) return null;
  const text = { title, paragraphs: [`Acknowledged by ${acknowledgedBy}.`], facts: [] };
  const about = { alert: number, n: n - 1, kind: 'acknowledged', why: null, reach: null } as const;
  return { seq, at, ...about, text, deliveries: {} };
}

function messageOf(incident: Incident, { seq, at, event }: JournalRecord): Message | null {
  const { number, n, kind, reach } = incident;
  const text = event['text'] as AlertText | null | undefined;
  if (n === 0 || kind === null || !text) return null;
  const why = typeof event['why'] === 'string' ? event['why'] : null;
  return { seq, at, alert: number, n: n - 1, kind, why, reach, text, deliveries: {} };
}
