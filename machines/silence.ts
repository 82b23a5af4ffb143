import { assign, setup } from 'xstate';
import { timer } from './placeholders.ts';
import type { TimerFired } from './results.ts';

/** Which alerts nobody is told of: those that fit by service and by rule. Empty fits all. */
export interface Matcher {
  readonly services: readonly string[];
  readonly rules: readonly string[];
}

export interface SilenceInput {
  /** The id of this root: `silence:3`. */
  readonly id: string;
  readonly match: Matcher;
  /** From when on; later than now for a maintenance window. */
  readonly from: number;
  readonly until: number;
  readonly by: string;
}

export interface SilenceContext extends SilenceInput {
  /** When it begins, and then when it ends. */
  readonly dueAt: number;
  readonly liftedBy: string | null;
  readonly result: { readonly at: number } | null;
}

export type SilenceEvent =
  | { readonly type: 'silence.lifted'; readonly at: number; readonly by: string }
  | TimerFired;

const input = ({ context }: { context: SilenceContext }) => ({ dueAt: context.dueAt });
const lift = {
  target: 'ended',
  actions: [
    {
      type: 'lift',
      params: ({ event }: { event: { readonly by: string } }) => ({ by: event.by }),
    },
    'end',
  ],
} as const;

/** A time in which nobody is told of some alerts: now, or a maintenance window to come. */
export const silenceMachine = setup({
  types: {
    context: {} as SilenceContext,
    events: {} as SilenceEvent,
    input: {} as SilenceInput,
    output: {} as NonNullable<SilenceContext['result']>,
  },
  actors: { timer },
  actions: {
    awaitEnd: assign({ dueAt: ({ context }) => context.until }),
    lift: assign((_, { by }: { by: string }) => ({ liftedBy: by })),
    end: assign(({ event }) => ({ result: { at: event.at } })),
  },
}).createMachine({
  id: 'silence',
  initial: 'scheduled',
  context: ({ input: given }) => ({
    ...given,
    dueAt: given.from,
    liftedBy: null,
    result: null,
  }),
  output: ({ context }) => context.result as NonNullable<SilenceContext['result']>,
  states: {
    scheduled: {
      invoke: { id: 'timer', src: 'timer', input },
      on: {
        'timer.fired': { target: 'active', actions: 'awaitEnd' },
        'silence.lifted': lift,
      },
    },
    active: {
      invoke: { id: 'timer', src: 'timer', input },
      on: { 'timer.fired': { target: 'ended', actions: 'end' }, 'silence.lifted': lift },
    },
    ended: { type: 'final' },
  },
});
