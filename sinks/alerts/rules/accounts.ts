import type { AlertText } from '../../../machines/incident.ts';
import type { Failure } from '../../../machines/results.ts';
import { isChannel } from '../../../runtime/channels.ts';
import { rootOf, type JournalRecord } from '../../../store/record.ts';
import type { Happening } from '../../reading.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import type { Situation } from '../situation.ts';
import { clockTime, count, fact, resolvedText, withoutStop } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

interface Refused {
  readonly service: string;
  readonly since: number;
  readonly dueAt: number;
  readonly error: Failure;
  /** A call of a campaign met it, which pauses for it. */
  readonly isListed: boolean;
}

/** In this time a campaign that meets such an error has paused itself, and that says more. */
const PAUSE_WITHIN_MS = 2_000;

/** A key, a quota or a setting that a service does not accept, whoever is called. */
export class AccountRule implements Rule {
  readonly name = 'accounts';
  readonly kinds = ['account.error'] as const;
  readonly #situation: Situation;
  readonly #refused = new Map<string, Refused>();
  /** Calls that belong to a campaign. */
  readonly #listed = new Set<string>();

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  apply(record: JournalRecord, happenings: readonly Happening[]): readonly string[] {
    this.#followCall(record);
    if (record.machine === 'campaign') return this.#forgive(record);
    for (const happening of happenings) {
      if (happening.type !== 'request.ended' || isChannel(happening.service)) continue;
      const { service, result } = happening;
      const key = keyOf('account.error', service);
      if (result.status === 'succeeded' && this.#refused.delete(service)) return [key];
      const { error } = result;
      const isEverybodys = error?.scope === 'account' || error?.scope === 'config';
      if (result.status !== 'failed' || !isEverybodys || this.#refused.has(service)) continue;
      const { at } = record;
      const isListed = this.#listed.has(rootOf(record.actor));
      const dueAt = isListed ? at + PAUSE_WITHIN_MS : at;
      this.#refused.set(service, { service, since: at, dueAt, error, isListed });
      return [key];
    }
    return NOTHING;
  }

  keys(): readonly string[] {
    return [...this.#refused.keys()].map((service) => keyOf('account.error', service));
  }

  evaluate(key: string): Condition | null {
    const service = key.slice('account.error '.length);
    const refused = this.#refused.get(service);
    if (!refused || key !== keyOf('account.error', service)) return null;
    const { since, dueAt } = refused;
    return {
      key,
      rule: 'account.error',
      service,
      blame: service,
      since,
      dueAt,
      revision: 0,
      recheckAt: null,
      text: () => this.#text(refused),
    };
  }

  ending({ service, since, at }: Ending): AlertText {
    return resolvedText(`${service} accepts requests again`, since, at);
  }

  snapshot(): unknown {
    return { refused: [...this.#refused], listed: [...this.#listed] };
  }

  restore(state: unknown): void {
    const { refused, listed } = state as { refused: [string, Refused][]; listed: string[] };
    for (const [service, one] of refused) this.#refused.set(service, one);
    for (const call of listed) this.#listed.add(call);
  }

  #followCall({ machine, actor, from, context, done, event }: JournalRecord): void {
    if (machine !== 'call' || actor.includes('/')) return;
    if (from === null && context?.['campaign'] !== null) this.#listed.add(actor);
    if (done || event.type === 'actor.failed') this.#listed.delete(actor);
  }

  /** Whoever lets a campaign go on says that the reason is gone; the next request shows whether it is. */
  #forgive({ from, to }: JournalRecord): readonly string[] {
    if (from !== 'paused' || to === 'paused') return NOTHING;
    const forgiven = [...this.#refused.values()].filter(({ isListed }) => isListed);
    for (const { service } of forgiven) this.#refused.delete(service);
    return forgiven.map(({ service }) => keyOf('account.error', service));
  }

  #text({ service, since, error }: Refused): AlertText {
    const waiting = this.#situation.waiting();
    return {
      title: `${service} refuses this account: ${withoutStop(error.message)}`,
      paragraphs: [
        `Since ${clockTime(since)} every request to ${service} would meet the same error; another try can't help.`,
        waiting > 0
          ? `${count(waiting, 'contact waits', 'contacts wait')}.`
          : 'No campaign waits for it; what needs this service fails.',
        `What you can do: ${adviceOf(error)}, then start the agent again. "call-agent doctor" tells whether it works.`,
      ],
      facts: [
        fact('Service', service),
        fact('Error', error.kind),
        ...(error.code === null ? [] : [fact('Code', error.code)]),
        fact('Contacts waiting', waiting),
      ],
    };
  }
}

export function adviceOf({ kind, service, scope }: Failure): string {
  if (kind === 'Authentication') return `check the key of ${service}`;
  if (kind === 'Quota') return `top up the quota or the credit of ${service}`;
  return scope === 'config'
    ? `correct the settings for ${service}`
    : `look at the account of ${service}`;
}
