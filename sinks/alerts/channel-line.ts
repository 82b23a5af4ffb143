import { setTimeout as sleep } from 'node:timers/promises';
import { isProviderError, PermanentError, TransientError } from '../../errors.ts';
import { channelService } from '../../runtime/channels.ts';
import type { TimerHandle } from '../../runtime/clock.ts';
import { Guard } from '../../runtime/guard.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Channel, Notice } from '../channels/channel.ts';
import type { AlertFold } from './fold.ts';
import { paceAt } from './pace.ts';
import { planNext, type Planned } from './plan.ts';
import type { Mail } from './routing.ts';

const DELIVERY_MS = 30_000;
/** The wall's time is the limit, however fast the agent's clock runs. */
const NO_LIMIT_MS = 30 * 86_400_000;

/** By the wall's clock. */
const FIRST_RETRY_MS = 2_000;

const retryAt = (speed: number) => ({
  maxRetries: 2,
  initialDelayMs: FIRST_RETRY_MS * speed,
  maxDelayMs: 60_000 * speed,
  hintCapMs: 300_000 * speed,
  attemptTimeoutMs: NO_LIMIT_MS,
  deadlineMs: NO_LIMIT_MS,
});
const BREAKER = { failureThreshold: 3, openForMs: 60_000, probeTimeoutMs: NO_LIMIT_MS } as const;

export interface LineOptions {
  readonly runtime: Runtime;
  readonly channel: Channel;
  readonly fold: AlertFold;
  readonly mail: () => Mail;
  readonly timing: LineTiming;
}

/** The other side's time is the wall's, however fast the agent's clock runs. */
export interface LineTiming {
  /** Milliseconds of the agent's clock in one of the wall's. */
  readonly speed: number;
  /** What one message may take, by the wall. @default 30000 */
  readonly deliveryMs?: number;
}

/**
 * One channel's deliveries, one after another: at its pace, through a guard of its own. All that it
 * knows is read from the journal, where each delivery stands before it begins.
 */
export class ChannelLine {
  readonly name: string;
  /** The delivery under way. */
  current: Promise<void> | null = null;
  readonly #options: LineOptions;
  readonly #guard: Guard;
  #timer: { readonly handle: TimerHandle; readonly at: number } | null = null;
  /** The outbox's revision at which nothing was left to send. */
  #idleAt = -1;
  #isUrgent = false;
  #isClosed = false;
  /** When the last try was over, also one that the receiver does not count. */
  #triedAt = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    this.name = options.channel.name;
    const guarding = { retry: retryAt(options.timing.speed), breaker: BREAKER };
    this.#guard = new Guard(options.runtime, channelService(this.name), guarding);
  }

  /** Sends what may be sent now, or plans when. */
  pump(): void {
    const { runtime, fold, mail } = this.#options;
    if (this.current || this.#isClosed || this.#idleAt === fold.outbox.revision) return;
    const now = runtime.clock.now();
    const at = this.#mayAt();
    // It is looked at then; until then there may be ever more.
    if (at > now && this.#timer && this.#timer.at <= at && this.#timer.at > now) return;
    const planned = planNext(this.name, mail(), now);
    if (!planned) {
      this.#idleAt = fold.outbox.revision;
      this.#isUrgent = false;
      return;
    }
    if (at > now) {
      this.#wakeAt(at);
      return;
    }
    this.current = this.#send(planned).finally(() => {
      this.current = null;
      // By then the journal's line has been read, also by whoever decides what is sent next.
      queueMicrotask(() => this.pump());
    });
  }

  /**
   * Somebody asks for all of it now: neither an earlier failure nor an open breaker is waited for,
   * until it fails once more.
   */
  hurry(): void {
    if (this.#isClosed) return;
    const { runtime } = this.#options;
    const service = channelService(this.name);
    this.#isUrgent = true;
    if (runtime.desk.retryAt(service) !== null) {
      const event = { type: 'breaker.reset', at: runtime.clock.now(), by: 'alerts flush' } as const;
      runtime.roots.get(`breaker:${service}`)?.send(event);
    }
    this.pump();
  }

  /** Whether what was asked for is still on its way, or waits for its turn. */
  get isHurrying(): boolean {
    return this.#isUrgent && !this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) this.#options.runtime.clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
  }

  #mayAt(): number {
    const { fold, runtime, channel, timing } = this.#options;
    const { begun, nextTryAt } = fold.outbox.channel(this.name);
    const { gapMs = 0 } = channel.pace;
    const pace = Math.max(
      paceAt(channel.pace, begun, timing.speed),
      this.#triedAt + gapMs * timing.speed,
    );
    if (this.#isUrgent) return pace;
    return Math.max(pace, nextTryAt, runtime.desk.retryAt(channelService(this.name)) ?? 0);
  }

  #wakeAt(at: number): void {
    const { clock } = this.#options.runtime;
    if (this.#timer) {
      if (this.#timer.at <= at && this.#timer.at > clock.now()) return;
      clock.clearTimeout(this.#timer.handle);
    }
    const wake = (): void => {
      this.#timer = null;
      this.pump();
    };
    this.#timer = { handle: clock.setTimeout(wake, at - clock.now()), at };
  }

  async #send({ notice, cargo }: Planned): Promise<void> {
    let mayHaveArrived = notice.isRepeat;
    const work = async (signal: AbortSignal): Promise<void> => {
      try {
        await this.#deliver({ ...notice, isRepeat: mayHaveArrived }, signal);
      } catch (error) {
        mayHaveArrived ||= !isProviderError(error) || error.ambiguous;
        throw this.#onOurClock(error);
      } finally {
        this.#triedAt = this.#options.runtime.clock.now();
      }
    };
    const { ok } = await this.#guard.tryExecute(work, { payload: { ...cargo } });
    if (!ok) this.#isUrgent = false;
  }

  /**
   * The next try comes neither before the other side asks for it, which is told by the wall's clock,
   * nor before the channel's pace lets it.
   */
  #onOurClock(error: unknown): unknown {
    if (!isProviderError(error)) return error;
    const { speed } = this.#options.timing;
    const hintMs = (error.retryAfterMs ?? 0) * speed;
    const paceMs = error.category === 'TRANSIENT_ERROR' ? this.#retryPaceMs() : 0;
    // Within the wait that comes of itself there is nothing to ask for.
    const retryAfterMs = Math.max(hintMs, paceMs > FIRST_RETRY_MS * speed ? paceMs : 0);
    if (retryAfterMs === (error.retryAfterMs ?? 0)) return error;
    const { message, service, kind, scope, code, status, ambiguous } = error;
    const about = { service, kind, scope, code, status, ambiguous, retryAfterMs };
    const Kind = error.category === 'TRANSIENT_ERROR' ? TransientError : PermanentError;
    return new Kind(message, about);
  }

  /** How long the pace asks to wait when a try is over now, as if that had arrived. */
  #retryPaceMs(): number {
    const { channel, fold, runtime, timing } = this.#options;
    const now = runtime.clock.now();
    const before = fold.outbox.channel(this.name).begun.slice(0, -1);
    return paceAt(channel.pace, [...before, now], timing.speed) - now;
  }

  /** Also for a channel that does not heed its signal. */
  async #deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const { deliveryMs = DELIVERY_MS } = this.#options.timing;
    const late = sleep(deliveryMs, undefined, { signal: over.signal, ref: false }).then(() => {
      over.abort();
      throw new TransientError(`no answer within ${deliveryMs / 1000} s`, {
        service: channelService(this.name),
        kind: 'Timeout',
        ambiguous: true,
      });
    });
    late.catch(() => {});
    const both = AbortSignal.any([signal, over.signal]);
    try {
      await Promise.race([this.#options.channel.deliver(notice, both), late]);
    } finally {
      over.abort();
    }
  }
}
