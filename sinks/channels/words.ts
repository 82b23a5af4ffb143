import { createHash } from 'node:crypto';
import type { Notice } from './channel.ts';

export type Tone = 'critical' | 'warning' | 'resolved' | 'test';

/** A digest may be of nothing but ends. */
const isOver = ({ kind, title }: Notice): boolean =>
  kind === 'resolved' || (kind === 'digest' && title.startsWith('Resolved'));

/** How a message looks: by what it says, else by how bad it is. */
export function toneOf(notice: Notice): Tone {
  if (isOver(notice)) return 'resolved';
  return notice.kind === 'test' ? 'test' : notice.severity;
}

export const marks: { readonly [tone in Tone]: string } = {
  critical: '🔴',
  warning: '🟠',
  resolved: '✅',
  test: '🔵',
};

const labels: { readonly [tone in Tone]: string } = {
  critical: 'Critical',
  warning: 'Warning',
  resolved: 'Resolved',
  test: 'Test',
};

export const labelOf = (notice: Notice): string => labels[toneOf(notice)];

/** One line that says how bad it is and what it is. The title of an end or a test says so itself. */
export function headlineOf(notice: Notice): string {
  const { kind, title } = notice;
  const mark = playMark(notice);
  if (isOver(notice) || kind === 'test') return mark + oneLine(title);
  const news = kind === 'updated' ? ', update' : kind === 'acknowledged' ? ', acknowledged' : '';
  return mark + oneLine(`${labelOf(notice)}${news}: ${title}`);
}

/** What one sees first: nobody is to be called out of bed for play. */
const playMark = ({ isSimulated }: Notice): string => (isSimulated === true ? '[simulated] ' : '');

/** The title where it stands alone. */
export const titleOf = (notice: Notice): string =>
  playMark(notice) + upperFirst(oneLine(notice.title));

const PLAY_NOTE =
  'This is simulated: no real service is concerned. The agent plays it itself, in a scenario or where no key is set.';

/** What is told at length. */
export const paragraphsOf = ({ isSimulated, paragraphs }: Notice): readonly string[] =>
  isSimulated === true ? [PLAY_NOTE, ...paragraphs] : paragraphs;

/** For channels that can't tell a repeat themselves. */
export const REPEAT_NOTE = 'Possibly a repeat: this message may have reached you before.';

/** `2026-11-24 00:16:07 UTC`: people in several places read the same alert. */
export const timeOf = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export const footerOf = ({ alert, rule, since }: Notice): string =>
  `Alert ${alert} · ${rule} · since ${timeOf(since)}`;

/** A title stands behind a colon elsewhere. An id such as `call:0007` stays as it is. */
export const upperFirst = (text: string): string =>
  /^[a-z]+\s/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/**
 * At most so many UTF-16 units, an ellipsis included, after each character was made fit for where
 * the text goes: cutting behind that could leave half of an escape.
 */
export function cutAs(text: string, most: number, escape: (character: string) => string): string {
  let whole = '';
  let fitting = '';
  for (const character of text.toWellFormed()) {
    whole += escape(character);
    if (whole.length > most) return most < 1 ? '' : `${fitting}…`;
    if (whole.length < most) fitting = whole;
  }
  return whole;
}

export const cut = (text: string, most: number): string =>
  cutAs(text, most, (character) => character);

export const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 6);

const escapes: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
