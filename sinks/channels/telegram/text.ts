import type { Notice } from '../channel.ts';
import {
  cut,
  footerOf,
  headlineOf,
  marks,
  oneLine,
  paragraphsOf,
  REPEAT_NOTE,
  toneOf,
} from '../words.ts';

/** `sendMessage`: 1 to 4096 characters, counted after entities are parsed. */
export const LONGEST_TEXT = 4_096;
const LONGEST_HEADLINE = 500;
const LONGEST_FOOTER = 300;
const LONGEST_FACT = 300;
const MOST_FACTS = 8;

/** A piece of text, and how it is set. */
interface Piece {
  readonly text: string;
  readonly style?: 'b' | 'i';
}

/** "HTML style": these three, and nothing else has to be escaped outside attributes. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function factPieces({ facts }: Notice): Piece[] {
  const pieces = facts
    .slice(0, MOST_FACTS)
    .flatMap(({ name, value }): Piece[] => [
      { text: '\n' },
      { text: `${cut(oneLine(name), 60)}:`, style: 'b' },
      { text: ` ${cut(oneLine(value), LONGEST_FACT)}` },
    ]);
  return pieces.length === 0 ? [] : [{ text: '\n' }, ...pieces];
}

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { text }) => sum + text.length, 0);

/**
 * What is said, cut before it becomes markup, so that no tag is ever half. What is told at length
 * gives way first.
 */
function piecesOf(notice: Notice): Piece[] {
  const headline = `${marks[toneOf(notice)]} ${cut(headlineOf(notice), LONGEST_HEADLINE)}`;
  const head: Piece[] = [
    { text: headline, style: 'b' },
    ...(notice.isRepeat ? [{ text: '\n' }, { text: REPEAT_NOTE, style: 'i' } as const] : []),
  ];
  const tail: Piece[] = [
    ...factPieces(notice),
    { text: '\n\n' },
    { text: cut(footerOf(notice), LONGEST_FOOTER), style: 'i' },
  ];
  const room = LONGEST_TEXT - lengthOf(head) - lengthOf(tail);
  const body = paragraphsOf(notice)
    .map((paragraph) => `\n\n${paragraph}`)
    .join('');
  return [...head, { text: cut(body, room) }, ...tail];
}

/** For `parse_mode: 'HTML'`. */
export const htmlOf = (notice: Notice): string =>
  piecesOf(notice)
    .map(({ text, style }) =>
      style === undefined ? escape(text) : `<${style}>${escape(text)}</${style}>`,
    )
    .join('');

/** The same without markup. */
export const plainOf = (notice: Notice): string =>
  piecesOf(notice)
    .map(({ text }) => text)
    .join('');
