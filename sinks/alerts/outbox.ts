import type { RequestContext, RequestResult } from '../../machines/request-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import { channelOf, isChannel } from '../../runtime/channels.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { Book, Message } from './book.ts';

/** What a delivery's request carries, by the `seq` of the messages. */
export interface Cargo {
  readonly messages: readonly number[];
  /** A digest: everything up to this. 0 where it is none. */
  readonly upTo: number;
}

export interface ChannelState {
  /** Everything up to here is done with. */
  readonly cursor: number;
  /** Done with beyond it. */
  readonly done: ReadonlySet<number>;
  /** May have arrived: a crash or a timeout came in between. */
  readonly maybe: ReadonlySet<number>;
  /** Deliveries that failed in a row. */
  readonly failures: number;
  /** It says itself that it does not work: a key, an address that is gone. */
  readonly isBroken: boolean;
  readonly error: Failure | null;
  readonly failingSince: number | null;
  readonly nextTryAt: number;
  /** The last deliveries of the last hour began then. */
  readonly begun: readonly number[];
}

const blank: ChannelState = {
  cursor: 0,
  done: new Set(),
  maybe: new Set(),
  failures: 0,
  isBroken: false,
  error: null,
  failingSince: null,
  nextTryAt: 0,
  begun: [],
};

interface UnderWay {
  readonly channel: string;
  readonly cargo: Cargo;
  readonly wasAmbiguous: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_MESSAGES = 5_000;
/** More than any channel's pace lets through in a minute. */
const BEGUN_KEPT = 100;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 300_000;
/** A channel that calls itself broken is not asked much; a restart tries at once. */
const BROKEN_WAIT_MS = 900_000;
/** One failure may be a hiccup; its request had retries of its own. */
const FAILING_FROM = 2;

/** Whether a channel does not work. */
export const isFailing = ({ failures, isBroken }: ChannelState): boolean =>
  isBroken || failures >= FAILING_FROM;

/** What each channel has delivered, has under way, and has yet to deliver: a fold of the journal. */
export class Outbox {
  readonly channels = new Map<string, ChannelState>();
  /** Of the last day, oldest first. */
  messages: Message[] = [];
  readonly #underWay = new Map<string, UnderWay>();
  /** Messages that had to be forgotten before they went out. */
  dropped = 0;

  channel(name: string): ChannelState {
    return this.channels.get(name) ?? blank;
  }

  add(message: Message): void {
    this.messages.push(message);
    const first = this.messages[0];
    if (this.messages.length > MOST_MESSAGES) {
      this.messages.shift();
      this.dropped++;
    } else if (first && first.at + DAY_MS < message.at) {
      this.messages = this.messages.filter(({ at }) => at + DAY_MS >= message.at);
    }
  }

  /** @returns the channel that this record says something of */
  apply(record: JournalRecord): string | null {
    const { machine, actor, event } = record;
    if (event.type === 'agent.started') this.#tryAgain();
    if (machine === 'request') return this.#applyRequest(record);
    if (machine !== 'breaker' || !isChannel(actor.slice('breaker:'.length))) return null;
    const name = channelOf(actor.slice('breaker:'.length));
    if (event.type === 'breaker.reset') this.#change(name, { nextTryAt: 0 });
    return name;
  }

  /** Whether a message is done with on a channel. */
  isDone({ seq }: Message, channel: string): boolean {
    const { cursor, done } = this.channel(channel);
    return seq <= cursor || done.has(seq);
  }

  snapshot(): unknown {
    return {
      channels: [...this.channels].map(([name, state]) => [
        name,
        { ...state, done: [...state.done], maybe: [...state.maybe] },
      ]),
      underWay: [...this.#underWay],
      dropped: this.dropped,
    };
  }

  /** @param book restored already: it holds the messages */
  restore(state: unknown, book: Book): void {
    const { channels, underWay, dropped } = state as {
      channels: [string, ChannelState & { done: number[]; maybe: number[] }][];
      underWay: [string, UnderWay][];
      dropped: number;
    };
    for (const [name, one] of channels) {
      this.channels.set(name, { ...one, done: new Set(one.done), maybe: new Set(one.maybe) });
    }
    for (const [request, one] of underWay) this.#underWay.set(request, one);
    this.dropped = dropped;
    this.messages = [...book.incidents.values()]
      .flatMap(({ messages }) => messages)
      .toSorted((a, b) => a.seq - b.seq);
  }

  #applyRequest(record: JournalRecord): string | null {
    const { actor, from, to, at, event, context, done } = record;
    if (!actor.startsWith('request:channel:')) return null;
    if (from === null) return this.#begin(record);
    const underWay = this.#underWay.get(actor);
    if (!underWay) return null;
    const { channel } = underWay;
    const error = event['error'] as Failure | undefined;
    if (error?.ambiguous) this.#underWay.set(actor, { ...underWay, wasAmbiguous: true });
    if (from === 'waiting' && to === 'attempting') this.#note(channel, at);
    const result = context?.['result'] as RequestResult | undefined;
    if (!done || !result) return channel;
    this.#underWay.delete(actor);
    const isDoubtful = underWay.wasAmbiguous || error?.ambiguous || from === 'attempting';
    if (result.status === 'succeeded') this.#delivered(underWay, at);
    else this.#failed(underWay, result, at, isDoubtful === true);
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
    this.#note(channel, at);
    return channel;
  }

  #note(channel: string, at: number): void {
    const begun = this.channel(channel).begun.filter((time) => time + HOUR_MS > at);
    this.#change(channel, { begun: [...begun, at].slice(-BEGUN_KEPT) });
  }

  #delivered({ channel, cargo }: UnderWay, at: number): void {
    this.#finish(channel, cargo, { state: 'delivered', at });
    const well = { failures: 0, isBroken: false, error: null, failingSince: null, nextTryAt: 0 };
    this.#change(channel, well);
  }

  #failed({ channel, cargo }: UnderWay, result: RequestResult, at: number, isDoubtful: boolean) {
    const { error, status } = result;
    const isPermanent = error?.category === 'PERMANENT_ERROR';
    if (isPermanent && error.scope === 'contact') {
      this.#finish(channel, cargo, { state: 'failed', at });
      return;
    }
    const before = this.channel(channel);
    if (isDoubtful && (status === 'abandoned' || result.error?.ambiguous)) {
      this.#change(channel, { maybe: new Set([...before.maybe, ...this.#seqsOf(channel, cargo)]) });
    }
    if (status === 'abandoned' || status === 'aborted') return;
    // Asked to wait, or not let through. A probe that failed is deferred, too, but has failed.
    if (status === 'deferred' && (result.retryAt !== null || error === null)) {
      this.#change(channel, { nextTryAt: result.retryAt ?? at + MINUTE_MS });
      return;
    }
    const failures = before.failures + 1;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    this.#change(channel, {
      failures,
      error,
      isBroken: isPermanent,
      failingSince: before.failingSince ?? at,
      nextTryAt: at + (isPermanent ? BROKEN_WAIT_MS : waitMs),
    });
  }

  #seqsOf(channel: string, { messages, upTo }: Cargo): number[] {
    const digested = this.messages.filter(
      (message) => message.seq <= upTo && !this.isDone(message, channel),
    );
    return [...messages, ...digested.map(({ seq }) => seq)];
  }

  #finish(channel: string, cargo: Cargo, delivery: Message['deliveries'][string]): void {
    const seqs = new Set(this.#seqsOf(channel, cargo));
    for (const message of this.messages) {
      if (seqs.has(message.seq)) message.deliveries[channel] = delivery;
    }
    const { cursor, done, maybe } = this.channel(channel);
    const reached = Math.max(cursor, cargo.upTo);
    const oldest = this.messages[0]?.seq ?? 0;
    const isKept = (seq: number): boolean => seq > reached && seq >= oldest;
    this.#change(channel, {
      cursor: reached,
      done: new Set([...done, ...seqs].filter(isKept)),
      maybe: new Set([...maybe].filter((seq) => isKept(seq) && !seqs.has(seq))),
    });
  }

  /** A start may come with other settings: nothing is held against a channel. */
  #tryAgain(): void {
    for (const name of this.channels.keys()) this.#change(name, { nextTryAt: 0 });
  }

  #change(name: string, change: Partial<ChannelState>): void {
    this.channels.set(name, { ...this.channel(name), ...change });
  }
}
