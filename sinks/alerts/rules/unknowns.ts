import type { AlertText } from '../../../machines/incident.ts';
import { contactOf } from '../../../store/ledger.ts';
import { rootOf, type JournalRecord } from '../../../store/record.ts';
import type { Happening } from '../../reading.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import { clockTime, count, fact, named, resolvedText } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

const KEY = keyOf('call.unknown', null);

/**
 * Contacts of whom nobody knows whether they were called. None of them is ever called again before
 * a person has decided, so that a person has to hear of it.
 */
export class UnknownRule implements Rule {
  readonly name = 'unknowns';
  readonly kinds = ['call.unknown'] as const;
  /** Since when, by contact. */
  readonly #unknown = new Map<string, number>();
  /** Grows with what there is to tell. */
  #told = 0;

  apply(record: JournalRecord, happenings: readonly Happening[]): readonly string[] {
    const { at, event, actor } = record;
    if (event.type === 'contact.decided')
      return this.#unknown.delete(String(event['contact'])) ? [KEY] : NOTHING;
    if (record.machine !== 'call' || rootOf(actor) !== actor) return NOTHING;
    const contact = contactOf(actor);
    if (isUnknown(record, happenings)) {
      this.#unknown.set(contact, at);
      this.#told++;
      return [KEY];
    }
    return this.#unknown.delete(contact) ? [KEY] : NOTHING;
  }

  keys(): readonly string[] {
    return this.#unknown.size > 0 ? [KEY] : NOTHING;
  }

  evaluate(key: string): Condition | null {
    const [since] = this.#unknown.values();
    if (key !== KEY || since === undefined) return null;
    return {
      key,
      rule: 'call.unknown',
      service: null,
      blame: null,
      since,
      dueAt: since,
      revision: this.#told,
      recheckAt: null,
      text: () => textOf([...this.#unknown.keys()], since),
    };
  }

  ending({ since, at }: Ending): AlertText {
    return resolvedText('every call in doubt is decided', since, at);
  }

  snapshot(): unknown {
    return { unknown: [...this.#unknown], told: this.#told };
  }

  restore(state: unknown): void {
    const { unknown, told } = state as { unknown: [string, number][]; told: number };
    for (const [contact, since] of unknown) this.#unknown.set(contact, since);
    this.#told = told;
  }
}

function isUnknown({ event }: JournalRecord, happenings: readonly Happening[]): boolean {
  if (event.type === 'actor.failed') return true;
  return happenings.some(
    (happening) => happening.type === 'call.ended' && happening.result.status === 'unknown',
  );
}

function textOf(contacts: readonly string[], since: number): AlertText {
  const n = contacts.length;
  return {
    title:
      n === 1
        ? `contact ${contacts[0] ?? ''} may have been called, and nobody knows`
        : `${n} contacts may have been called, and nobody knows`,
    paragraphs: [
      'The telephony service gave no answer to the call, and could not say later whether it was placed.',
      `${n === 1 ? 'This contact is' : 'They are'} not called again by ${n === 1 ? 'itself' : 'themselves'}; the agent goes on with the others.`,
      'What you can do: look at the list of calls of the telephony service, then say what became of each with "call-agent campaign settle CONTACT answered", "retry" or "skip". "call-agent campaign unknown" lists them.',
    ],
    facts: [
      fact('In doubt', count(n, 'contact')),
      fact('Contacts', named(contacts, n)),
      fact('Since', clockTime(since)),
    ],
  };
}
