import type { CallEventName } from './callback-plan.ts';

/** What becomes of a call. `voicemail` is picked up too, by a machine. */
export const CALL_OUTCOMES = ['answered', 'busy', 'no-answer', 'failed', 'voicemail'] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** When things happen to a call; all in milliseconds. */
export interface CallTimings {
  /** From being placed to ringing. @default 500 */
  readonly ringAfterMs: number;
  /** From being placed to being picked up, or found busy. @default 2_000 */
  readonly answerAfterMs: number;
  /** From being placed to nobody having answered. @default 20_000 */
  readonly noAnswerAfterMs: number;
  /** From being picked up to the end. @default 5_200 */
  readonly talkMs: number;
}

export const DEFAULT_CALL_TIMINGS: CallTimings = {
  ringAfterMs: 500,
  answerAfterMs: 2_000,
  noAnswerAfterMs: 20_000,
  talkMs: 5_200,
};

export interface CallProgress {
  readonly status:
    | 'queued'
    | 'ringing'
    | 'in-progress'
    | 'completed'
    | 'busy'
    | 'no-answer'
    | 'failed';
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Whole seconds, rounded down, once the call has ended. */
  readonly durationS: number | null;
  readonly answeredBy: 'human' | 'machine_end_beep' | null;
}

/**
 * How far a call placed at `placedAt` is at `now`. A function of the time and not of timers: a
 * call that nobody asks about costs the clock nothing.
 */
export function callProgress(
  outcome: CallOutcome,
  placedAt: number,
  now: number,
  timings: CallTimings,
): CallProgress {
  const elapsedMs = now - placedAt;
  const startedAt = placedAt + timings.ringAfterMs;
  const waiting = { endedAt: null, durationS: null, answeredBy: null };
  if (elapsedMs < timings.ringAfterMs) return { status: 'queued', startedAt: null, ...waiting };

  if (outcome === 'busy' || outcome === 'no-answer' || outcome === 'failed') {
    const endAfterMs = failsAfterMs(outcome, timings);
    if (elapsedMs < endAfterMs) return { status: 'ringing', startedAt, ...waiting };
    const endedAt = placedAt + endAfterMs;
    return { status: outcome, startedAt, endedAt, durationS: 0, answeredBy: null };
  }

  const endAfterMs = timings.answerAfterMs + timings.talkMs;
  if (elapsedMs < timings.answerAfterMs) return { status: 'ringing', startedAt, ...waiting };
  const answeredBy = outcome === 'voicemail' ? 'machine_end_beep' : 'human';
  if (elapsedMs < endAfterMs) return { status: 'in-progress', startedAt, ...waiting, answeredBy };
  const durationS = Math.floor(timings.talkMs / 1000);
  return { status: 'completed', startedAt, endedAt: placedAt + endAfterMs, durationS, answeredBy };
}

/** A step that a call takes. */
export interface Moment {
  readonly event: CallEventName;
  /** What the provider then calls the call's status. */
  readonly status: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The steps of a call placed at `placedAt`, in order. */
export function momentsOf(outcome: CallOutcome, placedAt: number, timings: CallTimings): Moment[] {
  const moment = (event: CallEventName, status: string, afterMs: number): Moment => ({
    event,
    status,
    at: placedAt + afterMs,
  });
  const placed = moment('initiated', 'initiated', 0);
  const rings = moment('ringing', 'ringing', timings.ringAfterMs);
  if (outcome === 'failed') return [placed, moment('completed', outcome, timings.ringAfterMs)];
  if (outcome === 'busy' || outcome === 'no-answer') {
    return [placed, rings, moment('completed', outcome, failsAfterMs(outcome, timings))];
  }
  const { answerAfterMs, talkMs } = timings;
  return [
    placed,
    rings,
    moment('answered', 'in-progress', answerAfterMs),
    moment('completed', 'completed', answerAfterMs + talkMs),
  ];
}

function failsAfterMs(outcome: 'busy' | 'no-answer' | 'failed', timings: CallTimings): number {
  if (outcome === 'failed') return timings.ringAfterMs;
  return outcome === 'busy' ? timings.answerAfterMs : timings.noAnswerAfterMs;
}
