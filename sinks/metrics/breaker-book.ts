import type { JournalRecord } from '../../store/record.ts';
import type { Sums } from './figures.ts';
import { beginCounters } from './beginning.ts';
import { serviceIn, type ServiceNames } from './services.ts';
import type { Tally } from './tally.ts';

const STATES = ['closed', 'open', 'halfOpen', 'isolated'] as const;

/** Where each circuit breaker stands, how often it opens, and how long it takes to close again. */
export class BreakerBook {
  readonly #tally: Tally;
  readonly #sums: Sums;
  readonly #names: ServiceNames;
  /** When a breaker that is not closed left that state. */
  readonly #openedAt = new Map<string, number>();

  constructor(tally: Tally, sums: Sums, names: ServiceNames) {
    this.#tally = tally;
    this.#sums = sums;
    this.#names = names;
  }

  apply({ actor, at, event, from, to }: JournalRecord, isCounted: boolean): void {
    const name = serviceIn(actor);
    if (name === null || from === to) return;
    const service = this.#names.label(name);
    beginCounters(this.#tally, service);
    for (const state of STATES)
      this.#tally.set('breaker', { service, state }, state === to ? 1 : 0);
    if (from === null) return;
    if (isCounted) this.#tally.add('transitions', { service, from, to });
    if (from === 'closed' && to === 'open') {
      this.#openedAt.set(name, at);
      if (isCounted) this.#sums.opens++;
    }
    // Taken out of use, or closed by a person: that says nothing of how fast a service comes back.
    if (to === 'isolated') this.#openedAt.delete(name);
    if (to === 'closed') this.#close(name, service, at, event.type, isCounted);
  }

  snapshot(): unknown {
    return [...this.#openedAt];
  }

  restore(state: unknown): void {
    for (const [name, at] of state as readonly [string, number][]) this.#openedAt.set(name, at);
  }

  #close(name: string, service: string, at: number, event: string, isCounted: boolean): void {
    const openedAt = this.#openedAt.get(name);
    this.#openedAt.delete(name);
    if (openedAt === undefined || event === 'breaker.reset' || !isCounted) return;
    this.#sums.recoveries++;
    this.#sums.recoveryMs += at - openedAt;
    this.#tally.observe('recoverySeconds', { service }, (at - openedAt) / 1000);
  }
}
