import type { AlertText } from '../../../machines/incident.ts';
import { isChannel } from '../../../runtime/channels.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { isLooking } from '../../measuring.ts';
import type { Happening } from '../../reading.ts';
import type { Condition, Ending } from '../alert.ts';
import { RESOLVE_AT, type AlertSettings } from '../settings.ts';
import { clockTime, duration, fact, percent, resolvedText } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';
import { Window } from './window.ts';

const RATES = ['error.rate', 'retry.rate'] as const;
type RateName = (typeof RATES)[number];

interface Rate {
  readonly rule: RateName;
  readonly limit: number;
  readonly all: Window;
  /** By service: whose fault it is. */
  readonly bad: Map<string, Window>;
}

/** How many requests fail, and how many need more than one try, over the last minutes. */
export class RateRule implements Rule {
  readonly name = 'rates';
  readonly kinds = RATES;
  readonly #settings: AlertSettings;
  readonly #rates: { readonly [rule in RateName]: Rate };

  constructor(settings: AlertSettings) {
    this.#settings = settings;
    const rate = (rule: RateName, limit: number): Rate => ({
      rule,
      limit,
      all: new Window(settings.windowMs),
      bad: new Map(),
    });
    this.#rates = {
      'error.rate': rate('error.rate', settings.errorRate),
      'retry.rate': rate('retry.rate', settings.retryRate),
    };
  }

  apply(record: JournalRecord, happenings: readonly Happening[]): readonly string[] {
    const { at } = record;
    if (record.machine === 'breaker') return this.#forgive(record);
    for (const happening of happenings) {
      if (happening.type !== 'request.ended') continue;
      const { service, operation, result, retries } = happening;
      if (isLooking(operation) || isChannel(service)) continue;
      if (result.status !== 'succeeded' && result.status !== 'failed') continue;
      this.#count(this.#rates['error.rate'], at, service, result.status === 'failed');
      this.#count(this.#rates['retry.rate'], at, service, retries > 0);
      return RATES;
    }
    return NOTHING;
  }

  keys(): readonly string[] {
    return this.kinds;
  }

  evaluate(key: string, at: number, isOpen: boolean): Condition | null {
    const rate = this.#rates[key as RateName];
    if (!rate) return null;
    const limit = isOpen ? rate.limit * RESOLVE_AT : rate.limit;
    const { samples, mean } = rate.all.mean(at);
    if (samples < this.#settings.minSamples || mean <= limit) return null;
    return {
      key,
      rule: rate.rule,
      service: null,
      blame: this.#worst(rate, at),
      since: at,
      dueAt: at,
      revision: 0,
      recheckAt: at + this.#settings.windowMs,
      text: (since) => this.#text(rate, at, since),
    };
  }

  ending({ key, since, at }: Ending): AlertText {
    const rate = this.#rates[key as RateName];
    const { samples, mean } = rate.all.mean(at);
    const what = rate.rule === 'error.rate' ? 'error rate' : 'retry rate';
    return samples < this.#settings.minSamples
      ? resolvedText(
          `too few requests now to speak of an ${what}`.replace('an r', 'a r'),
          since,
          at,
        )
      : resolvedText(`the ${what} is down to ${percent(mean)}`, since, at);
  }

  snapshot(): unknown {
    return Object.values(this.#rates).map(({ rule, all, bad }) => ({
      rule,
      all: all.snapshot(),
      bad: [...bad].map(([service, window]) => [service, window.snapshot()]),
    }));
  }

  restore(state: unknown): void {
    for (const kept of state as Kept[]) {
      const rate = this.#rates[kept.rule];
      rate.all.restore(kept.all);
      for (const [service, window] of kept.bad) this.#badOf(rate, service).restore(window);
    }
  }

  /** An outage is over. Its breaker has told of it: what failed in it is no news after its end. */
  #forgive({ actor, from, to }: JournalRecord): readonly string[] {
    const service = actor.slice('breaker:'.length);
    if (to !== 'closed' || from === null || from === to || isChannel(service)) return NOTHING;
    for (const { all, bad } of Object.values(this.#rates)) {
      const told = bad.get(service);
      if (told) all.forget(told);
      bad.delete(service);
    }
    return RATES;
  }

  #badOf({ bad }: Rate, service: string): Window {
    const window = bad.get(service) ?? new Window(this.#settings.windowMs);
    bad.set(service, window);
    return window;
  }

  #count(rate: Rate, at: number, service: string, isBad: boolean): void {
    rate.all.add(at, isBad ? 1 : 0);
    if (isBad) this.#badOf(rate, service).add(at, 1);
  }

  #worst({ bad }: Rate, at: number): string | null {
    const sums = [...bad].map(([service, window]) => ({ service, sum: window.mean(at).sum }));
    return sums.toSorted((a, b) => b.sum - a.sum)[0]?.service ?? null;
  }

  #text(rate: Rate, at: number, since: number): AlertText {
    const { samples, sum, mean } = rate.all.mean(at);
    const worst = this.#worst(rate, at) ?? 'no service';
    const span = duration(this.#settings.windowMs);
    const isErrors = rate.rule === 'error.rate';
    return {
      title: isErrors
        ? `${percent(mean)} of all requests fail, most of them at ${worst}`
        : `${percent(mean)} of all requests need more than one try, most of them at ${worst}`,
      paragraphs: [
        `In the last ${span}: ${sum} of ${samples} requests${isErrors ? ' failed after their retries' : ' were retried'}. The limit is ${percent(rate.limit)}.`,
        isErrors
          ? 'Contacts whose request fails for good are not called again by themselves.'
          : 'Nobody is lost by it, but everything takes longer.',
        `The agent goes on; the circuit breaker of ${worst} opens when requests fail in a row.`,
        `What you can do: look at the status page of ${worst}; "call-agent tail --follow" shows the errors; fewer calls at once (--concurrency) help when it is overloaded.`,
      ],
      facts: [
        fact(isErrors ? 'Error rate' : 'Retry rate', percent(mean)),
        fact('Limit', percent(rate.limit)),
        fact('Requests', samples),
        fact('Most at', worst),
        fact('Since', clockTime(since)),
      ],
    };
  }
}

interface Kept {
  readonly rule: RateName;
  readonly all: unknown;
  readonly bad: readonly [string, unknown][];
}
