import type { Clock } from '../../runtime/clock.ts';
import {
  CALL_OUTCOMES,
  type CallOutcome,
  type CallProgress,
  callProgress,
  type CallTimings,
  DEFAULT_CALL_TIMINGS,
  type Moment,
  momentsOf,
} from './call-progress.ts';
import { type Random, randomHex } from './random.ts';

/** A call as the provider knows it; what it has come to depends on the time. */
export interface PlacedCall {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  /** When it was placed, in epoch milliseconds. */
  readonly at: number;
  /** The same by the provider's own clock. @default at */
  readonly created?: number | undefined;
  readonly outcome: CallOutcome;
}

/** One dialled number: the evidence that nobody was rung twice. */
export interface Dial {
  readonly to: string;
  readonly sid: string;
  readonly at: number;
}

export interface SwitchboardOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What the provider's own clock tells, epoch ms. @default that of `clock` */
  readonly now?: () => number;
  /** @default DEFAULT_CALL_TIMINGS */
  readonly timings?: Partial<CallTimings>;
  /** Calls of earlier lives, oldest first; looked up like any other, but no dials of this one. */
  readonly remembered: readonly PlacedCall[];
  /** Is told of each call before it counts as placed. */
  readonly remember: (call: PlacedCall) => void;
}

/**
 * Every call that was placed. It forgets none, since a story is judged by them all.
 * @throws RangeError when a timing is out of range
 */
export class Switchboard {
  readonly dials: Dial[] = [];
  /** What the provider's own clock tells, epoch ms. */
  readonly now: () => number;
  /** The same as its answers are dated: they left this computer now, however fast a story goes. */
  readonly dated: () => number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #timings: CallTimings;
  readonly #remember: (call: PlacedCall) => void;
  readonly #outcomes = new Map<string, CallOutcome>();
  readonly #bySid = new Map<string, PlacedCall>();
  readonly #byNumber = new Map<string, PlacedCall[]>();

  constructor(options: SwitchboardOptions) {
    const { clock, random, now = () => clock.now(), timings = {}, remembered, remember } = options;
    this.#clock = clock;
    this.#random = random;
    this.now = now;
    this.dated = options.now ?? (() => clock.wall());
    this.#timings = checked({ ...DEFAULT_CALL_TIMINGS, ...timings });
    this.#remember = remember;
    for (const call of remembered) this.#add(call);
  }

  /** Decides what becomes of the calls placed to `to` from now on. */
  setOutcome(to: string, outcome: CallOutcome): void {
    if (!CALL_OUTCOMES.includes(outcome)) {
      throw new RangeError(`outcome must be one of ${CALL_OUTCOMES.join(', ')}, got ${outcome}`);
    }
    this.#outcomes.set(to, outcome);
  }

  place(to: string, from: string): PlacedCall {
    const sid = this.#newSid();
    const at = this.#clock.now();
    const outcome = this.#outcomes.get(to) ?? 'answered';
    const created = this.now();
    const call = { sid, to, from, at, outcome, ...(created !== at && { created }) };
    this.#remember(call);
    this.#add(call);
    this.dials.push({ to, sid, at });
    return call;
  }

  find(sid: string): PlacedCall | undefined {
    return this.#bySid.get(sid);
  }

  /** Newest first; those to one number, or all. */
  list(to: string | null): readonly PlacedCall[] {
    return (to === null ? [...this.#bySid.values()] : (this.#byNumber.get(to) ?? [])).toReversed();
  }

  progress(call: PlacedCall): CallProgress {
    return callProgress(call.outcome, call.at, this.#clock.now(), this.#timings);
  }

  /** When it takes its steps, in order. */
  moments(call: PlacedCall): Moment[] {
    return momentsOf(call.outcome, call.at, this.#timings);
  }

  /** The stream begins again in each life, with the ids that earlier ones have given out. */
  #newSid(): string {
    let sid: string;
    do sid = `CA${randomHex(this.#random, 32)}`;
    while (this.#bySid.has(sid));
    return sid;
  }

  #add(call: PlacedCall): void {
    this.#bySid.set(call.sid, call);
    const before = this.#byNumber.get(call.to);
    if (before) before.push(call);
    else this.#byNumber.set(call.to, [call]);
  }
}

function checked(timings: CallTimings): CallTimings {
  for (const [name, ms] of Object.entries(timings)) {
    if (!(ms >= 0)) throw new RangeError(`${name} must be at least 0, got ${ms}`);
  }
  for (const name of ['answerAfterMs', 'noAnswerAfterMs'] as const) {
    if (timings[name] < timings.ringAfterMs) {
      throw new RangeError(`${name} must be at least ringAfterMs, got ${timings[name]}`);
    }
  }
  return timings;
}
