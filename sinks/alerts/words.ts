import type { AlertText } from '../../machines/incident.ts';

const MOST_NAMED = 10;

/** `2026-09-21 14:13:20 UTC`: a person far away reads it, too. */
export const clockTime = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `45 s`, `12 min`, `3 h 20 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`;

/** The first ten by name, the rest as a number. */
export function named(names: readonly string[], total = names.length): string {
  const first = names.slice(0, MOST_NAMED);
  const more = total - first.length;
  return more > 0 ? `${first.join(', ')} and ${more} more` : first.join(', ');
}

/** A sentence's end is none of a title's. */
export const withoutStop = (text: string): string => text.replace(/[.\s]+$/, '');

export const fact = (name: string, value: string | number) => ({ name, value: String(value) });

/** A resolve: what is over, and how long it took. */
export function resolvedText(
  what: string,
  since: number,
  at: number,
  ...paragraphs: string[]
): AlertText {
  return {
    title: `Resolved: ${what}`,
    paragraphs: [
      `It began at ${clockTime(since)} and is over since ${clockTime(at)}.`,
      ...paragraphs,
    ],
    facts: [fact('Lasted', duration(at - since))],
  };
}
