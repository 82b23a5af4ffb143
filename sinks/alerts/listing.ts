import type { Severity } from '../../machines/incident.ts';
import type { Incident, Message } from './book.ts';
import { fatesOf } from './plan.ts';
import type { Mail } from './routing.ts';

export interface ListedDelivery {
  readonly channel: string;
  readonly message: Message['kind'];
  readonly state: 'delivered' | 'pending' | 'failed' | 'expired';
  /** ISO 8601; null where nothing has happened yet. */
  readonly at: string | null;
}

/** An alert as other programs read it. Times are ISO 8601. */
export interface ListedAlert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: string;
  readonly service: string | null;
  readonly title: string | null;
  readonly since: string;
  readonly raisedAt: string | null;
  readonly resolvedAt: string | null;
  readonly acknowledgedBy: string | null;
  /** Why nobody is told: a silence's or another alert's id. */
  readonly mutedBy: string | null;
  readonly deliveries: readonly ListedDelivery[];
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const MOST_CLOSED = 500;

/** The alerts of a folder, newest first: those that are open, and the last ones that are over. */
export function listAlerts(mail: Mail, now: number): ListedAlert[] {
  let closed = 0;
  return [...mail.book.incidents.values()]
    .filter(isWorthListing)
    .toReversed()
    .filter(({ resolvedAt }) => resolvedAt === null || ++closed <= MOST_CLOSED)
    .map((incident) => listed(incident, mail, now));
}

/** What was over before it came to an alert is none. */
const isWorthListing = ({ n, resolvedAt, mutedBy }: Incident): boolean =>
  n > 0 || resolvedAt === null || mutedBy !== null;

function listed(incident: Incident, mail: Mail, now: number): ListedAlert {
  const { messages, state } = incident;
  return {
    id: incident.number,
    rule: incident.rule,
    severity: incident.severity,
    state,
    service: incident.service,
    title: messages.findLast(({ kind }) => kind !== 'resolved')?.text.title ?? null,
    since: new Date(incident.since).toISOString(),
    raisedAt: iso(incident.raisedAt),
    resolvedAt: iso(incident.resolvedAt),
    acknowledgedBy: incident.acknowledgedBy,
    mutedBy: state === 'silenced' ? incident.mutedBy : null,
    deliveries: deliveriesOf(incident, mail, now),
  };
}

function deliveriesOf(incident: Incident, mail: Mail, now: number): ListedDelivery[] {
  const { messages } = incident;
  const names = new Set([...mail.order, ...messages.flatMap((one) => Object.keys(one.deliveries))]);
  const channels = [...names].map((channel) => {
    const isSetUp = mail.order.includes(channel);
    return { channel, fates: isSetUp ? fatesOf(incident, channel, mail, now) : null };
  });
  return messages.flatMap(({ seq, kind, deliveries }) =>
    channels.flatMap(({ channel, fates }): ListedDelivery[] => {
      const done = deliveries[channel];
      const about = { channel, message: kind };
      if (done) return [{ ...about, state: done.state, at: iso(done.at) }];
      const state = fates?.get(seq);
      return state === undefined ? [] : [{ ...about, state, at: null }];
    }),
  );
}
