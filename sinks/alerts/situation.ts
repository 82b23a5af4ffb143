import type { BreakerContext } from '../../machines/breaker.ts';
import type { CampaignContext } from '../../machines/campaign-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import { isChannel } from '../../runtime/channels.ts';
import type { JournalRecord } from '../../store/record.ts';

export interface ServiceSituation {
  readonly breaker: string;
  /** Since when it has not been closed, other than by a person. */
  readonly openSince: number | null;
  /** When the next probe goes out. */
  readonly probeAt: number | null;
  readonly unhealthySince: number | null;
}

export interface CampaignSituation {
  readonly state: string;
  /** Contacts that are not at their end. */
  readonly waiting: number;
  readonly pausedBy: Failure | null;
  readonly pausedAt: number | null;
  readonly holdsUntil: number | null;
}

const blankService: ServiceSituation = {
  breaker: 'closed',
  openSince: null,
  probeAt: null,
  unhealthySince: null,
};

const blankCampaign: CampaignSituation = {
  state: 'ready',
  waiting: 0,
  pausedBy: null,
  pausedAt: null,
  holdsUntil: null,
};

/** States in which a campaign calls, or waits until it can. */
const GOING_ON: ReadonlySet<string> = new Set(['ready', 'running', 'holding']);

/** How services and campaigns stand, as the journal tells: what alerts speak of. */
export class Situation {
  readonly services = new Map<string, ServiceSituation>();
  readonly campaigns = new Map<string, CampaignSituation>();
  readonly #queues = new Map<string, { queued: number; active: number }>();
  /** Services that the simulated world stands in for, since the last start. */
  #simulated: readonly string[] = [];

  apply(record: JournalRecord): void {
    const { machine, actor } = record;
    if (machine === 'breaker') this.#applyBreaker(actor.slice('breaker:'.length), record);
    else if (machine === 'health') this.#applyHealth(actor.slice('health:'.length), record);
    else if (machine === 'campaign') this.#applyCampaign(actor.slice('campaign:'.length), record);
    else if (machine === 'agent') this.#applyAgent(record);
  }

  /**
   * Whether what is told of a service is play; of no single one, whether all are that the agent
   * asks anything of, a caller's own included.
   */
  readonly isPlayed = (service: string | null): boolean => {
    const about = service === null ? [...this.services.keys()] : [service];
    return about.length > 0 && about.every((name) => this.#simulated.includes(name));
  };

  service(name: string): ServiceSituation {
    return this.services.get(name) ?? blankService;
  }

  campaign(name: string): CampaignSituation {
    return this.campaigns.get(name) ?? blankCampaign;
  }

  snapshot(): unknown {
    return {
      services: [...this.services],
      campaigns: [...this.campaigns],
      queues: [...this.#queues],
      simulated: this.#simulated,
    };
  }

  restore(state: unknown): void {
    const { services, campaigns, queues, simulated } = state as {
      services: [string, ServiceSituation][];
      campaigns: [string, CampaignSituation][];
      queues: [string, { queued: number; active: number }][];
      simulated: readonly string[];
    };
    this.#simulated = simulated;
    for (const [name, service] of services) this.services.set(name, service);
    for (const [name, campaign] of campaigns) this.campaigns.set(name, campaign);
    for (const [name, counts] of queues) this.#queues.set(name, counts);
  }

  /**
   * Contacts that are called as soon as the services allow it: not those of campaigns that a person
   * has paused or stopped.
   */
  waiting(): number {
    let sum = 0;
    for (const { state, pausedAt, waiting } of this.campaigns.values()) {
      if (GOING_ON.has(state) || pausedAt !== null) sum += waiting;
    }
    return sum;
  }

  #applyAgent({ event, context }: JournalRecord): void {
    const simulated = event['simulated'] ?? context?.['simulated'];
    if (Array.isArray(simulated)) this.#simulated = simulated as readonly string[];
  }

  #applyBreaker(name: string, { to, at, context }: JournalRecord): void {
    if (isChannel(name)) return;
    const before = this.service(name);
    const { dueAt } = (context ?? {}) as Partial<BreakerContext>;
    const isOpen = to === 'open' || to === 'halfOpen';
    this.services.set(name, {
      ...before,
      breaker: to,
      openSince: isOpen ? (before.openSince ?? at) : null,
      probeAt: to === 'open' ? (dueAt === undefined ? before.probeAt : dueAt) : null,
    });
  }

  #applyHealth(name: string, { at, context }: JournalRecord): void {
    const health = context?.['health'];
    if (health === undefined) return;
    const before = this.service(name);
    const unhealthySince = health === 'UNHEALTHY' ? (before.unhealthySince ?? at) : null;
    this.services.set(name, { ...before, unhealthySince });
  }

  #applyCampaign(name: string, { to, at, context, done, event }: JournalRecord): void {
    if (done || event.type === 'actor.failed') {
      this.campaigns.delete(name);
      this.#queues.delete(name);
      return;
    }
    const before = this.campaign(name);
    const changed = (context ?? {}) as Partial<CampaignContext>;
    const { queued, active } = this.#counts(name, changed);
    const pausedBy = changed.pausedBy === undefined ? before.pausedBy : changed.pausedBy;
    const isPaused = to === 'paused' && pausedBy !== null;
    this.campaigns.set(name, {
      state: to,
      waiting: queued + active,
      pausedBy,
      pausedAt: isPaused ? (before.pausedAt ?? at) : null,
      holdsUntil: to === 'holding' ? (changed.dueAt ?? before.holdsUntil) : null,
    });
  }

  #counts(name: string, changed: Partial<CampaignContext>): { queued: number; active: number } {
    const before = this.#queues.get(name) ?? { queued: 0, active: 0 };
    const now = {
      queued: changed.queued ?? before.queued,
      active: changed.active ?? before.active,
    };
    this.#queues.set(name, now);
    return now;
  }
}
