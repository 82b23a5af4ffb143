import type { RequestContext, RequestResult } from '../../machines/request-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import { channelOf, isChannel } from '../../runtime/channels.ts';
import type { JournalRecord } from '../../store/record.ts';
import { Backlog } from './backlog.ts';
import type { Book, Message } from './book.ts';
import { withArrived, withBegun, withoutLast, type Tries } from './tries.ts';

/** What a delivery's request carries, by the `seq` of the messages. */
export interface Cargo {
  readonly messages: readonly number[];
  /** Of a digest: the first and the last of several that follow on one another. @default [] */
  readonly ranges?: readonly (readonly [number, number])[];
  /** Messages that are only counted, because they had to be forgotten. @default 0 */
  readonly forgotten?: number;
}

export interface ChannelState {
  /** The `seq` of the record that first named it; what had ended by then is no news there. */
  readonly since: number;
  /** Messages that are done with. */
  readonly done: Set<number>;
  /** May have arrived: a crash, a timeout or a server's error came in between. */
  readonly maybe: Set<number>;
  /** Messages that had to make room for newer ones, and that nobody there has been told of yet. */
  readonly forgotten: number;
  /** Deliveries that failed in a row. */
  readonly failures: number;
  /** It says itself that it does not work: a key, an address that is gone. */
  readonly isBroken: boolean;
  readonly error: Failure | null;
  /** When the first try failed, or had to wait, since anything was delivered. */
  readonly failingSince: number | null;
  /** It asks not to be tried before then, which is too long for people to hear of nothing. */
  readonly heldUntil: number | null;
  readonly nextTryAt: number;
  readonly begun: Tries;
}

const blank = (): ChannelState => ({
  since: 0,
  done: new Set(),
  maybe: new Set(),
  forgotten: 0,
  failures: 0,
  isBroken: false,
  error: null,
  failingSince: null,
  heldUntil: null,
  nextTryAt: 0,
  begun: [],
});

interface UnderWay {
  readonly channel: string;
  readonly cargo: Cargo;
  readonly wasAmbiguous: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A flood may be longer than a channel is away; beyond it messages are only counted. */
const MOST_MESSAGES = 20_000;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 300_000;
/** A channel that calls itself broken is not asked much; a restart tries at once. */
const BROKEN_WAIT_MS = 900_000;
/** One failure may be a hiccup; its request had retries of its own. */
const FAILING_FROM = 2;
/**
 * Who has to wait longer is no way to a person just now, and others are told that. What asks for
 * less, such as a full minute or Slack's bursts, is a limit that passes by itself.
 */
const LONGEST_HOLD_MS = 600_000;

/** Whether a channel does not work. */
export const isFailing = ({ failures, isBroken, heldUntil }: ChannelState): boolean =>
  isBroken || failures >= FAILING_FROM || heldUntil !== null;

/** What each channel has delivered, has under way, and has yet to deliver: a fold of the journal. */
export class Outbox {
  readonly channels = new Map<string, ChannelState>();
  /** Of the last day, oldest first. */
  messages: Message[] = [];
  /** Rises whenever there may be something else to send. */
  revision = 0;
  readonly #mostMessages: number;
  readonly #underWay = new Map<string, UnderWay>();
  /** By channel, as soon as somebody asks for it. */
  readonly #backlogs = new Map<string, Backlog>();
  /** Messages up to this one had to be forgotten. */
  #forgottenUpTo = 0;

  /** @param mostMessages that are kept. @default 20000 */
  constructor(mostMessages = MOST_MESSAGES) {
    this.#mostMessages = mostMessages;
  }

  channel(name: string): ChannelState {
    return this.channels.get(name) ?? blank();
  }

  add(message: Message): void {
    this.revision++;
    this.messages.push(message);
    for (const backlog of this.#backlogs.values()) backlog.add(message);
    const isOld = ({ at }: Message): boolean => at + DAY_MS < message.at;
    let gone = 0;
    while (gone < this.messages.length - 1 && isOld(this.messages[gone] as Message)) gone++;
    const surplus = Math.max(0, this.messages.length - gone - this.#mostMessages);
    const removed = this.messages.splice(0, gone + surplus);
    for (const one of removed.slice(gone)) this.#forget(one);
    for (const one of removed) this.#drop(one);
  }

  /** @returns the channel that this record says something of */
  apply(record: JournalRecord): string | null {
    const { machine, actor, event, from, seq } = record;
    if (event.type === 'agent.started') this.#tryAgain();
    if (machine === 'request') return this.#applyRequest(record);
    if (machine !== 'breaker' || !isChannel(actor.slice('breaker:'.length))) return null;
    const name = channelOf(actor.slice('breaker:'.length));
    // Where older lines were removed, its first one may be.
    if (!this.channels.has(name)) this.#change(name, { since: from === null ? seq : 0 });
    if (event.type === 'breaker.reset') this.#change(name, { nextTryAt: 0 });
    return name;
  }

  /** Whether a message is done with on a channel. */
  isDone({ seq }: Message, channel: string): boolean {
    return this.channels.get(channel)?.done.has(seq) === true;
  }

  /** What a channel is not done with, whether it is for it or not. */
  backlog(channel: string): Backlog {
    const known = this.#backlogs.get(channel);
    if (known) return known;
    const left = this.messages.filter((message) => !this.isDone(message, channel));
    const backlog = new Backlog(left);
    this.#backlogs.set(channel, backlog);
    return backlog;
  }

  snapshot(): unknown {
    return {
      channels: [...this.channels].map(([name, state]) => [
        name,
        { ...state, done: [...state.done], maybe: [...state.maybe] },
      ]),
      underWay: [...this.#underWay],
      forgottenUpTo: this.#forgottenUpTo,
    };
  }

  /** @param book restored already: it holds the messages */
  restore(state: unknown, book: Book): void {
    const { channels, underWay, forgottenUpTo } = state as {
      channels: [string, ChannelState & { done: number[]; maybe: number[] }][];
      underWay: [string, UnderWay][];
      forgottenUpTo: number;
    };
    for (const [name, one] of channels) {
      this.channels.set(name, { ...one, done: new Set(one.done), maybe: new Set(one.maybe) });
    }
    for (const [request, one] of underWay) this.#underWay.set(request, one);
    this.#forgottenUpTo = forgottenUpTo;
    this.messages = [...book.incidents.values()]
      .flatMap(({ messages }) => messages)
      .filter(({ seq }) => seq > forgottenUpTo)
      .toSorted((a, b) => a.seq - b.seq);
    this.#backlogs.clear();
    this.revision++;
  }

  #forget(message: Message): void {
    this.#forgottenUpTo = message.seq;
    for (const [name, { forgotten }] of this.channels) {
      if (!this.isDone(message, name)) this.#change(name, { forgotten: forgotten + 1 });
    }
  }

  #drop(message: Message): void {
    for (const { done, maybe } of this.channels.values()) {
      done.delete(message.seq);
      maybe.delete(message.seq);
    }
    for (const backlog of this.#backlogs.values()) backlog.delete(message);
  }

  #applyRequest(record: JournalRecord): string | null {
    const { actor, from, to, at, event, context, done } = record;
    if (!actor.startsWith('request:channel:')) return null;
    if (from === null) return this.#begin(record);
    const underWay = this.#underWay.get(actor);
    if (!underWay) return null;
    const { channel } = underWay;
    const error = event['error'] as Failure | undefined;
    if (error?.ambiguous) {
      this.#underWay.set(actor, { ...underWay, wasAmbiguous: true });
      this.#note(channel, withArrived, at);
    } else if (error?.category === 'TRANSIENT_ERROR') this.#note(channel, withoutLast, at);
    if (from === 'waiting' && to === 'attempting') this.#note(channel, withBegun, at);
    const result = context?.['result'] as RequestResult | undefined;
    if (!done || !result) return channel;
    this.#underWay.delete(actor);
    // Interrupted in the middle of an attempt, or left in doubt by any of them.
    const wasCutOff = from === 'attempting' && !event.type.startsWith('attempt.');
    const isDoubtful = underWay.wasAmbiguous || error?.ambiguous === true || wasCutOff;
    if (result.status === 'succeeded') this.#delivered(underWay, at);
    else this.#failed(underWay, result, at, isDoubtful);
    return channel;
  }

  #begin({ actor, at, context }: JournalRecord): string {
    const { service, payload } = context as unknown as RequestContext;
    const channel = channelOf(service);
    this.#underWay.set(actor, {
      channel,
      cargo: payload as unknown as Cargo,
      wasAmbiguous: false,
    });
    this.#note(channel, withBegun, at);
    return channel;
  }

  #note(channel: string, change: (tries: Tries, at: number) => Tries, at: number): void {
    this.#change(channel, { begun: change(this.channel(channel).begun, at) });
  }

  #delivered({ channel, cargo }: UnderWay, at: number): void {
    this.#finish(channel, cargo, { state: 'delivered', at });
    this.#note(channel, withArrived, at);
    const well = { failures: 0, isBroken: false, error: null, failingSince: null } as const;
    this.#change(channel, { ...well, heldUntil: null, nextTryAt: 0 });
  }

  #failed({ channel, cargo }: UnderWay, result: RequestResult, at: number, isDoubtful: boolean) {
    const { error, status } = result;
    const isPermanent = error?.category === 'PERMANENT_ERROR';
    if (isPermanent && error.scope === 'contact') {
      this.#finish(channel, cargo, { state: 'failed', at });
      return;
    }
    const before = this.channel(channel);
    if (isDoubtful) {
      const seqs = this.#messagesOf(channel, cargo).map(({ seq }) => seq);
      this.#change(channel, { maybe: new Set([...before.maybe, ...seqs]) });
    }
    if (status === 'abandoned' || status === 'aborted') return;
    // Asked to wait, or not let through. A probe that failed is deferred, too, but has failed.
    if (status === 'deferred' && (result.retryAt !== null || error === null)) {
      this.#hold(channel, result, at);
      return;
    }
    // Who does not answer after a long wait has worked no better in the meantime.
    const failures = Math.max(before.failures + 1, before.heldUntil === null ? 1 : FAILING_FROM);
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    this.#change(channel, {
      failures,
      error,
      isBroken: isPermanent,
      failingSince: before.failingSince ?? at,
      heldUntil: null,
      nextTryAt: at + (isPermanent ? BROKEN_WAIT_MS : waitMs),
    });
  }

  #hold(channel: string, { error, retryAt }: RequestResult, at: number): void {
    const { failingSince } = this.channel(channel);
    const since = failingSince ?? at;
    const nextTryAt = retryAt ?? at + MINUTE_MS;
    const isTooLong = nextTryAt - since > LONGEST_HOLD_MS;
    this.#change(channel, {
      nextTryAt,
      failingSince: since,
      ...(error && { error }),
      ...(isTooLong && { heldUntil: nextTryAt }),
    });
  }

  /** Those of a digest, as far as they are not done with, and those that are named. */
  #messagesOf(channel: string, { messages, ranges = [] }: Cargo): Message[] {
    const named = messages.flatMap((seq) => this.#find(seq) ?? []);
    if (ranges.length === 0) return named;
    const isIn = ({ seq }: Message): boolean =>
      ranges.some(([first, last]) => first <= seq && seq <= last);
    const left = [...this.backlog(channel).byIncident()].flat();
    return [...named, ...left.filter(isIn)];
  }

  #find(seq: number): Message | undefined {
    let [from, to] = [0, this.messages.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.messages[middle]?.seq ?? 0) < seq) from = middle + 1;
      else to = middle;
    }
    const found = this.messages[from];
    return found?.seq === seq ? found : undefined;
  }

  #finish(channel: string, cargo: Cargo, delivery: Message['deliveries'][string]): void {
    const { done, maybe, forgotten } = this.channel(channel);
    const backlog = this.backlog(channel);
    for (const message of this.#messagesOf(channel, cargo)) {
      message.deliveries[channel] = delivery;
      done.add(message.seq);
      maybe.delete(message.seq);
      backlog.delete(message);
    }
    this.#change(channel, { forgotten: Math.max(0, forgotten - (cargo.forgotten ?? 0)) });
  }

  /** A start may come with other settings: nothing is held against a channel. */
  #tryAgain(): void {
    for (const name of this.channels.keys()) this.#change(name, { nextTryAt: 0 });
  }

  #change(name: string, change: Partial<ChannelState>): void {
    this.revision++;
    this.channels.set(name, { ...this.channel(name), ...change });
  }
}
