import { assign, emit, setup, type ActorRefFrom } from 'xstate';
import { waitMs } from './backoff.ts';
import { effect, timer } from './placeholders.ts';
import type {
  AttemptInput,
  AttemptSettled,
  RequestContext,
  RequestEvent,
  RequestInput,
  RequestResult,
  RequestSettled,
  RequestStatus,
} from './request-protocol.ts';
import type { Failure, Resumed } from './results.ts';

const failureOf = (event: RequestEvent): Failure | null => ('error' in event ? event.error : null);

const nextWaitMs = (context: RequestContext, event: RequestEvent): number =>
  waitMs(
    context.policy,
    context.retries + 1,
    context.delayMs,
    context.seed,
    failureOf(event)?.retryAfterMs ?? null,
  );

/** Before the retry's wait a hint above the cap is looked at; after the last try it no longer matters. */
const mayRetry = (context: RequestContext, event: RequestEvent): boolean =>
  context.retries < context.policy.maxRetries &&
  event.at + nextWaitMs(context, event) < context.deadlineAt;

/** The two actions that end a request: its result, and what the breaker is told. */
const end = (status: RequestStatus, outcome: RequestSettled['outcome']) => [
  { type: 'settle' as const, params: { status } },
  { type: 'tell' as const, params: { outcome } },
];

const countAttempt = {
  type: 'countAttempt',
  params: ({ event }: { event: AttemptSettled }) => ({ generation: event.generation }),
} as const;

const extendDeadline = {
  type: 'extendDeadline',
  params: ({ event }: { event: Resumed }) => ({ downMs: event.downMs }),
} as const;

/**
 * The retry cycle of one request: attempts with growing waits between them, until one succeeds,
 * an error says that no further one can help, or the service's breaker refuses.
 */
export const requestMachine = setup({
  types: {
    context: {} as RequestContext,
    events: {} as RequestEvent,
    input: {} as RequestInput,
    output: {} as RequestResult,
    emitted: {} as RequestSettled,
  },
  actors: { timer, attempt: effect<AttemptInput>('attempt') },
  guards: {
    isOwned: ({ context }) => context.owned,
    isOnce: ({ context }) => context.once,
    leavesDoubt: ({ context, event }) => context.once && failureOf(event)?.ambiguous === true,
    isPermanent: ({ event }) => failureOf(event)?.category === 'PERMANENT_ERROR',
    wasProbe: ({ event }) => 'probe' in event && event.probe,
    isAskedToWaitLong: ({ context, event }) =>
      (failureOf(event)?.retryAfterMs ?? 0) > context.policy.hintCapMs,
    mayRetry: ({ context, event }) => mayRetry(context, event),
    mayRetryAndEachCounts: ({ context, event }) =>
      context.policy.counts === 'attempt' && mayRetry(context, event),
  },
  actions: {
    countAttempt: assign(({ context, event }, { generation }: { generation: number }) => ({
      attempts: context.attempts + 1,
      generation,
      error: failureOf(event),
    })),
    countInterrupted: assign({ attempts: ({ context }) => context.attempts + 1 }),
    planRetry: assign(({ context, event }) => {
      const delayMs = nextWaitMs(context, event);
      return { retries: context.retries + 1, delayMs, dueAt: event.at + delayMs };
    }),
    forgetWait: assign({ dueAt: null }),
    extendDeadline: assign(({ context }, { downMs }: { downMs: number }) => ({
      deadlineAt: context.deadlineAt + downMs,
    })),
    settle: assign(({ context, event }, { status }: { status: RequestStatus }) => ({
      result: {
        status,
        at: event.at,
        ref: 'ref' in event ? event.ref : null,
        error: failureOf(event) ?? context.error,
        retryAt: retryAtOf(event, status),
        attempts: context.attempts,
      },
    })),
    tell: emit(
      (
        { context, event },
        { outcome }: { outcome: RequestSettled['outcome'] },
      ): RequestSettled => ({
        type: 'request.settled',
        id: context.id,
        service: context.service,
        outcome,
        generation: context.generation,
        error: failureOf(event)?.category ?? null,
        corr: context.corr,
        at: event.at,
      }),
    ),
  },
}).createMachine({
  id: 'request',
  initial: 'attempting',
  context: ({ input }) => ({
    ...input,
    attempts: 0,
    retries: 0,
    generation: null,
    delayMs: 0,
    dueAt: null,
    deadlineAt: input.at + input.policy.deadlineMs,
    error: null,
    result: null,
  }),
  output: ({ context }) => context.result as RequestResult,
  states: {
    attempting: {
      invoke: {
        id: 'attempt',
        src: 'attempt',
        input: ({ context }) => ({
          id: context.id,
          service: context.service,
          operation: context.operation,
          payload: context.payload,
          once: context.once,
          corr: context.corr,
          attempt: context.attempts + 1,
          timeoutMs: context.policy.attemptTimeoutMs,
          deadlineAt: context.deadlineAt,
        }),
      },
      on: {
        'attempt.succeeded': {
          target: 'succeeded',
          actions: [countAttempt, ...end('succeeded', 'succeeded')],
        },
        'attempt.failed': [
          {
            guard: 'leavesDoubt',
            target: 'unsettled',
            actions: [countAttempt, ...end('unsettled', 'failed')],
          },
          {
            guard: 'isPermanent',
            target: 'failed',
            actions: [countAttempt, ...end('failed', 'ignored')],
          },
          {
            guard: 'wasProbe',
            target: 'deferred',
            actions: [countAttempt, ...end('deferred', 'failed')],
          },
          {
            guard: 'isAskedToWaitLong',
            target: 'deferred',
            actions: [countAttempt, ...end('deferred', 'ignored')],
          },
          {
            guard: 'mayRetryAndEachCounts',
            target: 'waiting',
            actions: [countAttempt, 'planRetry', { type: 'tell', params: { outcome: 'failed' } }],
          },
          { guard: 'mayRetry', target: 'waiting', actions: [countAttempt, 'planRetry'] },
          {
            target: 'failed',
            actions: [countAttempt, ...end('failed', 'failed')],
          },
        ],
        'attempt.refused': {
          target: 'deferred',
          actions: end('deferred', 'ignored'),
        },
        'request.abort': [
          {
            guard: 'isOnce',
            target: 'unsettled',
            actions: ['countInterrupted', ...end('unsettled', 'ignored')],
          },
          { target: 'aborted', actions: ['countInterrupted', ...end('aborted', 'ignored')] },
        ],
        resumed: [
          {
            guard: 'isOwned',
            target: 'abandoned',
            actions: ['countInterrupted', { type: 'settle', params: { status: 'abandoned' } }],
          },
          {
            guard: 'isOnce',
            target: 'unsettled',
            actions: ['countInterrupted', { type: 'settle', params: { status: 'unsettled' } }],
          },
          {
            target: 'attempting',
            reenter: true,
            actions: ['countInterrupted', extendDeadline],
          },
        ],
      },
    },
    waiting: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'timer.fired': { target: 'attempting', actions: 'forgetWait' },
        'request.abort': {
          target: 'aborted',
          actions: end('aborted', 'ignored'),
        },
        resumed: [
          {
            guard: 'isOwned',
            target: 'abandoned',
            actions: { type: 'settle', params: { status: 'abandoned' } },
          },
          { actions: extendDeadline },
        ],
      },
    },
    succeeded: { type: 'final' },
    failed: { type: 'final' },
    deferred: { type: 'final' },
    unsettled: { type: 'final' },
    aborted: { type: 'final' },
    abandoned: { type: 'final' },
  },
});

function retryAtOf(event: RequestEvent, status: RequestStatus): number | null {
  if (status !== 'deferred') return null;
  if (event.type === 'attempt.refused') return event.retryAt;
  const hintMs = failureOf(event)?.retryAfterMs ?? null;
  return hintMs === null ? null : event.at + Math.ceil(hintMs);
}

export type RequestRef = ActorRefFrom<typeof requestMachine>;
