import type { Silence } from '../sinks/alerts/book.ts';

export type ListedSilence = Pick<Silence, 'number' | 'match' | 'from' | 'until'>;

/** Beyond it there are no dates (ECMA-262, Time Values); earlier versions took such silences. */
const LAST_DATE_MS = 8.64e15;

const iso = (at: number): string =>
  at > LAST_DATE_MS ? 'a time far away' : new Date(at).toISOString();

const whatOf = ({ match }: ListedSilence): string =>
  [...match.services, ...match.rules].join(' ') || 'all';

/** `   3  ElevenLabs  until 2026-…`: a silence as `alerts silence` lists it. */
export function silenceLine(silence: ListedSilence): string {
  const { number, from, until } = silence;
  const start = from > Date.now() ? `from ${iso(from)} ` : '';
  return `${number.padStart(4)}  ${whatOf(silence)}  ${start}until ${iso(until)}`;
}

/** What somebody who looks for alerts has to know: why there may be none. */
export const silencedNow = (silence: ListedSilence): string =>
  `Silenced now: ${whatOf(silence)}, until ${iso(silence.until)} (silence ${silence.number}).`;
