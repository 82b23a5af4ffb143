import { hideCredentials } from '../credentials.ts';

const LONGEST = 200;

/**
 * The beginning of a text, without the word at which it was cut: half a key is most of a key, and
 * nobody recognises it any more.
 * @param longest characters
 */
export const beginningOf = (text: string, longest: number): string =>
  text.length <= longest ? text : text.slice(0, longest).replace(/\S+$/u, '').trimEnd();

/** At most so many characters, and a sign where there were more. */
export const cutTo = (longest: number, line: string): string =>
  line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;

/** A text on one line, without control characters. */
export const lineOf = (text: string): string => text.replace(/[\s\p{C}]+/gu, ' ').trim();

/**
 * One short line out of somebody's words, without anything that looks like a key. The keys in use
 * have to be hidden before.
 */
export const shortened = (text: string): string => cutTo(LONGEST, hideCredentials(lineOf(text)));
