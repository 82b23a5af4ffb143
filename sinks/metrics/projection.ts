import type { CallContext, CallResult } from '../../machines/call-protocol.ts';
import type { Projection } from '../../store/projection.ts';
import type { JournalRecord } from '../../store/record.ts';
import { BreakerBook } from './breaker-book.ts';
import { CampaignBook } from './campaign-book.ts';
import { figuresOf, noSums, type Figures, type Sums } from './figures.ts';
import { RequestBook } from './request-book.ts';
import { serviceIn, ServiceNames } from './services.ts';
import { Tally } from './tally.ts';

export interface MetricsOptions {
  /** Only what happened from then on is counted; epoch ms. @default 0 */
  readonly since?: number;
}

/** A start's first words: before them nobody was there. */
const isStart = ({ event: { type } }: JournalRecord): boolean =>
  type === 'resumed' || type === 'agent.started';

interface Saved {
  readonly tally: unknown;
  readonly sums: Sums;
  readonly requests: unknown;
  readonly breakers: unknown;
  readonly campaigns: unknown;
  readonly active: number;
  readonly at: number;
  readonly isRunning: boolean;
}

/**
 * Everything that is measured, as a fold over the journal alone. What a base has left of removed
 * records says how things stand, and is not counted.
 */
export class Metrics implements Projection {
  readonly name = 'metrics';
  readonly version = 3;
  readonly tally = new Tally();
  readonly #since: number;
  readonly #sums: Sums = noSums();
  readonly #names = new ServiceNames();
  readonly #requests = new RequestBook(this.tally, this.#sums, this.#names);
  readonly #breakers = new BreakerBook(this.tally, this.#sums, this.#names);
  readonly #campaigns = new CampaignBook(this.tally);
  #active = 0;
  #at = 0;
  #isRunning = false;

  constructor({ since = 0 }: MetricsOptions = {}) {
    this.#since = since;
  }

  apply(record: JournalRecord): void {
    const isCounted = record.at >= this.#since && !record.condensed;
    if (this.#isRunning && !isStart(record) && !record.condensed) {
      this.#sums.runningMs += Math.max(0, record.at - Math.max(this.#at, this.#since));
    }
    this.#at = record.at;
    this.#isRunning = record.event.type !== 'agent.stopped';
    this.tally.set('seq', {}, record.seq);
    if (record.machine === 'request') this.#requests.apply(record, isCounted);
    else if (record.machine === 'breaker') this.#breakers.apply(record, isCounted);
    else if (record.machine === 'campaign') this.#campaigns.apply(record);
    else if (record.machine === 'health') this.#noteHealth(record);
    else if (record.machine === 'call') this.#noteCall(record, isCounted);
  }

  figures(): Figures {
    return figuresOf(this.#sums);
  }

  snapshot(): unknown {
    return {
      tally: this.tally.snapshot(),
      sums: { ...this.#sums },
      requests: this.#requests.snapshot(),
      breakers: this.#breakers.snapshot(),
      campaigns: this.#campaigns.snapshot(),
      active: this.#active,
      at: this.#at,
      isRunning: this.#isRunning,
    };
  }

  restore(state: unknown): void {
    const saved = state as Saved;
    this.tally.restore(saved.tally);
    // A service has the label that it had before.
    for (const { labels } of this.tally.samples('breaker')) this.#names.keep(labels['service']);
    Object.assign(this.#sums, saved.sums);
    this.#requests.restore(saved.requests);
    this.#breakers.restore(saved.breakers);
    this.#campaigns.restore(saved.campaigns);
    this.#active = saved.active;
    this.#at = saved.at;
    this.#isRunning = saved.isRunning;
  }

  #noteHealth({ actor, context = {} }: JournalRecord): void {
    const service = serviceIn(actor);
    const health = context['health'];
    if (service === null || (health !== 'HEALTHY' && health !== 'UNHEALTHY')) return;
    this.tally.set('healthy', { service }, health === 'HEALTHY' ? 1 : 0);
  }

  #noteCall({ actor, from, done, context = {} }: JournalRecord, isCounted: boolean): void {
    if (actor.includes('/')) return;
    if (from === null) this.#active++;
    if (done) this.#active--;
    this.tally.set('callsActive', {}, this.#active);
    const { durationMs, result } = context as Partial<CallContext>;
    if (!isCounted) return;
    if (from !== null && typeof durationMs === 'number')
      this.tally.observe('callSeconds', {}, durationMs / 1000);
    if (result) this.#countCall(result);
  }

  #countCall({ status, disposition }: CallResult): void {
    this.tally.add('calls', { status, disposition: disposition ?? 'none' });
  }
}
