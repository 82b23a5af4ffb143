import type { AlertText } from '../../../machines/incident.ts';
import { isChannel } from '../../../runtime/channels.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { answerMs, isLooking } from '../../measuring.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import { RESOLVE_AT, type AlertSettings } from '../settings.ts';
import { clockTime, duration, fact, resolvedText } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';
import { Window } from './window.ts';

interface Attempt {
  readonly service: string;
  /** Null between two attempts. */
  readonly startedAt: number | null;
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** How long a service takes for an answer, on average over the last minutes. */
export class LatencyRule implements Rule {
  readonly name = 'latency';
  readonly kinds = ['latency.high'] as const;
  readonly #settings: AlertSettings;
  readonly #attempts = new Map<string, Attempt>();
  readonly #windows = new Map<string, Window>();

  constructor(settings: AlertSettings) {
    this.#settings = settings;
  }

  apply(record: JournalRecord): readonly string[] {
    const { machine, actor, at, event, from, to, done, context } = record;
    if (machine === 'breaker') return this.#forgive(record);
    if (machine !== 'request') return NOTHING;
    const before = this.#attempts.get(actor);
    const service = before?.service ?? (context?.['service'] as string | undefined);
    // Only the first line of a request names these; what does not count is not followed any further.
    if (service === undefined || isChannel(service) || isLooking(context?.['operation'])) {
      return NOTHING;
    }
    if (done) this.#attempts.delete(actor);
    else if (from === null || to !== from || event.type === 'resumed') {
      this.#attempts.set(actor, { service, startedAt: to === 'attempting' ? at : null });
    }
    const isAnswered = event.type === 'attempt.succeeded' || event.type === 'attempt.failed';
    if (!isAnswered || typeof before?.startedAt !== 'number') return NOTHING;
    this.#window(service).add(at, answerMs(record, before.startedAt));
    return [keyOf('latency.high', service)];
  }

  keys(): readonly string[] {
    return [...this.#windows.keys()].map((service) => keyOf('latency.high', service));
  }

  evaluate(key: string, at: number, isOpen: boolean): Condition | null {
    const service = key.slice('latency.high '.length);
    const window = this.#windows.get(service);
    if (!window || key !== keyOf('latency.high', service)) return null;
    const limit = this.#settings.latencyMs * (isOpen ? RESOLVE_AT : 1);
    const { samples, mean } = window.mean(at);
    if (samples < this.#settings.minSamples || mean <= limit) return null;
    return {
      key,
      rule: 'latency.high',
      service,
      blame: service,
      since: at,
      dueAt: at,
      revision: 0,
      recheckAt: at + this.#settings.windowMs,
      text: (since) => this.#text(service, mean, samples, since),
    };
  }

  ending({ service, since, at }: Ending): AlertText {
    const mean = this.#windows.get(service ?? '')?.mean(at);
    const what =
      mean && mean.samples >= this.#settings.minSamples
        ? `${service} answers in ${seconds(mean.mean)} again`
        : `too few requests now to speak of the latency of ${service}`;
    return resolvedText(what, since, at);
  }

  snapshot(): unknown {
    return {
      attempts: [...this.#attempts],
      windows: [...this.#windows].map(([service, window]) => [service, window.snapshot()]),
    };
  }

  restore(state: unknown): void {
    const { attempts, windows } = state as {
      attempts: [string, Attempt][];
      windows: [string, unknown][];
    };
    for (const [actor, attempt] of attempts) this.#attempts.set(actor, attempt);
    for (const [service, window] of windows) this.#window(service).restore(window);
  }

  /** An outage is over. Its breaker has told of it: how long its answers took is no news. */
  #forgive({ actor, from, to }: JournalRecord): readonly string[] {
    const service = actor.slice('breaker:'.length);
    const isOver = to === 'closed' && from !== null && from !== to;
    return isOver && this.#windows.delete(service) ? [keyOf('latency.high', service)] : NOTHING;
  }

  #window(service: string): Window {
    const window = this.#windows.get(service) ?? new Window(this.#settings.windowMs);
    this.#windows.set(service, window);
    return window;
  }

  #text(service: string, mean: number, samples: number, since: number): AlertText {
    const limit = seconds(this.#settings.latencyMs);
    return {
      title: `${service} takes ${seconds(mean)} for an answer`,
      paragraphs: [
        `That is the mean of ${samples} requests in the last ${duration(this.#settings.windowMs)}; the limit is ${limit}.`,
        'Every call takes longer by that, and requests may run into their timeout.',
        'The agent goes on; a request that times out is tried again.',
        `What you can do: look at the status page of ${service}; fewer calls at once (--concurrency) help when it is overloaded.`,
      ],
      facts: [
        fact('Service', service),
        fact('Mean answer', seconds(mean)),
        fact('Limit', limit),
        fact('Since', clockTime(since)),
      ],
    };
  }
}
