import type { BreakerEvent, BreakerRef } from '../machines/breaker.ts';
import type { Admission } from '../machines/request-protocol.ts';
import type { Emitted } from '../store/fold.ts';
import type { Clock } from './clock.ts';

/** Half-open with every probe taken: how soon to ask again, while nobody knows how long it takes. */
const BUSY_PROBE_RETRY_MS = 1_000;

/** Of a request that ended before it had an answer: it counts for nothing but its probe. */
const NO_GENERATION = -1;

export interface Refused {
  /** Epoch ms; not before this. */
  readonly retryAt: number;
}

/** A machine's emitted fact as the event it means for a breaker, or null where it means none. */
export function breakerEventOf(emitted: Emitted): { service: string; event: BreakerEvent } | null {
  const service = emitted['service'];
  if (typeof service !== 'string') return null;
  if (emitted.type === 'service.recovered') {
    return { service, event: { type: 'service.recovered', at: emitted['at'] as number } };
  }
  if (emitted.type !== 'request.settled') return null;
  const { id: by, generation, at, corr, error, outcome } = emitted as unknown as Settled;
  if (generation === null && outcome !== 'ignored') return null;
  const told = { at, generation: generation ?? NO_GENERATION, by, corr };
  const event: BreakerEvent =
    outcome === 'failed'
      ? { type: 'request.failed', error, ...told }
      : { type: outcome === 'succeeded' ? 'request.succeeded' : 'request.ignored', ...told };
  return { service, event };
}

interface Settled {
  readonly id: string;
  readonly generation: number | null;
  readonly at: number;
  readonly corr: string | null;
  readonly error: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'ignored';
}

/** The breakers of all services, and the one place where an attempt asks to be let through. */
export class AdmissionDesk {
  readonly #breakers = new Map<string, BreakerRef>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(service: string, breaker: BreakerRef): void {
    this.#breakers.set(service, breaker);
  }

  get(service: string): BreakerRef | undefined {
    return this.#breakers.get(service);
  }

  services(): string[] {
    return [...this.#breakers.keys()];
  }

  /**
   * Asks and claims in one go. Call it from a turn of its own: inside another actor's turn a claim
   * would only be queued, and two callers would both see the probe free.
   */
  ask(service: string, by: string, corr: string | null): Admission | Refused {
    const breaker = this.#breaker(service);
    const { context, value } = breaker.getSnapshot();
    if (value === 'closed') return { generation: context.generation, probe: false };
    if (value === 'halfOpen') {
      breaker.send({ type: 'probe.claimed', at: this.#clock.now(), by, corr });
      const after = breaker.getSnapshot();
      if (after.context.probes.includes(by) && !context.probes.includes(by)) {
        return { generation: after.context.generation, probe: true };
      }
    }
    return { retryAt: this.retryAt(service) ?? this.#clock.now() };
  }

  /** When an attempt may be let through; null when one may now. */
  retryAt(service: string): number | null {
    const { context, value } = this.#breaker(service).getSnapshot();
    const now = this.#clock.now();
    if (value === 'closed') return null;
    if (value === 'halfOpen') {
      const isBusy = context.probes.length + context.passed >= context.options.halfOpenProbes;
      return isBusy ? now + BUSY_PROBE_RETRY_MS : null;
    }
    if (value === 'isolated') return now + context.options.openForMs;
    return Math.max(now + 1, context.dueAt ?? now);
  }

  isClosed(service: string): boolean {
    return this.#breaker(service).getSnapshot().value === 'closed';
  }

  /** Passes on what a request or a health checker has told the world. */
  hear(emitted: Emitted): void {
    const told = breakerEventOf(emitted);
    if (told) this.#breakers.get(told.service)?.send(told.event);
  }

  #breaker(service: string): BreakerRef {
    const breaker = this.#breakers.get(service);
    if (!breaker) throw new Error(`No circuit breaker guards ${service}`);
    return breaker;
  }
}
