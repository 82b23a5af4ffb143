import type { Notice, NoticeKind } from '../channels/channel.ts';
import type { Incident, Message } from './book.ts';
import type { Cargo } from './outbox.ts';
import { waitingFor, wasTold, type Mail, type Waiting } from './routing.ts';
import { clockTime, count, duration, fact, named } from './words.ts';

/** The next message of a channel, and what it takes care of. */
export interface Planned {
  readonly notice: Notice;
  readonly cargo: Cargo;
}

/** What a person is told of one incident, in place of everything that waits about it. */
interface Item {
  readonly incident: Incident;
  readonly message: Message;
  readonly kind: NoticeKind;
  readonly isCollapsed: boolean;
  readonly seqs: readonly number[];
}

/**
 * What a channel says next. Of what waits about one incident only the newest is worth saying; what
 * began and ended in the meantime is one message; and too many are one digest.
 */
export function planNext(channel: string, mail: Mail, now: number): Planned | null {
  const items = itemsOf(channel, waitingFor(channel, mail, now));
  const [first] = items;
  if (!first) return null;
  const { maybe } = mail.outbox.channel(channel);
  const isMaybe = (item: Item): boolean => item.seqs.some((seq) => maybe.has(seq));
  if (items.length > mail.digestOver) return digest(items, items.some(isMaybe));
  return {
    notice: noticeOf(first, isMaybe(first)),
    cargo: { messages: first.seqs, upTo: 0 },
  };
}

function itemsOf(channel: string, waiting: readonly Waiting[]): Item[] {
  const byIncident = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const { id } = one.incident;
    byIncident.set(id, [...(byIncident.get(id) ?? []), one]);
  }
  return [...byIncident.values()].flatMap((list) => itemOf(channel, list) ?? []);
}

function itemOf(channel: string, list: readonly Waiting[]): Item | null {
  const [first, last] = [list[0], list.at(-1)];
  if (!first || !last) return null;
  const { incident, message } = last;
  const isKnown = wasTold(incident, channel, message.seq);
  const seqs = list.map((one) => one.message.seq);
  if (message.kind === 'resolved') {
    // Who never heard of it, and never will, need not hear that it is over.
    if (!isKnown && list.length === 1) return null;
    return { incident, message, kind: 'resolved', isCollapsed: !isKnown, seqs };
  }
  // A further channel was asked; this one knows already.
  if (isKnown && list.every((one) => one.message.why === 'escalated')) return null;
  return { incident, message, kind: isKnown ? 'updated' : 'raised', isCollapsed: false, seqs };
}

const lowerFirst = (text: string): string => text.replace(/^Resolved: /, '');

/** The title that it had when it was raised. */
const raisedTitle = ({ messages }: Incident): string =>
  messages.find(({ kind }) => kind === 'raised')?.text.title ?? '';

function noticeOf({ incident, message, kind, isCollapsed }: Item, isRepeat: boolean): Notice {
  const { text } = message;
  const about = {
    kind,
    alert: message.alert,
    key: `${incident.key} #${message.alert}`.slice(0, 255),
    n: message.n,
    rule: incident.rule,
    severity: incident.severity,
    service: incident.service,
    at: message.at,
    since: incident.since,
    isRepeat,
  };
  if (!isCollapsed) return { ...about, ...text };
  const happened = `It began at ${clockTime(incident.since)}, and this message could not be delivered before it was over.`;
  return {
    ...about,
    title: `Resolved: it happened and is over: ${raisedTitle(incident)}`,
    paragraphs: [happened, ...text.paragraphs],
    facts: text.facts,
  };
}

function digest(items: readonly Item[], isRepeat: boolean): Planned {
  const upTo = Math.max(...items.flatMap(({ seqs }) => seqs));
  const open = items.filter(({ kind }) => kind !== 'resolved');
  const over = items.filter(({ kind }) => kind === 'resolved');
  const isCritical = items.some(({ incident }) => incident.severity === 'critical');
  const title =
    open.length === 0
      ? `Resolved: ${count(over.length, 'alert')} are over`
      : `${count(items.length, 'alert')}${over.length > 0 ? `, ${over.length} of them resolved` : ''}`;
  const titles = (list: readonly Item[]): string =>
    named(
      list.map(({ message, incident, isCollapsed }) => {
        const said = lowerFirst(isCollapsed ? raisedTitle(incident) : message.text.title);
        return `#${message.alert} ${said}`;
      }),
    );
  const since = Math.min(...items.map(({ incident }) => incident.since));
  const at = Math.max(...items.map(({ message }) => message.at));
  const notice: Notice = {
    kind: 'digest',
    alert: `digest-${upTo}`,
    key: `digest ${upTo}`,
    n: 0,
    rule: 'digest',
    severity: isCritical ? 'critical' : 'warning',
    service: null,
    title,
    paragraphs: [
      ...(open.length > 0 ? [`Firing: ${titles(open)}.`] : []),
      ...(over.length > 0 ? [`Resolved: ${titles(over)}.`] : []),
      'They came faster than one by one can be sent. "call-agent alerts list" shows all of them.',
    ],
    facts: [
      fact('Firing', open.length),
      fact('Resolved', over.length),
      fact('Over', duration(at - since)),
    ],
    at,
    since,
    isRepeat,
  };
  return { notice, cargo: { messages: [], upTo } };
}
