import { assign, emit, setup, type ActorRefFrom } from 'xstate';
import { effect, timer } from './placeholders.ts';
import type { Failure, TimerFired } from './results.ts';

export interface HealthOptions {
  /** From the end of one check to the start of the next. @default 30000 */
  readonly intervalMs: number;
  /** One check, reading the body included. @default 5000 */
  readonly timeoutMs: number;
}

export const defaultHealthOptions: HealthOptions = { intervalMs: 30_000, timeoutMs: 5_000 };

export interface HealthInput {
  readonly service: string;
  readonly options: HealthOptions;
  /** The first check. */
  readonly at: number;
}

export type Health = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';

export interface HealthContext {
  readonly service: string;
  readonly options: HealthOptions;
  readonly health: Health;
  /** The next check. */
  readonly dueAt: number;
  /** When `health` last changed. */
  readonly since: number;
  readonly error: Failure | null;
}

export interface CheckInput {
  readonly service: string;
  readonly timeoutMs: number;
}

export type HealthEvent =
  | { readonly type: 'check.passed'; readonly at: number }
  | { readonly type: 'check.failed'; readonly at: number; readonly error: Failure }
  | { readonly type: 'health.restart'; readonly at: number }
  | { readonly type: 'health.configure'; readonly at: number; readonly options: HealthOptions }
  | TimerFired;

/** Told to the world when a service that was down answers again: the runtime resets its breaker. */
export interface ServiceRecovered {
  readonly type: 'service.recovered';
  readonly service: string;
  readonly at: number;
}

/**
 * Asks a service every now and then whether it works. One check at a time: the next is planned
 * when the last has ended.
 */
export const healthMachine = setup({
  types: {
    context: {} as HealthContext,
    events: {} as HealthEvent,
    input: {} as HealthInput,
    emitted: {} as ServiceRecovered,
  },
  actors: { timer, check: effect<CheckInput>('check') },
  guards: {
    wasUnhealthy: ({ context }) => context.health === 'UNHEALTHY',
  },
  actions: {
    record: assign(({ context, event }, { health }: { health: Health }) => ({
      health,
      since: health === context.health ? context.since : event.at,
      dueAt: event.at + context.options.intervalMs,
      error: 'error' in event ? event.error : null,
    })),
    announceRecovery: emit(({ context, event }): ServiceRecovered => ({
      type: 'service.recovered',
      service: context.service,
      at: event.at,
    })),
    configure: assign((_, { options }: { options: HealthOptions }) => ({ options })),
    forget: assign(({ event }) => ({
      health: 'UNKNOWN' as const,
      since: event.at,
      dueAt: event.at,
      error: null,
    })),
  },
}).createMachine({
  id: 'health',
  initial: 'unknown',
  context: ({ input }) => ({
    service: input.service,
    options: input.options,
    health: 'UNKNOWN',
    dueAt: input.at,
    since: input.at,
    error: null,
  }),
  on: {
    'health.restart': { target: '.unknown', reenter: true, actions: 'forget' },
    'health.configure': {
      actions: { type: 'configure', params: ({ event }) => ({ options: event.options }) },
    },
  },
  states: {
    unknown: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: { 'timer.fired': 'checking' },
    },
    healthy: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: { 'timer.fired': 'checking' },
    },
    unhealthy: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: { 'timer.fired': 'checking' },
    },
    checking: {
      invoke: {
        id: 'check',
        src: 'check',
        input: ({ context }) => ({
          service: context.service,
          timeoutMs: context.options.timeoutMs,
        }),
      },
      on: {
        'check.passed': [
          {
            guard: 'wasUnhealthy',
            target: 'healthy',
            actions: [{ type: 'record', params: { health: 'HEALTHY' } }, 'announceRecovery'],
          },
          { target: 'healthy', actions: { type: 'record', params: { health: 'HEALTHY' } } },
        ],
        'check.failed': {
          target: 'unhealthy',
          actions: { type: 'record', params: { health: 'UNHEALTHY' } },
        },
      },
    },
  },
});

export type HealthRef = ActorRefFrom<typeof healthMachine>;
