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
      // That it is not called any more is news, when only its health check was failing before.
      revision: isDown && situation.openSince !== null ? 1 : 0,
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
    const { openSince, breaker, probeAt } = this.#situation.service(service);
    const waiting = this.#situation.waiting();
    const about: About = { service, since, waiting, probeAt };
    const lasts = duration(this.#settings.downAfterMs);
    if (rule === 'breaker.opened') {
      return uncalledText(`the circuit breaker of ${service} opened`, about);
    }
    if (openSince === null) return unwellText(about, breaker, lasts);
    return uncalledText(`${service} has been down for more than ${lasts}`, about);
  }
}

interface About {
  readonly service: string;
  readonly since: number;
  /** Contacts. */
  readonly waiting: number;
  readonly probeAt: number | null;
}

function factsOf({ service, since, waiting, probeAt }: About): AlertText['facts'] {
  return [
    fact('Service', service),
    fact('Since', clockTime(since)),
    fact('Contacts waiting', waiting),
    ...(probeAt === null ? [] : [fact('Next probe', clockTime(probeAt))]),
  ];
}

/** Its breaker lets nothing through. */
function uncalledText(title: string, about: About): AlertText {
  const { service, since, waiting, probeAt } = about;
  const next = probeAt === null ? 'as soon as it can' : `at ${clockTime(probeAt)}`;
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
    facts: factsOf(about),
  };
}

/** Only its health check fails. */
function unwellText(about: About, breaker: string, lasts: string): AlertText {
  const { service, since, waiting } = about;
  const isInUse = breaker !== 'isolated';
  return {
    title: `the health check of ${service} has failed for more than ${lasts}`,
    paragraphs: [
      `The health check of ${service} fails since ${clockTime(since)}. ${
        isInUse
          ? 'Its circuit breaker is closed: requests still go to it.'
          : 'A person took it out of use: no request goes to it.'
      }`,
      waiting > 0
        ? `${count(waiting, 'contact is', 'contacts are')} still to be called${isInUse ? ', and calls go on as long as it answers them' : ''}.`
        : 'No campaign is under way.',
      'The agent goes on checking, and this alert ends when the check passes.',
      `What you can do: "call-agent doctor" tells what ${service} answers; look at its status page and at its account.`,
    ],
    facts: factsOf(about),
  };
}

function split(key: string): ['breaker.opened' | 'service.down', string] | [null, string] {
  for (const rule of ['breaker.opened', 'service.down'] as const) {
    if (key.startsWith(`${rule} `)) return [rule, key.slice(rule.length + 1)];
  }
  return [null, ''];
}
