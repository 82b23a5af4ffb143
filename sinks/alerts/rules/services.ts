import type { AlertText } from '../../../machines/incident.ts';
import { isChannel } from '../../../runtime/channels.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import type { AlertSettings } from '../settings.ts';
import type { ServiceSituation, Situation } from '../situation.ts';
import { clockTime, count, duration, fact, resolvedText } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

const downSince = ({ openSince, unhealthySince }: ServiceSituation): number | null =>
  openSince === null || unhealthySince === null
    ? (openSince ?? unhealthySince)
    : Math.min(openSince, unhealthySince);

/** A breaker that has opened, and a service that has been down for long. */
export class ServiceRule implements Rule {
  readonly name = 'services';
  readonly kinds = ['breaker.opened', 'service.down'] as const;
  readonly #situation: Situation;
  readonly #settings: AlertSettings;

  constructor(situation: Situation, settings: AlertSettings) {
    this.#situation = situation;
    this.#settings = settings;
  }

  apply({ machine, actor }: JournalRecord): readonly string[] {
    if (machine !== 'breaker' && machine !== 'health') return NOTHING;
    const service = actor.slice(machine.length + 1);
    if (isChannel(service)) return NOTHING;
    return [keyOf('breaker.opened', service), keyOf('service.down', service)];
  }

  keys(): readonly string[] {
    return [...this.#situation.services.keys()].flatMap((service) =>
      this.kinds.map((rule) => keyOf(rule, service)),
    );
  }

  evaluate(key: string): Condition | null {
    const [rule, service] = split(key);
    if (rule === null) return null;
    const situation = this.#situation.service(service);
    const since = rule === 'service.down' ? downSince(situation) : situation.openSince;
    if (since === null) return null;
    const isDown = rule === 'service.down';
    return {
      key,
      rule,
      service,
      blame: service,
      since,
      dueAt: isDown ? since + this.#settings.downAfterMs : since,
      revision: 0,
      recheckAt: null,
      text: (began) => this.#text(rule, service, began),
    };
  }

  ending({ service, since, at, key }: Ending): AlertText {
    const waiting = this.#situation.waiting();
    const goesOn = waiting > 0 ? [`${count(waiting, 'contact goes on', 'contacts go on')}.`] : [];
    const what = key.startsWith('service.down')
      ? `${service} works again`
      : `the circuit breaker of ${service} is closed again`;
    return resolvedText(what, since, at, ...goesOn);
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}

  #text(rule: 'breaker.opened' | 'service.down', service: string, since: number): AlertText {
    const { probeAt } = this.#situation.service(service);
    const waiting = this.#situation.waiting();
    const next = probeAt === null ? 'as soon as it can' : `at ${clockTime(probeAt)}`;
    const title =
      rule === 'service.down'
        ? `${service} has been down for more than ${duration(this.#settings.downAfterMs)}`
        : `the circuit breaker of ${service} opened`;
    return {
      title: `${title}${probeAt === null ? '' : `, next probe ${next}`}`,
      paragraphs: [
        `${service} fails again and again since ${clockTime(since)}; it is not called for now.`,
        waiting > 0
          ? `${count(waiting, 'contact waits', 'contacts wait')} for it. None of them is lost: they are called when it is back.`
          : 'No campaign waits for it.',
        `The agent tries it again ${next}, and goes on by itself when that works.`,
        `What you can do: look at the status page of ${service} and at its account. When it works again, "call-agent reset ${service}" ends the wait.`,
      ],
      facts: [
        fact('Service', service),
        fact('Since', clockTime(since)),
        fact('Contacts waiting', waiting),
        ...(probeAt === null ? [] : [fact('Next probe', clockTime(probeAt))]),
      ],
    };
  }
}

function split(key: string): ['breaker.opened' | 'service.down', string] | [null, string] {
  for (const rule of ['breaker.opened', 'service.down'] as const) {
    if (key.startsWith(`${rule} `)) return [rule, key.slice(rule.length + 1)];
  }
  return [null, ''];
}
