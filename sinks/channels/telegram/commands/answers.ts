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

function serviceLine(name: string, { breaker, health, retryAt }: ServiceLine): string {
  const mark = breaker === 'CLOSED' ? '🟢' : breaker === 'HALF_OPEN' ? '🟡' : '🔴';
  const next = retryAt ? `, next try ${timeOf(Date.parse(retryAt))}` : '';
  return `${mark} ${name}: ${breaker}, ${String(health).toLowerCase()}${next}`;
}

/** The agent's state in a few lines. */
export function statusText(status: unknown, alerts: unknown): string {
  const { services = {} } = status as { services?: { [name: string]: ServiceLine } };
  const open = Array.isArray(alerts) ? openIn(alerts as Listed[]) : [];
  return [
    ...Object.entries(services).map(([name, service]) => serviceLine(name, service)),
    open.length === 0 ? 'No alert is open.' : `Open alerts: ${open.length}`,
    ...open.slice(0, 10).map(alertLine),
  ].join('\n');
}
