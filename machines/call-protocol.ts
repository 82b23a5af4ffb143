import type { RetryPolicy } from './backoff.ts';
import type { RequestResult } from './request-protocol.ts';
import type { Failure, Ref, Resumed, TimerFired } from './results.ts';

/** How a call is worked. All durations in milliseconds. */
export interface CallSettings {
  /** By service; `default` serves the others. */
  readonly policies: { readonly default: RetryPolicy; readonly [service: string]: RetryPolicy };
  /** Between two looks at a call that goes on. @default 2000; 30000 where telephony reports itself */
  readonly pollMs: number;
  /** Before a dial in doubt is looked up, so that the provider has had time to list it. @default 5000 */
  readonly settleMs: number;
  /** A placed call that has not ended by then is `unknown`. @default 14400000 (4 h, Twilio's limit) */
  readonly followForMs: number;
  /** Dials in doubt that are proven not to have been placed before the contact fails. @default 4 */
  readonly maxDials: number;
  /**
   * How long after a call that nobody answered the contact is called again, one for each time.
   * @default 30, 60 and 120 minutes
   */
  readonly redialAfterMs: readonly number[];
  /**
   * Look-ups that failed on the wire before the contact is `unknown`: in an outage the breaker lets
   * one out a minute, and as often it is asked for while the account is refused. @default 60
   */
  readonly maxLookups: number;
}

export interface CallInput {
  /** The id of this root: `call:0007`, its second try `call:0007.2`. */
  readonly id: string;
  readonly contact: string;
  readonly campaign: string | null;
  /** The campaign's worker that started this. */
  readonly worker: number | null;
  /** Made by an earlier try, and neither made nor paid for again. */
  readonly script: Ref | null;
  readonly speech: Ref | null;
  /** Earlier calls to this contact that were placed and that nobody answered. */
  readonly redials: number;
  /** Use the simulated services, whatever keys are set. */
  readonly simulated: boolean;
  readonly settings: CallSettings;
}

export type CallStatus = 'completed' | 'failed' | 'deferred' | 'unknown';

export interface CallResult {
  readonly status: CallStatus;
  readonly at: number;
  /** What the person at the other end did: answered, busy, no_answer, voicemail, … */
  readonly disposition: string | null;
  readonly crm: 'done' | 'pending' | null;
  readonly error: Failure | null;
  /** Deferred: not before this. Null when the breaker decides. */
  readonly retryAt: number | null;
}

/** How far a placed call has come, in order. */
export const STAGES = ['initiated', 'ringing', 'answered', 'ended'] as const;
export type Stage = (typeof STAGES)[number];

/** What telephony has last told of a dial of its own accord. */
export interface Report {
  readonly sid: string;
  readonly stage: Stage;
}

export interface CallStep {
  readonly service: string;
  readonly ms: number;
  readonly ok: boolean;
}

export interface CallContext extends CallInput {
  /** Of the last transition. */
  readonly at: number;
  /** When the step under way began. */
  readonly since: number;
  /** What telephony calls this call. */
  readonly placed: Ref | null;
  /** Of the last dial. */
  readonly reported: Report | null;
  readonly dials: number;
  /** Dials whose answer was lost. One that our own end cut off is none: no crash uses anybody up. */
  readonly doubts: number;
  readonly lookups: number;
  /** The earliest moment at which the call in doubt can have been placed. */
  readonly dialledAt: number | null;
  readonly dueAt: number | null;
  readonly followUntil: number | null;
  readonly disposition: string | null;
  readonly durationMs: number | null;
  readonly error: Failure | null;
  /** Requests on the wire by service, polls and look-ups left out. */
  readonly attempts: { readonly [service: string]: number };
  readonly steps: readonly CallStep[];
  readonly result: CallResult | null;
}

/** A request of this call has ended. */
interface StepDone {
  readonly type: `xstate.done.actor.${string}`;
  readonly output: RequestResult;
}

/**
 * Telephony tells how a dial stands, and it is certain that it does. It proves that the dial was
 * placed; what came of it is asked for all the same, so a late or a repeated one does no harm.
 */
export interface CallReported extends Report {
  readonly type: 'call.reported';
  readonly at: number;
  /** 1 for the first dial of this call. */
  readonly dial: number;
}

export type CallEvent =
  | { readonly type: 'call.begin'; readonly at: number }
  | CallReported
  | StepDone
  | TimerFired
  | Resumed;

export const resultOf = (event: CallEvent): RequestResult | null =>
  'output' in event ? event.output : null;

/** About the dial under way, and further on than what was told before. */
export function isNews({ dials, placed, reported }: CallContext, event: CallEvent): boolean {
  if (event.type !== 'call.reported' || event.dial !== dials) return false;
  const sid = placed?.['sid'] ?? reported?.sid ?? event.sid;
  const before = reported === null ? -1 : STAGES.indexOf(reported.stage);
  return event.sid === sid && STAGES.indexOf(event.stage) > before;
}

/** The moment an event tells of; a finished child's is that of its result. */
export const timeOf = (event: CallEvent): number => ('at' in event ? event.at : event.output.at);
