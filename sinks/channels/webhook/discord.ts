import type { Notice } from '../channel.ts';
import {
  cutAs,
  footerOf,
  headlineOf,
  oneLine,
  paragraphsOf,
  REPEAT_NOTE,
  toneOf,
  type Tone,
} from '../words.ts';
import type { Format } from './format.ts';

/** "Embed limits" of Discord's message resource; 6000 for all texts of a message together. */
const LONGEST_TITLE = 256;
const LONGEST_DESCRIPTION = 3_500;
const LONGEST_NAME = 256;
const LONGEST_VALUE = 1_024;
const LONGEST_FOOTER = 300;
const LONGEST_TOGETHER = 6_000;
const MOST_FIELDS = 25;

const colours: { readonly [tone in Tone]: number } = {
  critical: 0xc62828,
  warning: 0xa85b00,
  resolved: 0x2e7d32,
  test: 0x1565c0,
};

/** Markdown is to be read, not obeyed. */
const escape = (character: string): string =>
  /[\\*_~`|<>[\]#@-]/.test(character) ? `\\${character}` : character;

interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

/** As many facts as fit into what is left. An empty field is refused. */
function fieldsOf({ facts }: Notice, room: number): Field[] {
  let left = room;
  const fields: Field[] = [];
  for (const fact of facts.slice(0, MOST_FIELDS)) {
    const name = cutAs(fact.name, LONGEST_NAME, escape) || '–';
    const value = cutAs(fact.value, LONGEST_VALUE, escape) || '–';
    left -= name.length + value.length;
    if (left < 0) break;
    fields.push({ name, value, inline: value.length <= 40 });
  }
  return fields;
}

function payload(notice: Notice): object {
  const title = cutAs(headlineOf(notice), LONGEST_TITLE, escape);
  const text = [...(notice.isRepeat ? [REPEAT_NOTE] : []), ...paragraphsOf(notice)].join('\n\n');
  const description = cutAs(text, LONGEST_DESCRIPTION, escape);
  const footer = cutAs(oneLine(footerOf(notice)), LONGEST_FOOTER, (character) => character);
  const room = LONGEST_TOGETHER - title.length - description.length - footer.length;
  const embed = {
    title,
    ...(description !== '' && { description }),
    color: colours[toneOf(notice)],
    fields: fieldsOf(notice, room),
    footer: { text: footer },
    timestamp: new Date(notice.at).toISOString(),
  };
  // No text of ours may call anybody: not @everyone, not a role.
  return { username: 'AI call agent', embeds: [embed], allowed_mentions: { parse: [] } };
}

/** `wait`: without it Discord answers before it knows whether the message was saved. */
function urlFor(address: string): string {
  const url = new URL(address);
  url.searchParams.set('wait', 'true');
  return url.href;
}

/** 5 in 2 seconds, and about 30 a minute are let through to one webhook. */
export const discord: Format = {
  pace: { perMinute: 25, burst: 4 },
  urlFor,
  payload,
  // "Get Webhook with Token" needs no login and tells nobody.
  checkUrl: (url) => url,
};
