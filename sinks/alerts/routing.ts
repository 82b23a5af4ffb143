import type { Book, Incident, Message } from './book.ts';
import { isFailing, type Outbox } from './outbox.ts';

/** How long a message is worth delivering: an old warning says nothing any more. */
const KEPT_MS = { critical: 86_400_000, warning: 3_600_000 } as const;

export const isExpired = ({ at }: Message, { severity }: Incident, now: number): boolean =>
  at + KEPT_MS[severity] <= now;

/** That a channel fails is told through the others. */
const isAbout = ({ key }: Incident, channel: string): boolean =>
  key === `channel.failing ${channel}`;

/**
 * Whether a message is for a channel. `reach` counts the channels that work: what the first one
 * can't tell, the next one does.
 * @param order the channels, the one to be asked first in front
 */
export function isFor(
  message: Message,
  incident: Incident,
  channel: string,
  outbox: Outbox,
  order: readonly string[],
): boolean {
  if (isAbout(incident, channel)) return false;
  if (message.reach === null) return true;
  const before = order.slice(0, order.indexOf(channel));
  const asked = before.filter(
    (name) => !isFailing(outbox.channel(name)) && !isAbout(incident, name),
  );
  return asked.length <= message.reach;
}

/** Whether a channel has told of an incident before this message. */
export const wasTold = (incident: Incident, channel: string, seq: number): boolean =>
  incident.messages.some(
    (message) => message.seq < seq && message.deliveries[channel]?.state === 'delivered',
  );

export interface Waiting {
  readonly message: Message;
  readonly incident: Incident;
}

/** What waits for a channel, oldest first: for it, not done with, and not too old. */
export function waitingFor(
  channel: string,
  { book, outbox, order }: Mail,
  now: number,
): readonly Waiting[] {
  return outbox.messages.flatMap((message) => {
    const incident = book.incidents.get(`alert:${message.alert}`);
    if (!incident || outbox.isDone(message, channel)) return [];
    if (isExpired(message, incident, now)) return [];
    return isFor(message, incident, channel, outbox, order) ? [{ message, incident }] : [];
  });
}

/** Everything that decides what goes out. */
export interface Mail {
  readonly book: Book;
  readonly outbox: Outbox;
  readonly order: readonly string[];
  /** More waiting messages than this go as one digest. */
  readonly digestOver: number;
}
