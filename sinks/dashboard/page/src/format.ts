/** A duration in the words of a clock: `0:42`, `1:05:00`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A duration as a figure: `350 ms`, `2.4 s`, `3 min`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

export const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const counts = new Intl.NumberFormat();
/** `1,000,000`. */
export const count = (value: number): string => counts.format(value);

const times = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
export const time = (at: number): string => times.format(at);
/** Beyond it there are no dates (ECMA-262, Time Values); a silence of old may begin there. */
const LAST_DATE_MS = 8.64e15;
export const date = (at: number): string => (at > LAST_DATE_MS ? 'far away' : dates.format(at));

export const isSameDay = (one: number, other: number): boolean =>
  new Date(one).toDateString() === new Date(other).toDateString();

const words: { readonly [state: string]: string } = {
  halfOpen: 'half-open',
  inCall: 'in call',
  lookingUp: 'looking up',
  HEALTHY: 'healthy',
  UNHEALTHY: 'unhealthy',
  UNKNOWN: 'unknown',
};
/** A machine's state as people say it. */
export const stateWord = (state: string): string => words[state] ?? state;
