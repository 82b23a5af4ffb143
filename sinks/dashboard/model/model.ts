import type { CampaignContext } from '../../../machines/campaign-protocol.ts';
import type { Failure } from '../../../machines/results.ts';
import type { JournalRecord } from '../../../store/record.ts';
import {
  applyCall,
  applyCallsRequest,
  applyMention,
  applySettled,
  type Calls,
  type CallView,
} from './calls.ts';
import { noteAttempt } from './recent.ts';
import { applyBreaker, applyHealth, newService, type ServiceView } from './services.ts';

/** One campaign as a page shows it. */
export interface CampaignView {
  readonly name: string;
  state: string;
  total: number;
  queued: number;
  active: number;
  ended: CampaignContext['ended'];
  concurrency: number;
  /** Holding: until then, for that service. */
  dueAt: number | null;
  heldBy: string | null;
  pausedBy: Failure | null;
  /** Who paused, stopped or resumed it last. */
  by: string | null;
  since: number;
  beganAt: number;
}

/** What the overview needs, as plain JSON: small, however long the journal is. */
export interface Summary {
  readonly seq: number;
  readonly at: number;
  readonly firstAt: number;
  readonly isRunning: boolean;
  readonly simulated: readonly string[];
  readonly version: string;
  readonly services: readonly ServiceView[];
  readonly campaigns: readonly CampaignView[];
  /** Contacts by status. */
  readonly calls: { readonly [status: string]: number };
}

interface Attempt {
  readonly service: string;
  /** Null while it waits. */
  readonly startedAt: number | null;
}

interface Saved {
  readonly scalars: object;
  readonly services: readonly ServiceView[];
  readonly campaigns: readonly CampaignView[];
  readonly calls: readonly CallView[];
  readonly attempts: readonly (readonly [string, Attempt])[];
}

const serviceIn = (actor: string): string => actor.slice(actor.indexOf(':') + 1);

/**
 * Everything that pages show, folded from journal lines. It runs in the program and in the browser
 * alike, so that a file dropped on the page needs no program. It reads lines only: no machine runs.
 */
export class Model {
  seq = 0;
  at = 0;
  firstAt = 0;
  isRunning = false;
  simulated: readonly string[] = [];
  version = '';
  readonly services = new Map<string, ServiceView>();
  readonly campaigns = new Map<string, CampaignView>();
  readonly calls: Calls = new Map();
  /** Requests under way, by actor. */
  readonly #attempts = new Map<string, Attempt>();

  apply(record: JournalRecord): void {
    this.seq = record.seq;
    this.at = record.at;
    this.firstAt ||= record.at;
    this.#applyOwn(record);
    applyMention(this.calls, record);
  }

  #applyOwn(record: JournalRecord): void {
    switch (record.machine) {
      case 'breaker':
        return applyBreaker(this.#service(record), record);
      case 'health':
        return applyHealth(this.#service(record), record);
      case 'request':
        return this.#applyRequest(record);
      case 'call':
        return applyCall(this.calls, record);
      case 'campaign':
        return this.#applyCampaign(record);
      case 'agent':
        return this.#applyAgent(record);
      default:
    }
  }

  /**
   * Plain JSON that later records don't change. It shares what is never changed in place: with a
   * hundred thousand contacts a deep copy would take longer than reading on.
   */
  snapshot(): unknown {
    const { seq, at, firstAt, isRunning, simulated, version } = this;
    return {
      scalars: { seq, at, firstAt, isRunning, simulated, version },
      services: structuredClone([...this.services.values()]),
      campaigns: [...this.campaigns.values()],
      calls: [...this.calls.values()],
      attempts: [...this.#attempts],
    } satisfies Saved;
  }

  /** Makes a new model what the other one was. */
  restore(state: unknown): void {
    const saved = state as Saved;
    Object.assign(this, saved.scalars);
    for (const service of structuredClone(saved.services)) this.services.set(service.name, service);
    for (const campaign of saved.campaigns) this.campaigns.set(campaign.name, campaign);
    for (const call of saved.calls) this.calls.set(call.contact, call);
    for (const [actor, attempt] of saved.attempts) this.#attempts.set(actor, attempt);
  }

  summary(): Summary {
    const calls: Record<string, number> = {};
    for (const { status } of this.calls.values()) calls[status] = (calls[status] ?? 0) + 1;
    const { seq, at, firstAt, isRunning, simulated, version } = this;
    return {
      seq,
      at,
      firstAt,
      isRunning,
      simulated,
      version,
      services: [...this.services.values()],
      campaigns: [...this.campaigns.values()],
      calls,
    };
  }

  #service({ actor, at }: JournalRecord): ServiceView {
    const name = serviceIn(actor);
    const known = this.services.get(name);
    if (known) return known;
    const service = newService(name, at);
    this.services.set(name, service);
    return service;
  }

  #applyRequest(record: JournalRecord): void {
    const { actor, at, event, to, done, context } = record;
    let attempt = this.#attempts.get(actor);
    if (!attempt) {
      const service = context?.['service'];
      if (typeof service !== 'string') return;
      attempt = { service, startedAt: null };
    }
    const isAttempt = event.type === 'attempt.succeeded' || event.type === 'attempt.failed';
    if (isAttempt) this.#noteAttempt(attempt, record);
    if (done) this.#attempts.delete(actor);
    else this.#attempts.set(actor, { ...attempt, startedAt: to === 'attempting' ? at : null });
    if (actor.startsWith('call:')) applyCallsRequest(this.calls, record);
  }

  #noteAttempt({ service: name, startedAt }: Attempt, { at, event }: JournalRecord): void {
    const service = this.services.get(name);
    if (!service) return;
    const isOk = event.type === 'attempt.succeeded';
    noteAttempt(service.recent, at, isOk, startedAt === null ? null : at - startedAt);
    if (!isOk) service.lastError = { at, error: event['error'] as Failure };
  }

  #applyCampaign(record: JournalRecord): void {
    const { actor, at, event, from, to } = record;
    const context = (record.context ?? {}) as Partial<CampaignContext>;
    const name = serviceIn(actor);
    const before = this.campaigns.get(name);
    const { by } = event as { by?: unknown };
    this.campaigns.set(name, {
      ...(before ?? blankCampaign(name, at)),
      ...pick(context),
      state: to,
      since: from === to && before ? before.since : at,
      by: typeof by === 'string' ? by : (before?.by ?? null),
    });
    if (event.type === 'contact.settled' || event.type === 'contact.dropped')
      applySettled(this.calls, record);
  }

  #applyAgent({ event, to, context }: JournalRecord): void {
    this.isRunning = to === 'running';
    if (event.type !== 'agent.started') return;
    this.simulated = (event['simulated'] ?? context?.['simulated'] ?? []) as string[];
    this.version = String((event['version'] ?? '') as string);
  }
}

const blankCampaign = (name: string, at: number): CampaignView => ({
  name,
  state: 'ready',
  total: 0,
  queued: 0,
  active: 0,
  ended: { completed: 0, failed: 0, skipped: 0, unknown: 0 },
  concurrency: 1,
  dueAt: null,
  heldBy: null,
  pausedBy: null,
  by: null,
  since: at,
  beganAt: at,
});

const shown = [
  'total',
  'queued',
  'active',
  'ended',
  'concurrency',
  'dueAt',
  'heldBy',
  'pausedBy',
] as const;

function pick(context: Partial<CampaignContext>): Partial<CampaignView> {
  const known = shown.filter((key) => context[key] !== undefined);
  return Object.fromEntries(known.map((key) => [key, context[key]]));
}
