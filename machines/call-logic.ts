import { assign, setup } from 'xstate';
import {
  isNews,
  resultOf,
  timeOf,
  type CallContext,
  type CallEvent,
  type CallInput,
  type CallResult,
  type Report,
} from './call-protocol.ts';
import { timer } from './placeholders.ts';
import { requestMachine } from './request.ts';
import type { RequestResult } from './request-protocol.ts';
import type { Failure } from './results.ts';

/** The step whose result came, by the service it asked. */
const note = (
  context: CallContext,
  result: RequestResult,
  service: string,
): Partial<CallContext> => {
  return {
    attempts: {
      ...context.attempts,
      [service]: (context.attempts[service] ?? 0) + result.attempts,
    },
    steps: [
      ...context.steps,
      { service, ms: result.at - context.since, ok: result.status === 'succeeded' },
    ],
    since: result.at,
  };
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A write that can't be made now is owed, and never repeats the call. */
function endOfRecord(event: CallEvent): 'done' | 'pending' {
  return resultOf(event)?.status === 'succeeded' ? 'done' : 'pending';
}

/** Busy and no answer are outcomes, not errors; a list is worth another try later. */
function redialAt(context: CallContext, at: number): number | null {
  const isUnanswered = context.disposition === 'busy' || context.disposition === 'no_answer';
  const waitMs = context.settings.redialAfterMs[context.redials];
  return context.campaign === null || !isUnanswered || waitMs === undefined ? null : at + waitMs;
}

/** Telephony lists a call a little later than it names it. */
const LISTED_WITHIN_MS = 5 * 60_000;
/** What is wrong with an account takes a person some time to set right. */
const REFUSED_WAIT_MS = 60_000;

/** Somebody else's problem: not this contact's failure, but no use going on now either. */
const isForEverybody = (error: Failure | null | undefined): boolean =>
  error?.scope === 'account' || error?.scope === 'config';

/** Telephony itself knows no call of this id: what stands in between has no code of its own. */
const isUnlisted = ({ followUntil }: CallContext, error: Failure | null | undefined): boolean =>
  followUntil !== null && error?.status === 404 && error.code !== error.status;

/** Asking once more about a call that may have been placed is no use. */
function isHopeless(context: CallContext, event: CallEvent): boolean {
  const error = resultOf(event)?.error;
  if (error?.category !== 'PERMANENT_ERROR') return false;
  if (!isUnlisted(context, error)) return !isForEverybody(error);
  const { followUntil, settings } = context;
  return timeOf(event) >= Number(followUntil) - settings.followForMs + LISTED_WITHIN_MS;
}

/** The usual wait, but what is refused to everybody is not asked for every two seconds. */
function waitMs(context: CallContext, event: CallEvent, usualMs: number): number {
  const error = resultOf(event)?.error;
  const isRefused = isForEverybody(error) && !isUnlisted(context, error);
  return isRefused ? Math.max(usualMs, REFUSED_WAIT_MS) : usualMs;
}

const reportIn = (event: CallEvent): Report | null =>
  event.type === 'call.reported' ? { sid: event.sid, stage: event.stage } : null;

/** Telephony's records may lag behind what it tells: a call that is said to be over is asked for soon. */
const pollMs = (settings: CallContext['settings'], reported: Report | null): number =>
  reported?.stage === 'ended' ? Math.min(settings.pollMs, settings.settleMs) : settings.pollMs;

/** What the call machine's statechart refers to by name. */
export const callSetup = setup({
  types: { context: {} as CallContext, events: {} as CallEvent, input: {} as CallInput },
  actors: { timer, request: requestMachine },
  guards: {
    hasSpeech: ({ context }) => context.speech !== null,
    hasScript: ({ context }) => context.script !== null,
    succeeded: ({ event }) => resultOf(event)?.status === 'succeeded',
    isUnsettled: ({ event }) => resultOf(event)?.status === 'unsettled',
    mustWait: ({ event }) => {
      const result = resultOf(event);
      return result?.status === 'deferred' || isForEverybody(result?.error);
    },
    isNews: ({ context, event }) => isNews(context, event),
    wasReported: ({ context }) => context.reported !== null,
    wasFound: ({ event }) => resultOf(event)?.ref?.['found'] === true,
    mayDialAgain: ({ context, event }) =>
      resultOf(event)?.ref?.['found'] === false && context.doubts < context.settings.maxDials,
    wasNotPlaced: ({ event }) => resultOf(event)?.ref?.['found'] === false,
    canBeLookedUp: ({ context, event }) =>
      !isHopeless(context, event) && context.lookups < context.settings.maxLookups,
    /** Busy and no answer are outcomes, not errors; a list is worth another try later. */
    isDueLater: ({ context, event }) => redialAt(context, timeOf(event)) !== null,
    hasEnded: ({ event }) => resultOf(event)?.ref?.['ended'] === true,
    canBeFollowed: ({ context, event }) =>
      !isHopeless(context, event) &&
      context.followUntil !== null &&
      timeOf(event) < context.followUntil,
  },
  actions: {
    tick: assign(({ event }) => ({ at: timeOf(event) })),
    begin: assign(({ event }) => ({ at: timeOf(event), since: timeOf(event) })),
    note: assign(({ context }, { service, result }: { service: string; result: RequestResult }) =>
      note(context, result, service),
    ),
    keepScript: assign({ script: ({ event }) => resultOf(event)?.ref ?? null }),
    keepSpeech: assign({ speech: ({ event }) => resultOf(event)?.ref ?? null }),
    startDial: assign(({ context, event }) => ({
      at: timeOf(event),
      dials: context.dials + 1,
      dialledAt: timeOf(event),
      reported: null,
    })),
    keepReport: assign({ reported: ({ event }) => reportIn(event) }),
    countDoubt: assign(({ context, event }) => ({
      doubts: context.doubts + (resultOf(event)?.error?.ambiguous === true ? 1 : 0),
    })),
    /** One that the breaker did not let out asked nobody. */
    countLookup: assign(({ context, event }) => ({
      lookups: context.lookups + (Number(resultOf(event)?.attempts) > 0 ? 1 : 0),
    })),
    keepPlaced: assign(({ context, event }) => ({
      placed: resultOf(event)?.ref ?? null,
      dueAt: timeOf(event) + pollMs(context.settings, context.reported),
      followUntil: timeOf(event) + context.settings.followForMs,
    })),
    /** The answer to the dial was lost, but telephony has told of the call itself. */
    keepReported: assign(({ context, event }) => {
      const reported = reportIn(event) ?? context.reported;
      return {
        reported,
        placed: reported && { sid: reported.sid },
        dueAt: timeOf(event) + pollMs(context.settings, reported),
        followUntil: timeOf(event) + context.settings.followForMs,
      };
    }),
    planLookup: assign(({ context, event }) => ({
      error: resultOf(event)?.error ?? context.error,
      dueAt: Math.max(
        timeOf(event) + waitMs(context, event, context.settings.settleMs),
        resultOf(event)?.retryAt ?? 0,
      ),
    })),
    planPoll: assign(({ context, event }) => ({
      error: resultOf(event)?.error ?? null,
      dueAt: Math.max(
        timeOf(event) + waitMs(context, event, pollMs(context.settings, context.reported)),
        resultOf(event)?.retryAt ?? 0,
      ),
    })),
    keepOutcome: assign(({ event }) => ({
      disposition: textOf(resultOf(event)?.ref?.['disposition']) ?? 'answered',
      durationMs: Number(resultOf(event)?.ref?.['durationMs']) || 0,
    })),
    /** Its request's actor died: a defect of ours, told as such. */
    crash: assign(({ context }, { status }: { status: CallResult['status'] }) => ({
      result: {
        status,
        at: context.at,
        disposition: null,
        crm: null,
        error: {
          category: 'PERMANENT_ERROR' as const,
          kind: 'Unknown',
          scope: 'contact' as const,
          service: 'agent',
          code: null,
          status: null,
          message: 'internal error: a request ended without a result',
          retryAfterMs: null,
          ambiguous: false,
        },
        retryAt: null,
      },
    })),
    end: assign(({ context, event }, { status }: { status: CallResult['status'] }) => ({
      result: {
        status,
        at: timeOf(event),
        disposition: context.disposition,
        crm: context.disposition === null ? null : endOfRecord(event),
        error: status === 'completed' ? null : (resultOf(event)?.error ?? context.error),
        retryAt: resultOf(event)?.retryAt ?? null,
      },
    })),
    /** The call is over and known; only its record is owed. */
    endOwing: assign({
      result: ({ context }) => ({
        status: 'completed' as const,
        at: context.at,
        disposition: context.disposition,
        crm: 'pending' as const,
        error: null,
        retryAt: null,
      }),
    }),
    endForNow: assign(({ context, event }) => ({
      result: {
        status: 'deferred' as const,
        at: timeOf(event),
        disposition: context.disposition,
        crm: endOfRecord(event),
        error: null,
        retryAt: redialAt(context, timeOf(event)),
      },
    })),
  },
});
