import { nearest } from './nearest.ts';
import { services } from './services.ts';

/** Resilience goes by the service's name, whoever provides it. */
const SERVICE_OF: { readonly [provider: string]: string } = {
  OPENAI: 'LLM',
  ANTHROPIC: 'LLM',
  TWILIO: 'TELEPHONY',
  HUBSPOT: 'CRM',
};

/** What a setting is called elsewhere. */
const ALSO: { readonly [name: string]: string } = { TWILIO_PHONE_NUMBER: 'TWILIO_FROM_NUMBER' };

const providerNames = Object.keys(services.shape);

/** Whether all of `few` stand in `many`, in that order, the first word in front. */
function isShortFor(few: readonly string[], many: readonly string[]): boolean {
  if (few.length < 2 || few.length >= many.length || few[0] !== many[0]) return false;
  let found = 0;
  for (const word of many) if (word === few[found]) found++;
  return found === few.length;
}

/**
 * The name under which we know what somebody has set by another: in other letters, without one of
 * its words (`OPENAI_KEY`), with an `_ID` too many, or a service's setting by its provider's name.
 *
 * Other programs have names with these beginnings, too, so more than that is no proof; and whoever
 * has set the name we know does not mean it by another one.
 * @param given all names that are set
 */
function nameMeant(
  name: string,
  known: readonly string[],
  given: readonly string[],
): string | undefined {
  // A single word in small letters is anybody's.
  const upper = name.includes('_') ? name.toUpperCase() : name;
  const [provider = '', ...rest] = upper.split('_');
  const ofService = `${SERVICE_OF[provider]}_${rest.join('_')}`;
  const words = [provider, ...rest];
  return [
    upper,
    ofService,
    ALSO[upper],
    ...providerNames.filter((it) => upper === `${it}_ID` || isShortFor(words, it.split('_'))),
  ].find((it) => it !== undefined && known.includes(it) && !given.includes(it));
}

/**
 * Names that are not ours but nearly: a typing error would otherwise go unseen.
 * @param names as they are set, other programs' among them
 * @returns a sentence for each
 */
export function misspelt(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known) ?? nameMeant(name, known, names);
      return near === undefined ? [] : [`${name} is not known: did you mean ${near}`];
    });
}
