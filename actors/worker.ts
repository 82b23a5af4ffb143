import type { CallSettings } from '../machines/call-protocol.ts';
import type { CampaignEvent, ContactStatus, WorkerInput } from '../machines/campaign-protocol.ts';
import type { CampaignRef } from '../machines/campaign.ts';
import type { Failure } from '../machines/results.ts';
import type { EffectScope } from '../runtime/effect.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Entry } from '../store/ledger.ts';
import { opensOn, type CallingWindow } from './calling-window.ts';
import { onCallEnd, startCall } from './calls.ts';

/** A call can't end well without these; the CRM may be late. */
const REQUIRED = ['LLM', 'ElevenLabs', 'Telephony'] as const;
/** While one call tries a service that is coming back, and when nothing else says how long to wait. */
const HOLD_MS = 1_000;

type Scope = EffectScope<WorkerInput, CampaignEvent>;

interface Hold {
  readonly until: number;
  readonly service: string | null;
}

/**
 * What a campaign's worker does: takes the next contact that may be called and sees its call to
 * its end. The contacts are a projection of the journal, so a worker that is started again after
 * a crash finds the call that it had begun.
 */
export class Workers {
  readonly #runtime: Runtime;
  readonly #settings: CallSettings;
  readonly #window: CallingWindow | null;
  /** How far each campaign's list has been gone through. */
  readonly #cursors = new Map<string, number>();
  /** The call that tries a service whose breaker is half-open. */
  readonly #scouts = new Map<string, string>();

  constructor(runtime: Runtime, settings: CallSettings, window: CallingWindow | null) {
    this.#runtime = runtime;
    this.#window = window;
    this.#settings = settings;
  }

  readonly run = async (scope: Scope): Promise<void> => {
    const { worker } = scope.input;
    const campaign = scope.input.campaign.replace(/^campaign:/, '');
    const begun = this.#runtime.ledger.byWorker(campaign, worker);
    if (begun !== undefined) return this.#see(scope, begun);
    if (this.#isAtRest(scope.input.campaign)) return this.#giveBack(scope);
    const hold = this.#holdForServices();
    if (hold) return this.#hold(scope, hold);
    const contact = this.#next(campaign);
    if (typeof contact !== 'string') return this.#hold(scope, contact);
    if (this.#runtime.contacts.get(contact)?.skip) return this.#settle(scope, contact, 'skipped');
    const opens = this.#opensAt(contact);
    if (opens !== null) return this.#settle(scope, contact, 'deferred', { until: opens });
    const root = startCall(this.#runtime, { contact, campaign, worker, settings: this.#settings });
    this.#scout(root);
    return this.#see(scope, contact);
  };

  /** Paused or stopped before this worker has taken anybody: by a start, say. */
  #isAtRest(root: string): boolean {
    const campaign = this.#runtime.roots.get(root) as CampaignRef | undefined;
    const state = campaign?.getSnapshot().value;
    return state === 'paused' || state === 'stopped';
  }

  #giveBack(scope: Scope): void {
    this.#hold(scope, { until: this.#runtime.clock.now(), service: null });
  }

  #see(scope: Scope, contact: string): void {
    onCallEnd(this.#runtime, contact, (entry) => {
      if (this.#wasErased(entry)) return this.#settle(scope, contact, 'skipped');
      return this.#settle(scope, contact, statusOf(entry), {
        error: entry.error,
        ...(entry.retryAt !== null && { until: entry.retryAt }),
      });
    });
  }

  /** Erased while nobody worked: their call, gone on with, could only find that nobody is there. */
  #wasErased({ contact, status, placed }: Entry): boolean {
    const isErased = this.#runtime.contacts.get(contact)?.phone === '';
    return isErased && status === 'failed' && placed === null;
  }

  #settle(
    scope: Scope,
    contact: string,
    status: ContactStatus,
    { error = null, until }: { readonly error?: Failure | null; readonly until?: number } = {},
  ): void {
    const at = this.#runtime.clock.now();
    const { worker } = scope.input;
    const settled = { type: 'contact.settled', at, worker, contact, status, error } as const;
    scope.send(until === undefined ? settled : { ...settled, until });
  }

  /** When a contact may be called by its own clock; null for now. */
  #opensAt(contact: string): number | null {
    const details = this.#runtime.contacts.get(contact);
    if (!this.#window || !details) return null;
    return opensOn(this.#runtime.clock, this.#window, details);
  }

  #hold(scope: Scope, { until, service }: Hold): void {
    const at = this.#runtime.clock.now();
    scope.send({ type: 'contact.held', at, worker: scope.input.worker, until, service });
  }

  /** Nobody is called while a service that the call needs is down: a list is not burnt on it. */
  #holdForServices(): Hold | null {
    const { desk, clock, roots } = this.#runtime;
    for (const service of REQUIRED) {
      const retryAt = desk.retryAt(service);
      if (retryAt !== null) return { until: retryAt, service };
      const scout = this.#scouts.get(service);
      if (desk.isClosed(service)) this.#scouts.delete(service);
      else if (scout !== undefined && roots.get(scout)) {
        return { until: clock.now() + HOLD_MS, service };
      }
    }
    return null;
  }

  #scout(root: string): void {
    for (const service of REQUIRED) {
      if (!this.#runtime.desk.isClosed(service)) this.#scouts.set(service, root);
    }
  }

  /** The next waiting contact in file order, then the deferred ones as they fall due. */
  #next(campaign: string): string | Hold {
    const { ledger, contacts, clock } = this.#runtime;
    const size = contacts.size(campaign);
    for (let cursor = this.#cursors.get(campaign) ?? 0; cursor < size; cursor++) {
      const id = contacts.idAt(campaign, cursor) ?? '';
      if (ledger.has(id)) continue;
      this.#cursors.set(campaign, cursor + 1);
      return id;
    }
    this.#cursors.set(campaign, size);
    const first = ledger.deferred(campaign).first();
    const now = clock.now();
    if (!first) return { until: now + HOLD_MS, service: null };
    const until = first.notBefore ?? now;
    return until <= now ? first.contact : { until, service: null };
  }
}

/** A call that died of a defect of ours is nobody's decision but a person's. */
const statusOf = ({ status }: Entry): ContactStatus => (status === 'active' ? 'unknown' : status);
