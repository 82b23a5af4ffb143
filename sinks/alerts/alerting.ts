import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../../config.ts';
import { UserError } from '../../errors.ts';
import type { IncidentEvent } from '../../machines/incident.ts';
import type { Matcher } from '../../machines/silence.ts';
import { channelService, isChannel } from '../../runtime/channels.ts';
import { incidentPort, type IncidentPort } from '../../runtime/incidents.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { Channel } from '../channels/channel.ts';
import type { Sink } from '../sink.ts';
import { isMeant } from './configured.ts';
import { ChannelLine, type LineTiming } from './channel-line.ts';
import type { Message, Silence } from './book.ts';
import { decide } from './decide.ts';
import type { AlertFold } from './fold.ts';
import { causesFirst, muteOf } from './mute.ts';
import { isFailing } from './outbox.ts';
import { paceAt } from './pace.ts';
import { countPending, pendingFor } from './plan.ts';
import { mailOf, type Mail } from './routing.ts';
import { listAlerts, type ListedAlert } from './listing.ts';
import type { AlertSettings } from './settings.ts';
import { testChannel, type TestedChannel } from './test-notice.ts';
import { clockTime, count, withoutStop } from './words.ts';

export interface AlertingOptions {
  readonly runtime: Runtime;
  readonly fold: AlertFold;
  readonly settings: AlertSettings;
  /** The one to be asked first in front. */
  readonly channels: readonly Channel[];
  /** Bytes that are free where the journal is; null when that can't be told. */
  readonly freeBytes: () => Promise<number | null>;
  readonly timing: LineTiming;
  /** Makes what an error says fit to be shown. */
  readonly redact: (text: string) => string;
  /** Nobody can be reached: the last resort. */
  readonly onUnheard: (sentence: string) => void;
}

/** Records between two looks at the disk. */
const MEASURE_EVERY = 1_000;
/** At a stop. */
const LAST_WORDS_MS = 5_000;
/** What somebody who asks for everything at once waits for. */
const FLUSH_PATIENCE_MS = 8_000;
const HURRY_STEP_MS = 50;
/** One thing done about a key may call for the next. */
const MOST_STEPS = 6;

type Untimed<Event> = Event extends { readonly at: number } ? Omit<Event, 'at'> : never;

/** By channel. */
export interface Flushed {
  readonly [channel: string]: { readonly delivered: number; readonly pending: number };
}

const numberOf = (root: string): string => root.slice(root.indexOf(':') + 1);

/**
 * Decides who is told of what, and has it told. It reads the journal behind everybody else: no
 * call waits for it.
 */
export class Alerting implements Sink {
  readonly name = 'alerts';
  readonly fold: AlertFold;
  readonly port: IncidentPort;
  readonly #options: AlertingOptions;
  readonly #mail: Mail;
  #lines: readonly ChannelLine[] = [];
  readonly #defects: unknown[] = [];
  #taken = 0;
  #isUnheard = false;
  #isClosed = false;
  #isLast = false;

  constructor(options: AlertingOptions) {
    const { runtime, fold, channels, settings } = options;
    this.#options = options;
    this.fold = fold;
    this.port = incidentPort(runtime);
    this.#mail = mailOf(fold, channels, settings.digestOver);
    fold.useChannels(this.#mail.order);
    runtime.journal.on('record', this.#follow);
  }

  /** Decides what a stop or a crash has left undecided, and goes on delivering. */
  begin(): void {
    const { runtime, channels, timing } = this.#options;
    const mail = (): Mail => this.#mail;
    this.#lines = channels.map(
      (channel) => new ChannelLine({ runtime, channel, fold: this.fold, mail, timing }),
    );
    this.fold.touchAll();
    this.work();
    void this.#measure();
  }

  take(): void {
    if (this.#isClosed) return;
    const defect = this.#defects.shift();
    if (defect !== undefined) throw defect;
    if (++this.#taken % MEASURE_EVERY === 0) void this.#measure();
    this.work();
  }

  /** Does what is to be done now. */
  work(): void {
    if (this.#isClosed) return;
    for (let keys = this.fold.takeDirty(); keys.length > 0; keys = this.fold.takeDirty()) {
      for (const key of causesFirst(keys)) this.#settle(key);
    }
    for (const line of this.#lines) line.pump();
    this.#watchUnheard();
  }

  /** Resolves when nothing can be delivered any more now. */
  async idle(): Promise<void> {
    while (!this.#isClosed) {
      // What a delivery's end leads to is decided before the next look.
      await Promise.resolve();
      this.work();
      const busy = this.#lines.flatMap(({ current }) => current ?? []);
      if (busy.length === 0) return;
      await Promise.race(busy);
    }
  }

  /** Delivers what can be delivered, for so long at most, by the wall's clock. */
  async drain(patienceMs: number): Promise<void> {
    const over = new AbortController();
    const late = sleep(patienceMs, undefined, { ref: false, signal: over.signal });
    late.catch(() => {});
    await Promise.race([this.idle(), late]);
    over.abort();
  }

  /** Says what can still be said, and no more; what is left is delivered after the next start. */
  async end(): Promise<void> {
    this.#tellNews();
    const until = performance.now() + LAST_WORDS_MS;
    await this.drain(LAST_WORDS_MS);
    const { clock } = this.#options.runtime;
    for (let seen = -1; clock.now() > seen && this.#isTurnNear(until - performance.now());) {
      // A clock that stands still brings nobody's turn.
      seen = clock.now();
      await sleep(HURRY_STEP_MS);
      await this.drain(until - performance.now());
    }
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#lines) line.close();
  }

  /** False when there are channels, and none of them works. */
  get channelsHealthy(): boolean {
    const states = this.#mail.order.map((name) => this.fold.outbox.channel(name));
    return states.length === 0 || states.some((state) => !isFailing(state));
  }

  /** The channels that do not work, a sentence each. */
  problems(): string[] {
    const pending = this.pending();
    return this.#mail.order.flatMap((name) => {
      const state = this.fold.outbox.channel(name);
      if (!isFailing(state)) return [];
      const why = withoutStop(state.error?.message ?? 'no reason given');
      const waiting = count(pending[name] ?? 0, 'message waits', 'messages wait');
      const { heldUntil } = state;
      const isHeld = heldUntil !== null && heldUntil > this.#options.runtime.clock.now();
      const until = isHeld ? ` It has to wait until ${clockTime(heldUntil)}.` : '';
      return [`Alerts do not reach ${name}: ${why}.${until} ${waiting} for it.`];
    });
  }

  list(): ListedAlert[] {
    return listAlerts(this.#mail, this.#options.runtime.clock.now());
  }

  silences(): readonly Silence[] {
    return [...this.fold.book.silences.values()];
  }

  /** What can be silenced by name, also before anybody has asked it for anything. */
  readonly services = (): readonly string[] => {
    const known = [...SERVICES, ...this.#options.runtime.desk.services()];
    return [...new Set(known)].filter((service) => !isChannel(service));
  };

  feed(id: string, event: Untimed<IncidentEvent>): void {
    const at = this.#options.runtime.clock.now();
    this.port({ type: 'incident.feed', id, event: { ...event, at } as IncidentEvent });
  }

  silence(
    match: Matcher,
    { durationMs, startsInMs, by }: { durationMs: number; startsInMs: number; by: string },
  ): { readonly silenced: string; readonly from: string; readonly until: string } {
    const id = this.fold.book.nextSilence();
    const from = this.#options.runtime.clock.now() + startsInMs;
    const until = from + durationMs;
    this.port({ type: 'silence.open', input: { id, match, from, until, by } });
    const [begins, ends] = [from, until].map((at) => new Date(at).toISOString());
    return { silenced: numberOf(id), from: begins ?? '', until: ends ?? '' };
  }

  lift(wanted: string, by: string): { readonly lifted: string } {
    const silence = this.silences().find(({ id, number }) => wanted === number || wanted === id);
    if (!silence) throw new UserError(`There is no silence ${wanted}.`);
    const at = this.#options.runtime.clock.now();
    this.port({ type: 'silence.feed', id: silence.id, event: { type: 'silence.lifted', at, by } });
    return { lifted: silence.number };
  }

  /** Ends every incident: what led to them is known, and somebody starts afresh. */
  closeAll(by: string): { readonly closed: number } {
    const open = [...this.fold.book.open.values()];
    for (const { id, n } of open) {
      const text = { title: `Resolved: closed by ${by}`, paragraphs: [], facts: [] };
      this.feed(id, { type: 'alert.resolved', text: n > 0 ? text : null });
    }
    return { closed: open.length };
  }

  /** Tries everything that waits at once, each channel at its pace. */
  async deliverNow(): Promise<Flushed> {
    this.#tellNews();
    const before = new Map(this.#mail.order.map((name) => [name, this.#waiting(name)]));
    for (const line of this.#lines) line.hurry();
    const until = performance.now() + FLUSH_PATIENCE_MS;
    while (performance.now() < until && this.#lines.some(({ isHurrying }) => isHurrying)) {
      await this.drain(until - performance.now());
      // Those that wait for their turn have a timer of the agent's clock.
      await sleep(HURRY_STEP_MS);
    }
    const isTold = ({ deliveries }: Message, name: string): boolean =>
      deliveries[name]?.state === 'delivered';
    const pending = this.pending();
    return Object.fromEntries(
      this.#mail.order.map((name) => {
        const told = (before.get(name) ?? []).filter((message) => isTold(message, name));
        return [name, { delivered: told.length, pending: pending[name] ?? 0 }];
      }),
    );
  }

  /** @throws UserError when there is no such channel, or none at all */
  test(names: readonly string[] | null): Promise<TestedChannel[]> {
    const { channels, runtime, redact } = this.#options;
    const wanted = channels.filter(({ name }) => names?.some((one) => isMeant(name, one)) ?? true);
    const stranger = names?.find((one) => !this.#mail.order.some((name) => isMeant(name, one)));
    if (wanted.length === 0 || stranger !== undefined) {
      throw new UserError(
        channels.length === 0
          ? 'No channel is set up: see "Alerts" in the README.'
          : `There is no channel ${stranger}: there are ${this.#mail.order.join(', ')}.`,
      );
    }
    const at = runtime.clock.now();
    return Promise.all(wanted.map((channel) => testChannel(channel, at, redact)));
  }

  /** How many alerts there is something to tell of, by channel. */
  pending(): { readonly [channel: string]: number } {
    const now = this.#options.runtime.clock.now();
    return Object.fromEntries(
      this.#mail.order.map((name) => [name, countPending(name, this.#mail, now)]),
    );
  }

  #waiting(name: string): readonly Message[] {
    const waiting = [...pendingFor(name, this.#mail, this.#options.runtime.clock.now())];
    return waiting.flatMap(({ messages }) => messages);
  }

  /** Whether a channel that works will have its turn, by its pace alone, within so long. */
  #isTurnNear(patienceMs: number): boolean {
    const { runtime, channels, timing } = this.#options;
    const now = runtime.clock.now();
    return channels.some(({ name, pace }) => {
      const state = this.fold.outbox.channel(name);
      const isHeldBack =
        state.nextTryAt > now || runtime.desk.retryAt(channelService(name)) !== null;
      if (isFailing(state) || isHeldBack || countPending(name, this.#mail, now) === 0) return false;
      const waitMs = (paceAt(pace, state.begun, timing.speed) - now) / timing.speed;
      return Math.max(0, waitMs) < patienceMs;
    });
  }

  /** What has come up since people were told last, without the pause that keeps messages few. */
  #tellNews(): void {
    this.#isLast = true;
    this.fold.touch(...this.fold.book.open.keys());
    this.work();
    this.#isLast = false;
  }

  /** The fold must never keep a line from being written. */
  readonly #follow = (record: JournalRecord): void => {
    try {
      this.fold.apply(record);
    } catch (error) {
      this.#defects.push(error);
    }
  };

  #settle(key: string): void {
    const { runtime, settings, channels } = this.#options;
    const { book } = this.fold;
    for (let step = 0; step < MOST_STEPS; step++) {
      const at = runtime.clock.now();
      const condition = this.fold.condition(key, at);
      const incident = book.open.get(key);
      const decision = decide({
        at,
        condition,
        incident,
        mute: condition && muteOf(condition, book, at),
        isCovered: book.isOpen(incident?.mutedBy ?? null),
        flaps: book.flaps(key, at),
        channels: channels.length,
        settings,
        isLast: this.#isLast,
        nextId: book.nextIncident(),
        ending: ({ rule, service, since }) => this.fold.ending(rule, { key, service, since, at }),
      });
      if (!decision) return;
      if (decision.type === 'open') this.port({ type: 'incident.open', input: decision.input });
      else this.port({ type: 'incident.feed', id: incident?.id ?? '', event: decision.event });
    }
  }

  #watchUnheard(): void {
    const isUnheard = !this.channelsHealthy;
    if (isUnheard && !this.#isUnheard) {
      const waiting = Object.values(this.pending()).reduce((sum, n) => Math.max(sum, n), 0);
      const names = this.#mail.order.join(', ');
      this.#options.onUnheard(
        `Nobody can be told of alerts: ${names} ${this.#mail.order.length === 1 ? 'does' : 'do'} not work. ${count(waiting, 'message waits', 'messages wait')}; see "call-agent alerts list".`,
      );
    }
    this.#isUnheard = isUnheard;
  }

  async #measure(): Promise<void> {
    const free = await this.#options.freeBytes().catch(() => null);
    if (free === null || this.#isClosed) return;
    this.fold.touch(...this.fold.disk.measured(free));
    this.work();
  }
}
