import type { Failure } from '../../machines/results.ts';

/** `5s`, `1m 5s`, `2h 3m`: as short as a person says it. */
export function shortDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (seconds < 60) return `${Number((ms / 1000).toFixed(1))}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
}

/** `503 Error`, `Timeout`: what went wrong in two words. */
export function shortFailure({ status, kind }: Failure): string {
  return status !== null && status >= 400 ? `${status} Error` : kind;
}

const LONGEST_QUOTE = 100;

export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line}"`;
}

/** Terminals draw these signs two cells wide. */
const WIDE = /\p{Emoji_Presentation}/u;

/** How many cells of a terminal a text without escape codes takes. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const sign of text) cells += WIDE.test(sign) ? 2 : 1;
  return cells;
}

/** As much of a line as fits into so many cells of a terminal. */
export function fit(line: string, cells: number): string {
  let used = 0;
  let kept = '';
  for (const sign of line) {
    used += WIDE.test(sign) ? 2 : 1;
    if (used <= cells - 1) kept += sign;
    if (used > cells) return `${kept}…`;
  }
  return line;
}
