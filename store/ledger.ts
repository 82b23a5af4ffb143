import type { ContactDecided, ContactDropped } from '../machines/campaign-protocol.ts';
import type { CallContext, CallInput, CallResult, CallStep } from '../machines/call-protocol.ts';
import type { RequestResult } from '../machines/request-protocol.ts';
import type { Failure, Ref } from '../machines/results.ts';
import { DeferredContacts } from './deferred.ts';
import { LedgerRows, type PackedRows, type Row } from './ledger-rows.ts';
import type { Projection } from './projection.ts';
import type { JournalRecord } from './record.ts';

export type EntryStatus = 'active' | 'completed' | 'failed' | 'deferred' | 'skipped' | 'unknown';

export type Attempts = { readonly [service: string]: number };

/** What the journal says of one contact, over all tries. */
export interface Entry {
  readonly contact: string;
  readonly campaign: string | null;
  readonly status: EntryStatus;
  readonly disposition: string | null;
  readonly crm: 'done' | 'pending' | null;
  readonly error: Failure | null;
  /** Requests on the wire by service, those of earlier tries included. */
  readonly attempts: Attempts;
  readonly steps: readonly CallStep[];
  readonly durationMs: number | null;
  readonly script: Ref | null;
  readonly speech: Ref | null;
  readonly placed: Ref | null;
  readonly dialledAt: number | null;
  /** Deferred: not before this; null when the breaker decides. */
  readonly retryAt: number | null;
  readonly tries: number;
  /** Calls that were placed and that nobody answered. */
  readonly redials: number;
  /** The root of the last try, and the campaign's worker that started it. */
  readonly root: string;
  readonly worker: number | null;
}

/** A part of the ledger as a snapshot holds it. */
type Part =
  | { readonly campaign: string }
  | { readonly campaign: string; readonly queue: readonly [string, number | null][] }
  | Row
  | PackedRows
  | {
      readonly owed: readonly string[];
      readonly workers: readonly [string, string][];
      readonly unheard: readonly string[];
      readonly unknown: readonly string[];
    };

const add = (a: Attempts, b: Attempts): Attempts => {
  const sum: Record<string, number> = { ...a };
  for (const [service, n] of Object.entries(b)) sum[service] = (sum[service] ?? 0) + n;
  return sum;
};

const blank = (contact: string, campaign: string | null): Entry => ({
  contact,
  campaign,
  status: 'active',
  disposition: null,
  crm: null,
  error: null,
  attempts: {},
  steps: [],
  durationMs: null,
  script: null,
  speech: null,
  placed: null,
  dialledAt: null,
  retryAt: null,
  tries: 0,
  redials: 0,
  root: '',
  worker: null,
});

/** The script and the audio of a contact's call, by name. */
const artefactsOf = ({ script, speech }: Entry): string[] =>
  [script?.['artefact'], speech?.['artefact']].filter((name) => typeof name === 'string');

/** Whether one of these calls has an artefact of that name. */
export function namedBy(entries: readonly Entry[]): (name: string) => boolean {
  const names = new Set(entries.flatMap(artefactsOf));
  return (name) => names.has(name);
}

/** The contacts as a projection of the journal: who is done, who is deferred, what is owed. */
export class Ledger implements Projection {
  readonly name = 'ledger';
  readonly version = 3;
  readonly #byContact = new LedgerRows();
  readonly #deferred = new Map<string, DeferredContacts>();
  readonly #owed = new Set<string>();
  readonly #unknown = new Set<string>();
  /** The contact that a campaign's worker has begun, by campaign and worker. */
  readonly #byWorker = new Map<string, string>();
  readonly #campaigns = new Set<string>();
  /** Campaigns that have ended, and whose agent has not said goodbye since. */
  readonly #unheard = new Set<string>();

  apply(record: JournalRecord): void {
    if (record.machine === 'campaign' && record.from === null) {
      this.#campaigns.add(campaignOf(record.actor));
    }
    if (record.machine === 'campaign' && record.done) this.#unheard.add(campaignOf(record.actor));
    if (record.event.type === 'agent.stopped') this.#unheard.clear();
    if (record.machine === 'call') this.#applyCall(record);
    else if (record.event.type === 'contact.settled') this.#applyUncalled(record);
    else if (record.event.type === 'contact.decided')
      this.#applyDecided(record.event as Partial<ContactDecided>);
    else if (record.event.type === 'contact.dropped')
      this.#applyDropped(record.event as Partial<ContactDropped>);
    else if (record.actor.startsWith('record:')) this.#applyRecord(record);
  }

  get(contact: string): Entry | undefined {
    return this.#byContact.get(contact)?.entry;
  }

  /** Whether a campaign was ever begun. */
  hasCampaign(campaign: string): boolean {
    return this.#campaigns.has(campaign);
  }

  /** In the order in which they were begun. */
  campaigns(): string[] {
    return [...this.#campaigns];
  }

  /** Campaigns that ended in a life that was cut off: whoever ran them may not know. */
  unheard(): string[] {
    return [...this.#unheard];
  }

  byWorker(campaign: string, worker: number): string | undefined {
    return this.#byWorker.get(`${campaign}#${worker}`);
  }

  /** Deferred contacts of a campaign with their not-before times. */
  deferred(campaign: string): Pick<DeferredContacts, 'first' | 'size' | typeof Symbol.iterator> {
    return this.#deferred.get(campaign) ?? new DeferredContacts();
  }

  /** Contacts whose result the CRM does not have yet. */
  owed(): string[] {
    return [...this.#owed];
  }

  /** Contacts of whom nobody knows whether they were called. */
  unknown(): Entry[] {
    return [...this.#unknown].flatMap((contact) => this.get(contact) ?? []);
  }

  snapshot(): readonly Part[] {
    return [
      ...[...this.#campaigns].map((campaign): Part => ({ campaign })),
      ...this.#byContact.snapshot(),
      ...[...this.#deferred]
        .map(([campaign, queue]) => ({ campaign, queue: [...queue] }))
        .filter(({ queue }) => queue.length > 0),
      {
        owed: [...this.#owed],
        workers: [...this.#byWorker],
        unheard: [...this.#unheard],
        unknown: [...this.#unknown],
      },
    ];
  }

  restore(state: unknown): void {
    for (const row of state as readonly Part[]) {
      if ('entry' in row || 'packed' in row) this.#byContact.restore(row);
      else if ('queue' in row) {
        for (const [contact, retryAt] of row.queue) this.#defer(row.campaign, contact, retryAt);
      } else if ('campaign' in row) this.#campaigns.add(row.campaign);
      else {
        for (const contact of row.owed) this.#owed.add(contact);
        for (const campaign of row.unheard) this.#unheard.add(campaign);
        for (const contact of row.unknown) this.#unknown.add(contact);
        for (const [worker, contact] of row.workers) this.#byWorker.set(worker, contact);
      }
    }
  }

  #applyCall(record: JournalRecord): void {
    if (record.actor.includes('/')) return;
    const context = (record.context ?? {}) as Partial<CallContext>;
    if (record.from === null) this.#begin(record, context as CallInput);
    const live = this.#byContact.get(contactOf(record.actor));
    if (!live) return;
    live.entry = { ...live.entry, ...visible(context) };
    if (context.attempts) {
      live.entry = { ...live.entry, attempts: add(live.earlier, context.attempts) };
    }
    if (record.event.type === 'actor.failed') live.entry = { ...live.entry, status: 'unknown' };
    if (context.result) this.#end(live, context.result);
    this.#noteDoubt(live.entry);
  }

  #noteDoubt({ contact, status }: Entry): void {
    if (status === 'unknown') this.#unknown.add(contact);
    else this.#unknown.delete(contact);
  }

  #begin(record: JournalRecord, input: CallInput): void {
    const before =
      this.#byContact.get(input.contact)?.entry ?? blank(input.contact, input.campaign);
    const entry: Entry = {
      ...before,
      status: 'active',
      error: null,
      retryAt: null,
      tries: before.tries + 1,
      root: record.actor,
      worker: input.worker,
    };
    const records = this.records(input.contact);
    this.#byContact.set(input.contact, { entry, earlier: before.attempts, records });
    if (entry.campaign === null) return;
    this.#deferred.get(entry.campaign)?.delete(entry.contact);
    this.#byWorker.set(`${entry.campaign}#${entry.worker}`, entry.contact);
  }

  #end(live: Row, { status, disposition, crm, error, retryAt }: CallResult): void {
    const isUnanswered = status === 'deferred' && disposition !== null;
    const redials = live.entry.redials + (isUnanswered ? 1 : 0);
    live.entry = { ...live.entry, status, disposition, crm, error, retryAt, redials };
    const { contact, campaign } = live.entry;
    if (crm === 'pending') this.#owed.add(contact);
    else this.#owed.delete(contact);
    if (status === 'deferred' && campaign !== null) this.#defer(campaign, contact, retryAt);
  }

  #defer(campaign: string, contact: string, retryAt: number | null): void {
    const queue = this.#deferred.get(campaign) ?? new DeferredContacts();
    this.#deferred.set(campaign, queue);
    queue.set(contact, retryAt);
  }

  /** What a worker says of a contact that it did not call. */
  #applyUncalled({ actor, event }: JournalRecord): void {
    const { status, contact, until, worker } = event as {
      status?: unknown;
      contact?: unknown;
      until?: unknown;
      worker?: unknown;
    };
    if (typeof contact !== 'string') return;
    const campaign = campaignOf(actor);
    // It works on nobody any more, and its number is not used again.
    this.#byWorker.delete(`${campaign}#${String(worker)}`);
    const live = this.#byContact.get(contact);
    const entry = live?.entry ?? blank(contact, campaign);
    const earlier = live?.earlier ?? {};
    if (status === 'skipped') {
      this.#deferred.get(campaign)?.delete(contact);
      const skipped: Entry = { ...entry, status, error: null, retryAt: null };
      this.#byContact.set(contact, { entry: skipped, earlier, records: 0 });
      this.#noteDoubt(skipped);
    } else if (status === 'deferred' && typeof until === 'number') {
      const deferred: Entry = { ...entry, status, retryAt: until };
      this.#byContact.set(contact, {
        entry: deferred,
        earlier: entry.attempts,
        records: live?.records ?? 0,
      });
      this.#noteDoubt(deferred);
      this.#defer(campaign, contact, until);
    }
  }

  /** What a person says of a contact of whom nobody knew whether it was called. */
  #applyDecided({ contact, verdict }: Partial<ContactDecided>): void {
    const live = this.#byContact.get(contact ?? '');
    if (live?.entry.status !== 'unknown') return;
    const { entry } = live;
    if (verdict === 'answered') {
      live.entry = {
        ...entry,
        status: 'completed',
        disposition: 'answered',
        crm: 'pending',
        error: null,
      };
      this.#owed.add(entry.contact);
    } else if (verdict === 'skip') {
      live.entry = { ...entry, status: 'skipped', error: null };
    } else if (verdict === 'retry') {
      live.entry = { ...entry, status: 'deferred', retryAt: null, error: null };
      if (entry.campaign !== null) this.#defer(entry.campaign, entry.contact, null);
    }
    this.#noteDoubt(live.entry);
  }

  /** A person has left out a contact that was put back. */
  #applyDropped({ contact }: Partial<ContactDropped>): void {
    const live = this.#byContact.get(contact ?? '');
    if (live?.entry.status !== 'deferred') return;
    live.entry = { ...live.entry, status: 'skipped', error: null, retryAt: null };
    this.#deferred.get(live.entry.campaign ?? '')?.delete(live.entry.contact);
  }

  /** Every contact that was ever called, with what became of it. */
  entries(): Entry[] {
    return Array.from(this.#byContact.values(), ({ entry }) => entry);
  }

  /** Their ids alone. */
  contacts(): Iterable<string> {
    return this.#byContact.contacts();
  }

  has(contact: string): boolean {
    return this.#byContact.has(contact);
  }

  /** A CRM write that was owed and is made now, by a request of its own. */
  #applyRecord(record: JournalRecord): void {
    const result = record.context?.['result'] as RequestResult | undefined;
    const contact = contactOf(record.actor);
    const live = this.#byContact.get(contact);
    if (!live) return;
    if (record.from === null) live.records++;
    if (!result) return;
    const crm = result.status === 'succeeded' ? 'done' : 'pending';
    if (crm === 'done') this.#owed.delete(contact);
    const attempts = add(live.entry.attempts, { CRM: result.attempts });
    live.entry = { ...live.entry, crm, attempts };
  }

  /** How many requests of its own a contact's CRM write has had. */
  records(contact: string): number {
    return this.#byContact.get(contact)?.records ?? 0;
  }
}

const campaignOf = (root: string): string => root.replace(/^campaign:/, '');
/** Whose call or owed record it is: `0007` of `call:0007.2`. */
export const contactOf = (root: string): string => root.replace(/^\w+:/, '').replace(/\.\d+$/, '');

const kept = [
  'script',
  'speech',
  'placed',
  'dialledAt',
  'steps',
  'durationMs',
  'disposition',
] as const;

function visible(context: Partial<CallContext>): Partial<Entry> {
  const entries = kept.flatMap((key) => (key in context ? [[key, context[key]]] : []));
  return Object.fromEntries(entries) as Partial<Entry>;
}
