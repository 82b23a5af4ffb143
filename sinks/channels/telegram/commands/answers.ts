import { timeOf } from '../../words.ts';

/** An alert as `alerts list` shows it. */
export interface Listed {
  readonly id: string;
  readonly rule: string;
  readonly severity: string;
  readonly state: string;
  readonly service: string | null;
  readonly title?: string | null;
}

/** A silence as `alerts silence` lists it. */
export interface ListedSilence {
  readonly number: string;
  readonly state: string;
  readonly match: { readonly services: readonly string[]; readonly rules: readonly string[] };
  /** Epoch ms. */
  readonly until: number;
}

interface ServiceLine {
  readonly breaker?: string;
  readonly health?: string;
  readonly retryAt?: string | null;
}

/** Those that nobody has taken notice of. */
export const firingIn = (alerts: readonly Listed[]): readonly Listed[] =>
  alerts.filter(({ state }) => state === 'firing');

/** A pending one is not told yet, and may never be. */
const openIn = (alerts: readonly Listed[]): readonly Listed[] =>
  alerts.filter(({ state }) => state !== 'resolved' && state !== 'pending');

export const alertLine = ({ id, rule, service, title, state }: Listed): string => {
  const what = title ?? `${rule}${service === null ? '' : ` ${service}`}`;
  return `${id}  ${what}${state === 'firing' ? '' : ` (${state})`}`;
};

/** Those that hold, not the windows to come. */
export const silencesNowIn = (silences: unknown): readonly ListedSilence[] =>
  Array.isArray(silences)
    ? (silences as ListedSilence[]).filter(({ state }) => state === 'active')
    : [];

export const silenceLine = ({ number, match, until }: ListedSilence): string => {
  const what = [...match.services, ...match.rules].join(' ') || 'all';
  return `${what} (silence ${number}, until ${timeOf(until)})`;
};

function serviceLine(name: string, { breaker, health, retryAt }: ServiceLine): string {
  const mark = breaker === 'CLOSED' ? '🟢' : breaker === 'HALF_OPEN' ? '🟡' : '🔴';
  const next = retryAt ? `, next try ${timeOf(Date.parse(retryAt))}` : '';
  return `${mark} ${name}: ${breaker}, ${String(health).toLowerCase()}${next}`;
}

/** The agent's state in a few lines. */
export function statusText(status: unknown, alerts: unknown, silences: unknown): string {
  const { services = {} } = status as { services?: { [name: string]: ServiceLine } };
  const open = Array.isArray(alerts) ? openIn(alerts as Listed[]) : [];
  return [
    ...Object.entries(services).map(([name, service]) => serviceLine(name, service)),
    open.length === 0 ? 'No alert is open.' : `Open alerts: ${open.length}`,
    ...open.slice(0, 10).map(alertLine),
    ...silencesNowIn(silences).map((one) => `Nobody is told of ${silenceLine(one)}`),
  ].join('\n');
}
