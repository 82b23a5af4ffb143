import { stripVTControlCharacters } from 'node:util';
import { cellsOf } from '../sinks/console/text.ts';

/** How much further in a line goes on than it began. */
const HANGING = '  ';

const widthOf = (text: string): number => cellsOf(stripVTControlCharacters(text));

/** Breaks a text between words; a word that is too long stays whole. */
export function wrapWords(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(last) + 1 + widthOf(word) > width) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/**
 * A text as it fits a terminal: lines that are too long are broken between words and go on further
 * in; the others stay as they are.
 * @param columns of the terminal; null where lines may be of any length
 */
export function wrap(text: string, columns: number | null): string {
  if (columns === null) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      if (widthOf(line) <= columns) return [line];
      const [indent = ''] = /^ */.exec(line) ?? [];
      const [first = '', ...rest] = wrapWords(line.trimStart(), columns, indent + HANGING);
      return [first.replace(HANGING, ''), ...rest];
    })
    .join('\n');
}
