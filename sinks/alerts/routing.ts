import type { Channel } from '../channels/channel.ts';
import type { Book, Incident, Message } from './book.ts';
import { isFailing, type Outbox } from './outbox.ts';

/** How long a message is worth delivering: an old warning says nothing any more. */
const KEPT_MS = { critical: 86_400_000, warning: 3_600_000 } as const;

export const isExpired = ({ at }: Message, { severity }: Incident, now: number): boolean =>
  at + KEPT_MS[severity] <= now;

/** That a channel fails is told through the others. */
const isAbout = ({ key }: Incident, channel: string): boolean =>
  key === `channel.failing ${channel}`;

/** @param seq of a record */
function wasOverBefore({ messages }: Incident, seq: number): boolean {
  const last = messages.at(-1);
  return last?.kind === 'resolved' && last.seq < seq;
}

/**
 * Whether a message is for a channel. `reach` counts the channels that work: what the first one
 * can't tell, the next one does.
 */
export function isFor(
  message: Message,
  incident: Incident,
  channel: string,
  { outbox, order, keepers }: Mail,
): boolean {
  if (isAbout(incident, channel)) return false;
  if (wasOverBefore(incident, outbox.channels.get(channel)?.since ?? Infinity)) return false;
  // Whoever reads a chat needs not be told who looks at it; an incident kept elsewhere does.
  if (message.kind === 'acknowledged') return keepers.has(channel);
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

/** What waits for a channel about one incident, oldest first. */
export interface Waiting {
  readonly incident: Incident;
  readonly messages: readonly [Message, ...Message[]];
}

/** Of messages about one incident, those that are for a channel and not too old. */
export function waitingOf(
  incident: Incident,
  about: readonly Message[],
  channel: string,
  mail: Mail,
  now: number,
): Waiting | null {
  const [first, ...others] = about.filter(
    (message) => !isExpired(message, incident, now) && isFor(message, incident, channel, mail),
  );
  return first ? { incident, messages: [first, ...others] } : null;
}

/** What waits for a channel, oldest first: for it, not done with, and not too old. */
export function* waitingFor(channel: string, mail: Mail, now: number): Generator<Waiting> {
  const { book, outbox } = mail;
  for (const list of outbox.backlog(channel).byIncident()) {
    const incident = book.incidents.get(`alert:${list[0]?.alert}`);
    const waiting = incident && waitingOf(incident, list, channel, mail, now);
    if (waiting) yield waiting;
  }
}

/** Everything that decides what goes out. */
export interface Mail {
  readonly book: Book;
  readonly outbox: Outbox;
  /** The channels, the one to be asked first in front. */
  readonly order: readonly string[];
  /** Those that keep incidents of their own: see `Channel.keepsIncidents`. */
  readonly keepers: ReadonlySet<string>;
  /** More waiting messages than this go as one digest. */
  readonly digestOver: number;
}

/** @param channels the one to be asked first in front */
export function mailOf(
  { book, outbox }: Pick<Mail, 'book' | 'outbox'>,
  channels: readonly Pick<Channel, 'name' | 'keepsIncidents'>[],
  digestOver: number,
): Mail {
  const order = channels.map(({ name }) => name);
  const keepers = new Set(channels.filter((one) => one.keepsIncidents).map(({ name }) => name));
  return { book, outbox, order, keepers, digestOver };
}
