import type { AlertText } from '../../../machines/incident.ts';
import type { JournalRecord } from '../../../store/record.ts';
import type { Happening } from '../../reading.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import type { AlertSettings } from '../settings.ts';
import { clockTime, count, duration, fact, named, resolvedText, withoutStop } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

interface Failed {
  readonly service: string | null;
  readonly since: number;
  readonly lastAt: number;
  readonly count: number;
  /** The first ten. */
  readonly calls: readonly string[];
  readonly message: string;
  readonly isPermanent: boolean;
}

const MOST_NAMED = 10;

/** Calls that failed for good, grouped by the service at which they failed. */
export class CallRule implements Rule {
  readonly name = 'calls';
  readonly kinds = ['call.failed'] as const;
  readonly #settings: AlertSettings;
  readonly #failed = new Map<string, Failed>();

  constructor(settings: AlertSettings) {
    this.#settings = settings;
  }

  apply({ at, corr }: JournalRecord, happenings: readonly Happening[]): readonly string[] {
    for (const happening of happenings) {
      if (happening.type !== 'call.ended' || happening.result.status !== 'failed') continue;
      const { error } = happening.result;
      const service = error?.service ?? null;
      const key = keyOf('call.failed', service);
      const before = this.#failed.get(key);
      const calls = before?.calls ?? [];
      this.#failed.set(key, {
        service,
        since: before?.since ?? at,
        lastAt: at,
        count: (before?.count ?? 0) + 1,
        calls: calls.length < MOST_NAMED ? [...calls, corr ?? 'a call'] : calls,
        message: withoutStop(error?.message ?? 'no reason given'),
        isPermanent: error?.category === 'PERMANENT_ERROR',
      });
      return [key];
    }
    return NOTHING;
  }

  keys(): readonly string[] {
    return [...this.#failed.keys()];
  }

  evaluate(key: string, at: number): Condition | null {
    const failed = this.#failed.get(key);
    const calmAt = (failed?.lastAt ?? 0) + this.#settings.calmAfterMs;
    if (!failed || calmAt <= at) return null;
    return {
      key,
      rule: 'call.failed',
      service: failed.service,
      blame: failed.service,
      since: failed.since,
      dueAt: failed.since,
      revision: failed.count,
      recheckAt: calmAt,
      text: () => textOf(failed),
    };
  }

  ending({ key, service, since, at }: Ending): AlertText {
    const calm = `no call has failed${service === null ? '' : ` at ${service}`} for ${duration(this.#settings.calmAfterMs)}`;
    const failed = this.#failed.get(key);
    const told = failed ? [`Failed in all: ${count(failed.count, 'call')}.`] : [];
    return resolvedText(calm, since, at, ...told);
  }

  ended(key: string): void {
    this.#failed.delete(key);
  }

  snapshot(): unknown {
    return [...this.#failed];
  }

  restore(state: unknown): void {
    for (const [key, failed] of state as [string, Failed][]) this.#failed.set(key, failed);
  }
}

function textOf({ service, since, count: n, calls, message, isPermanent }: Failed): AlertText {
  const at = service === null ? '' : ` at ${service}`;
  const first = calls[0] ?? 'a call';
  return {
    title: n === 1 ? `${first} failed: ${message}` : `${n} calls have failed${at}: ${message}`,
    paragraphs: [
      isPermanent
        ? `Another try would not have helped${at === '' ? '' : `; it failed${at}`}.`
        : `All retries are used up${at === '' ? '' : `; it failed${at}`}.`,
      n === 1
        ? 'This contact is not called again by itself; the agent goes on with the others.'
        : 'These contacts are not called again by themselves; the agent goes on with the others.',
      'What you can do: see to the reason ("call-agent campaign status" names it for each contact), then call them again with a list of their own.',
    ],
    facts: [
      ...(service === null ? [] : [fact('Service', service)]),
      fact('Failed', count(n, 'call')),
      fact('Calls', named(calls, n)),
      fact('Since', clockTime(since)),
    ],
  };
}
