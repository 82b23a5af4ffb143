import type { Notice, NoticeKind } from '../channels/channel.ts';
import type { Incident, Message } from './book.ts';
import type { Cargo } from './outbox.ts';
import {
  isExpired,
  isFor,
  waitingFor,
  waitingOf,
  wasTold,
  type Mail,
  type Waiting,
} from './routing.ts';
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
 * began and ended in the meantime is one message; and too many are one digest, except for who keeps
 * an incident of each.
 */
export function planNext(channel: string, mail: Mail, now: number): Planned | null {
  const { outbox, keepers, digestOver } = mail;
  const { maybe, forgotten } = outbox.channel(channel);
  const keeps = keepers.has(channel);
  const waiting = itemsOf(channel, mail, now);
  // One after another, however many wait.
  const items = keeps ? [...waiting.take(1)] : [...waiting];
  const isMaybe = (item: Item): boolean => item.seqs.some((seq) => maybe.has(seq));
  if (forgotten > 0 || (!keeps && items.length > digestOver)) {
    const told = keeps ? [] : items;
    const cargo = { messages: [], ranges: rangesOf(channel, told, mail), forgotten };
    return { notice: digestOf(told, { forgotten, now, isRepeat: told.some(isMaybe) }), cargo };
  }
  const [first] = items;
  if (!first) return null;
  const isRepeat = isMaybe(first);
  // Its beginning may be there after all: then the end must be, too.
  const isCollapsed = first.isCollapsed && !(keeps && isRepeat);
  return {
    notice: noticeOf({ ...first, isCollapsed }, isRepeat),
    cargo: { messages: first.seqs },
  };
}

/** What a channel has yet to tell, by incident, oldest first. */
export function* pendingFor(channel: string, mail: Mail, now: number): Generator<Waiting> {
  for (const waiting of waitingFor(channel, mail, now)) {
    if (itemOf(channel, waiting)) yield waiting;
  }
}

/** How many alerts a channel has yet to tell of. */
export const countPending = (channel: string, mail: Mail, now: number): number =>
  [...pendingFor(channel, mail, now)].length;

/**
 * Of the messages about an incident that a channel is not done with, those that it has yet to tell,
 * and those that it would have told while they were news. The rest it is never told.
 * @returns by the `seq` of the message
 */
export function fatesOf(
  incident: Incident,
  channel: string,
  mail: Mail,
  now: number,
): ReadonlyMap<number, 'pending' | 'expired'> {
  const { outbox } = mail;
  const kept = outbox.backlog(channel).about(incident.number);
  const waiting = waitingOf(incident, kept, channel, mail, now);
  const pending = waiting && itemOf(channel, waiting) ? waiting.messages : [];
  const [first, ...others] = incident.messages.filter(
    (message) => isFor(message, incident, channel, mail) && !outbox.isDone(message, channel),
  );
  const wasMeant = first && itemOf(channel, { incident, messages: [first, ...others] });
  const meant = wasMeant ? [first, ...others] : [];
  const expired = meant.filter((message) => isExpired(message, incident, now));
  return new Map([
    ...expired.map(({ seq }) => [seq, 'expired'] as const),
    ...pending.map(({ seq }) => [seq, 'pending'] as const),
  ]);
}

/** Runs of what a digest tells among all that is not done with: few, however many messages. */
function rangesOf(channel: string, items: readonly Item[], { outbox }: Mail): [number, number][] {
  const told = new Set(items.flatMap(({ seqs }) => seqs));
  const ranges: [number, number][] = [];
  let isOpen = false;
  for (const message of outbox.messages) {
    if (outbox.isDone(message, channel)) continue;
    const { seq } = message;
    const last = ranges.at(-1);
    if (!told.has(seq)) isOpen = false;
    else if (isOpen && last) last[1] = seq;
    else {
      ranges.push([seq, seq]);
      isOpen = true;
    }
  }
  return ranges;
}

function* itemsOf(channel: string, mail: Mail, now: number): Generator<Item> {
  for (const waiting of waitingFor(channel, mail, now)) {
    const item = itemOf(channel, waiting);
    if (item) yield item;
  }
}

function itemOf(channel: string, { incident, messages }: Waiting): Item | null {
  const news = messages.filter(({ kind }) => kind !== 'acknowledged');
  const last = news.at(-1);
  if (!last) {
    const [message] = messages;
    // Before people there know what it is about, an acknowledgement says nothing.
    if (!wasTold(incident, channel, message.seq)) return null;
    return { incident, message, kind: 'acknowledged', isCollapsed: false, seqs: [message.seq] };
  }
  const isKnown = wasTold(incident, channel, last.seq);
  const about = { incident, message: last };
  if (last.kind === 'resolved') {
    // Who never heard of it, and never will, need not hear that it is over.
    if (!isKnown && news.length === 1) return null;
    const seqs = messages.map(({ seq }) => seq);
    return { ...about, kind: 'resolved', isCollapsed: !isKnown, seqs };
  }
  // A further channel was asked; this one knows already.
  if (isKnown && news.every(({ why }) => why === 'escalated')) return null;
  const seqs = news.map(({ seq }) => seq);
  return { ...about, kind: isKnown ? 'updated' : 'raised', isCollapsed: false, seqs };
}

const lowerFirst = (text: string): string => text.replace(/^Resolved: /, '');

/** The title that it had when it was raised. */
const raisedTitle = ({ messages }: Incident): string =>
  messages.find(({ kind }) => kind === 'raised')?.text.title ?? '';

/** Agents of several folders may tell one receiver, and each counts its alerts from 1. */
const keyOfIncident = ({ key, number, since }: Incident): string =>
  `${key.slice(0, 200)} #${number} ${since.toString(36)}`;

function noticeOf({ incident, message, kind, isCollapsed }: Item, isRepeat: boolean): Notice {
  const { text } = message;
  const about = {
    kind,
    alert: message.alert,
    key: keyOfIncident(incident),
    n: message.n,
    rule: incident.rule,
    severity: incident.severity,
    service: incident.service,
    at: message.at,
    since: incident.since,
    isRepeat,
    ...(incident.isSimulated && { isSimulated: true }),
  };
  if (!isCollapsed) return { ...about, ...text };
  const happened = `It began at ${clockTime(incident.since)}, and this message could not be delivered before it was over.`;
  return {
    ...about,
    wasMissed: true,
    title: `Resolved: it happened and is over: ${raisedTitle(incident)}`,
    paragraphs: [happened, ...text.paragraphs],
    facts: text.facts,
  };
}

interface Digested {
  /** Messages that were too many to keep. */
  readonly forgotten: number;
  readonly now: number;
  readonly isRepeat: boolean;
}

/** Of what could not be kept nobody knows. */
const isPlay = (items: readonly Item[], forgotten: number): boolean =>
  forgotten === 0 && items.every(({ incident }) => incident.isSimulated);

const isOver = ({ kind }: Item): boolean => kind === 'resolved';

function digestTitle(items: readonly Item[], forgotten: number): string {
  if (items.length === 0) return `${count(forgotten, 'message')} could not be kept`;
  const over = items.filter(isOver).length;
  if (over === items.length) return `Resolved: ${count(over, 'alert is over', 'alerts are over')}`;
  return `${count(items.length, 'alert')}${over > 0 ? `, ${over} of them resolved` : ''}`;
}

const titlesOf = (items: readonly Item[]): string =>
  named(
    items.map(({ message, incident, isCollapsed }) => {
      const said = lowerFirst(isCollapsed ? raisedTitle(incident) : message.text.title);
      return `#${message.alert} ${said}`;
    }),
  );

function digestOf(items: readonly Item[], { forgotten, now, isRepeat }: Digested): Notice {
  const over = items.filter(isOver);
  const open = items.filter((item) => !isOver(item));
  const isCritical = items.some(({ incident }) => incident.severity === 'critical');
  const last = Math.max(0, ...items.map(({ seqs }) => seqs.at(-1) ?? 0));
  const since = Math.min(now, ...items.map(({ incident }) => incident.since));
  const at = Math.max(since, ...items.map(({ message }) => message.at));
  const name = last === 0 ? `forgotten-${now}` : String(last);
  return {
    kind: 'digest',
    alert: `digest-${name}`,
    key: `digest ${name} ${since.toString(36)}`,
    n: 0,
    rule: 'digest',
    severity: isCritical ? 'critical' : 'warning',
    service: null,
    title: digestTitle(items, forgotten),
    paragraphs: [
      ...(open.length > 0 ? [`Firing: ${titlesOf(open)}.`] : []),
      ...(over.length > 0 ? [`Resolved: ${titlesOf(over)}.`] : []),
      ...(forgotten > 0 ? [`${count(forgotten, 'older message')} could not be kept so long.`] : []),
      'They came faster than one by one can be sent. "call-agent alerts list" shows all of them.',
    ],
    facts: [
      fact('Firing', open.length),
      fact('Resolved', over.length),
      ...(forgotten > 0 ? [fact('Not kept', forgotten)] : []),
      fact('Over', duration(at - since)),
    ],
    at,
    since,
    isRepeat,
    ...(isPlay(items, forgotten) && { isSimulated: true }),
  };
}
