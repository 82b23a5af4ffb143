import { assign, setup, type ActorRefFrom } from 'xstate';
import { timer } from './placeholders.ts';
import type { Resumed, TimerFired } from './results.ts';

/** When a circuit breaker trips and how it comes back. */
export interface BreakerOptions {
  /** Consecutive failures that open it. @default 3 */
  readonly failureThreshold: number;
  /** How long it stays open before it lets a probe through. @default 60000 */
  readonly openForMs: number;
  /** Probes it lets through when half-open; all must succeed to close it. @default 1 */
  readonly halfOpenProbes: number;
  /** A probe that has not ended by then counts as failed. @default 60000 */
  readonly probeTimeoutMs: number;
}

export const defaultBreakerOptions: BreakerOptions = {
  failureThreshold: 3,
  openForMs: 60_000,
  halfOpenProbes: 1,
  probeTimeoutMs: 60_000,
};

export interface BreakerInput {
  readonly service: string;
  readonly options: BreakerOptions;
}

export interface BreakerContext {
  readonly service: string;
  readonly options: BreakerOptions;
  /** Consecutive failures. */
  readonly failures: number;
  /** Rises with every change of state: a result that carries an older one changes nothing. */
  readonly generation: number;
  /** When open: the next probe. When half-open: the moment a probe under way counts as failed. */
  readonly dueAt: number | null;
  /** The requests that hold a probe, by id. */
  readonly probes: readonly string[];
  /** Probes that have succeeded since it became half-open. */
  readonly passed: number;
  /** What `breaker.release` goes back to. */
  readonly isolatedFrom: 'closed' | 'open' | null;
}

/** A request's result, as the breaker hears it. `by` is the request's id. */
interface Outcome {
  readonly at: number;
  readonly generation: number;
  readonly by: string;
  readonly corr: string | null;
}

export type BreakerEvent =
  | ({ readonly type: 'request.succeeded' } & Outcome)
  | ({ readonly type: 'request.failed'; readonly error: string | null } & Outcome)
  | ({ readonly type: 'request.ignored' } & Outcome)
  | {
      readonly type: 'probe.claimed';
      readonly at: number;
      readonly by: string;
      readonly corr: string | null;
    }
  | { readonly type: 'breaker.reset'; readonly at: number; readonly by: string }
  | { readonly type: 'breaker.isolate'; readonly at: number; readonly by: string }
  | { readonly type: 'breaker.release'; readonly at: number; readonly by: string }
  | { readonly type: 'service.recovered'; readonly at: number }
  | { readonly type: 'breaker.configure'; readonly at: number; readonly options: BreakerOptions }
  | TimerFired
  | Resumed;

const isCurrent = (context: BreakerContext, event: BreakerEvent): boolean =>
  'generation' in event && event.generation === context.generation;

const byOf = ({ event }: { event: { readonly by: string } }) => ({ by: event.by });
const freeProbe = { type: 'freeProbe', params: byOf } as const;
const optionsOf = ({ event }: { event: { readonly options: BreakerOptions } }) => ({
  options: event.options,
});
const configure = { type: 'configure', params: optionsOf } as const;

/**
 * Guards one service: lets requests through while it works (closed), refuses them while it is
 * down (open), and tries it with a few probes before it trusts it again (half-open).
 * Nygard, "Release It!", 2nd edition (2018), "Circuit Breaker".
 */
export const breakerMachine = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerInput,
    tags: {} as 'admits',
  },
  actors: { timer },
  guards: {
    isCurrent: ({ context, event }) => isCurrent(context, event),
    reachesThreshold: ({ context, event }) =>
      isCurrent(context, event) && context.failures + 1 >= context.options.failureThreshold,
    endsAStreak: ({ context, event }) => isCurrent(context, event) && context.failures > 0,
    isLastProbe: ({ context, event }, { by }: { by: string }) =>
      isCurrent(context, event) &&
      context.probes.includes(by) &&
      context.passed + 1 >= context.options.halfOpenProbes,
    hasFreeProbe: ({ context }, { by }: { by: string }) =>
      !context.probes.includes(by) &&
      context.probes.length + context.passed < context.options.halfOpenProbes,
    isProbe: ({ context, event }, { by }: { by: string }) =>
      isCurrent(context, event) && context.probes.includes(by),
    /** What has no generation, because it ended before it had an answer, is known by its probe. */
    holdsProbe: ({ context }, { by }: { by: string }) => context.probes.includes(by),
    hasPassed: ({ context }, { options }: { options: BreakerOptions }) =>
      context.passed >= options.halfOpenProbes,
    wasOpen: ({ context }) => context.isolatedFrom === 'open',
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    clearFailures: assign({ failures: 0 }),
    trip: assign(({ context, event }) => ({
      failures: context.failures + 1,
      generation: context.generation + 1,
      dueAt: event.at + context.options.openForMs,
      probes: [],
      passed: 0,
    })),
    close: assign(({ context }) => ({
      failures: 0,
      generation: context.generation + 1,
      dueAt: null,
      probes: [],
      passed: 0,
      isolatedFrom: null,
    })),
    awaitProbes: assign(({ context }) => ({
      generation: context.generation + 1,
      dueAt: null,
      probes: [],
      passed: 0,
    })),
    claimProbe: assign(({ context, event }, { by }: { by: string }) => ({
      probes: [...context.probes, by],
      dueAt: event.at + context.options.probeTimeoutMs,
    })),
    freeProbe: assign(({ context }, { by }: { by: string }) => {
      const probes = context.probes.filter((probe) => probe !== by);
      return { probes, dueAt: probes.length === 0 ? null : context.dueAt };
    }),
    countPassed: assign({ passed: ({ context }) => context.passed + 1 }),
    isolate: assign(({ context }, from: { from: 'closed' | 'open' }) => ({
      generation: context.generation + 1,
      isolatedFrom: from.from,
      probes: [],
      passed: 0,
    })),
    reopen: assign({ generation: ({ context }) => context.generation + 1, isolatedFrom: null }),
    configure: assign((_, { options }: { options: BreakerOptions }) => ({ options })),
    dueNow: assign({ dueAt: ({ event }) => event.at }),
  },
}).createMachine({
  id: 'breaker',
  initial: 'closed',
  context: ({ input }) => ({
    service: input.service,
    options: input.options,
    failures: 0,
    generation: 0,
    dueAt: null,
    probes: [],
    passed: 0,
    isolatedFrom: null,
  }),
  on: { 'breaker.configure': { actions: configure } },
  states: {
    closed: {
      tags: ['admits'],
      on: {
        'request.failed': [
          { guard: 'reachesThreshold', target: 'open', actions: 'trip' },
          { guard: 'isCurrent', actions: 'countFailure' },
        ],
        'request.succeeded': { guard: 'endsAStreak', actions: 'clearFailures' },
        'breaker.reset': { actions: 'close' },
        'breaker.isolate': {
          target: 'isolated',
          actions: { type: 'isolate', params: { from: 'closed' } },
        },
      },
    },
    open: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'timer.fired': { target: 'halfOpen', actions: 'awaitProbes' },
        'service.recovered': { target: 'closed', actions: 'close' },
        'breaker.reset': { target: 'closed', actions: 'close' },
        'breaker.isolate': {
          target: 'isolated',
          actions: { type: 'isolate', params: { from: 'open' } },
        },
      },
    },
    halfOpen: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'probe.claimed': {
          guard: { type: 'hasFreeProbe', params: byOf },
          target: 'halfOpen',
          reenter: true,
          actions: { type: 'claimProbe', params: byOf },
        },
        'request.succeeded': [
          {
            guard: { type: 'isLastProbe', params: byOf },
            target: 'closed',
            actions: 'close',
          },
          {
            guard: { type: 'isProbe', params: byOf },
            target: 'halfOpen',
            reenter: true,
            actions: [freeProbe, 'countPassed'],
          },
        ],
        'request.failed': { guard: 'isCurrent', target: 'open', actions: 'trip' },
        'request.ignored': {
          guard: { type: 'holdsProbe', params: byOf },
          target: 'halfOpen',
          reenter: true,
          actions: freeProbe,
        },
        'breaker.configure': [
          {
            guard: { type: 'hasPassed', params: optionsOf },
            target: 'closed',
            actions: [configure, 'close'],
          },
          { actions: configure },
        ],
        'timer.fired': { target: 'open', actions: 'trip' },
        'service.recovered': { target: 'closed', actions: 'close' },
        'breaker.reset': { target: 'closed', actions: 'close' },
        'breaker.isolate': {
          target: 'isolated',
          actions: ['dueNow', { type: 'isolate', params: { from: 'open' } }],
        },
        resumed: { target: 'halfOpen', reenter: true, actions: 'awaitProbes' },
      },
    },
    isolated: {
      on: {
        'breaker.release': [
          { guard: 'wasOpen', target: 'open', actions: 'reopen' },
          { target: 'closed', actions: 'close' },
        ],
        'breaker.reset': { target: 'closed', actions: 'close' },
      },
    },
  },
});

export type BreakerRef = ActorRefFrom<typeof breakerMachine>;
