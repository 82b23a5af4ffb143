import type { Notice } from '../channel.ts';
import { cutAs, footerOf, headlineOf, marks, paragraphsOf, REPEAT_NOTE, toneOf } from '../words.ts';
import type { Format } from './format.ts';

/** Block Kit's limits (reference of blocks and of text objects): 50 blocks, and characters. */
const LONGEST_HEADER = 150;
const LONGEST_SECTION = 3_000;
const LONGEST_FIELD = 2_000;
const FIELDS_A_SECTION = 10;
const MOST_PARAGRAPHS = 30;
const MOST_FIELDS = 5 * FIELDS_A_SECTION;

/** "Escaping text": these three are Slack's own; escaped, nothing can mention a channel. */
const escapes: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};
const escape = (character: string): string => escapes[character] ?? character;

const mrkdwn = (text: string): object => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): object => ({
  type: 'section',
  text: mrkdwn(cutAs(text, LONGEST_SECTION, escape)),
});
const context = (text: string): object => ({ type: 'context', elements: [mrkdwn(text)] });

function factSections({ facts }: Notice): object[] {
  const fields = facts.slice(0, MOST_FIELDS).map(({ name, value }) => {
    const label = `*${cutAs(name, 200, escape)}*\n`;
    return mrkdwn(label + cutAs(value, LONGEST_FIELD - label.length, escape));
  });
  const sections: object[] = [];
  for (let first = 0; first < fields.length; first += FIELDS_A_SECTION) {
    sections.push({ type: 'section', fields: fields.slice(first, first + FIELDS_A_SECTION) });
  }
  return sections;
}

function payload(notice: Notice): object {
  const headline = `${marks[toneOf(notice)]} ${headlineOf(notice)}`;
  const header = cutAs(headline, LONGEST_HEADER, escape);
  return {
    // What a notification shows, and a screen reader reads.
    text: cutAs(headline, LONGEST_SECTION, escape),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header, emoji: true } },
      ...(notice.isRepeat ? [context(`_${REPEAT_NOTE}_`)] : []),
      ...paragraphsOf(notice).filter(Boolean).slice(0, MOST_PARAGRAPHS).map(section),
      ...factSections(notice),
      context(cutAs(footerOf(notice), LONGEST_SECTION, escape)),
    ],
  };
}

/** An incoming webhook takes one message a second; how short its "short bursts" are is not said. */
export const slack: Format = {
  pace: { perMinute: 50, burst: 4, gapMs: 1_100 },
  urlFor: (url) => url,
  payload,
  broken: /^(?:no_service|no_team|team_disabled|channel_|action_prohibited|invalid_token)/,
};
