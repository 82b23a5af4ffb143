import type { Delimiter } from './delimiter.ts';

/** `\r\n` is one line end. */
export function countLineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

/**
 * Finds a quote that was left open: it reaches the end of the text, or another line's quote closes
 * it in the middle of a cell. A parser would swallow the contacts in between without a word.
 *
 * @returns how many lines below the text's first the quote opened, or `null` when all is well
 */
export function findOpenQuote(text: string, delimiter: Delimiter): number | null {
  let line = 0;
  let openedOn: number | null = null;
  let cellStart = true;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === '\n' || (char === '\r' && text[i + 1] !== '\n')) line += 1;
    if (openedOn === null) {
      if (char === '"' && cellStart) openedOn = line;
      cellStart = char === delimiter || /[\r\n]/.test(char ?? '') || (cellStart && isBlank(char));
    } else if (char === '"') {
      if (text[i + 1] === '"') {
        i += 1;
      } else if (line > openedOn && !endsCell(text, i + 1, delimiter)) {
        return openedOn;
      } else {
        openedOn = null;
        cellStart = false;
      }
    }
  }
  return openedOn;
}

function endsCell(text: string, from: number, delimiter: Delimiter): boolean {
  let i = from;
  while (text[i] !== delimiter && isBlank(text[i])) i += 1;
  const char = text[i];
  return char === undefined || char === delimiter || char === '\n' || char === '\r';
}

function isBlank(char: string | undefined): boolean {
  return char !== undefined && char !== '\n' && char !== '\r' && char.trim() === '';
}
