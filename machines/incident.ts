import { assign, setup, type ActorRefFrom } from 'xstate';
import { blankIncident } from './blank-incident.ts';
import { timer } from './placeholders.ts';
import type { TimerFired } from './results.ts';

export type Severity = 'critical' | 'warning';

/** What a person is told, frozen when it was decided. It holds no names and no numbers. */
export interface AlertText {
  /** One line, without a full stop. */
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

export interface IncidentInput {
  /** The id of this root: `alert:12`. */
  readonly id: string;
  /** The same trouble has the same key; at most one incident of a key is open. */
  readonly key: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** When the trouble began. */
  readonly since: number;
  /** When to look at it again; null: only when something happens. */
  readonly dueAt: number | null;
}

/** One message to people. */
export interface Told {
  readonly text: AlertText;
  /** How much there was to tell: what grows beyond it is news. */
  readonly revision: number;
  /** How many further channels are asked, in their order; null: all of them. */
  readonly reach: number | null;
  readonly dueAt: number | null;
}

export interface IncidentContext extends IncidentInput {
  /** Messages so far. */
  readonly n: number;
  /** What the last message was. */
  readonly kind: 'raised' | 'updated' | 'resolved' | null;
  readonly revision: number;
  readonly reach: number | null;
  readonly toldAt: number | null;
  readonly raisedAt: number | null;
  /** Its time has come, and nobody has looked at it yet. */
  readonly isDue: boolean;
  readonly acknowledgedBy: string | null;
  /** Why nobody is told: a silence's id, or the alert that says it all. */
  readonly mutedBy: string | null;
  readonly result: { readonly at: number; readonly messages: number } | null;
}

export type IncidentEvent =
  | ({ readonly type: 'alert.raised'; readonly at: number } & Told)
  | ({
      readonly type: 'alert.updated';
      readonly at: number;
      readonly why: 'changed' | 'repeated' | 'escalated';
    } & Told)
  | { readonly type: 'alert.waits'; readonly at: number; readonly dueAt: number | null }
  | { readonly type: 'alert.acknowledged'; readonly at: number; readonly by: string }
  | { readonly type: 'alert.silenced'; readonly at: number; readonly by: string }
  | { readonly type: 'alert.unsilenced'; readonly at: number }
  | { readonly type: 'alert.resolved'; readonly at: number; readonly text: AlertText | null }
  | TimerFired;

/** The words stand in the event alone. */
const toldIn = ({ event }: { event: Told }): Omit<Told, 'text'> => ({
  revision: event.revision,
  reach: event.reach,
  dueAt: event.dueAt,
});
const byOf = ({ event }: { event: { readonly by: string } }) => ({ by: event.by });
const silence = { target: 'silenced', actions: { type: 'mute', params: byOf } } as const;
const acknowledge = { type: 'acknowledge', params: byOf } as const;

/** Every open state looks again when its time has come; a new time begins the wait anew. */
const waiting = <State extends string>(state: State) => ({
  invoke: {
    id: 'timer',
    src: 'timer',
    input: ({ context }: { context: IncidentContext }) => ({ dueAt: context.dueAt }),
  } as const,
  waits: {
    target: state,
    reenter: true,
    actions: {
      type: 'wait',
      params: ({ event }: { event: { readonly dueAt: number | null } }) => ({ dueAt: event.dueAt }),
    },
  } as const,
});

const [pending, firing, acknowledged, silenced] = [
  waiting('pending'),
  waiting('firing'),
  waiting('acknowledged'),
  waiting('silenced'),
];

/**
 * One trouble, from its first sign to its end: whether people are told, were told, have taken
 * notice, or are not to be told now. What to say is decided outside, by the rules; this keeps it.
 */
export const incidentMachine = setup({
  types: {
    context: {} as IncidentContext,
    events: {} as IncidentEvent,
    input: {} as IncidentInput,
    output: {} as NonNullable<IncidentContext['result']>,
  },
  actors: { timer },
  guards: {
    isAcknowledged: ({ context }) => context.acknowledgedBy !== null,
    isTold: ({ context }) => context.n > 0,
    isTelling: (_, { text }: { text: AlertText | null }) => text !== null,
  },
  actions: {
    tell: assign(
      ({ context, event }, told: Omit<Told, 'text'> & { kind: 'raised' | 'updated' }) => ({
        ...told,
        n: context.n + 1,
        toldAt: event.at,
        raisedAt: context.raisedAt ?? event.at,
        isDue: false,
      }),
    ),
    tellEnd: assign(({ context, event }) => ({
      kind: 'resolved' as const,
      n: context.n + 1,
      toldAt: event.at,
    })),
    end: assign(({ context, event }) => ({
      dueAt: null,
      result: { at: event.at, messages: context.n },
    })),
    ring: assign({ isDue: true, dueAt: null }),
    wait: assign((_, { dueAt }: { dueAt: number | null }) => ({ dueAt, isDue: false })),
    acknowledge: assign((_, { by }: { by: string }) => ({ acknowledgedBy: by })),
    mute: assign((_, { by }: { by: string }) => ({ mutedBy: by })),
    unmute: assign({ mutedBy: null }),
  },
}).createMachine({
  id: 'incident',
  initial: 'pending',
  context: ({ input }) => ({ ...input, ...blankIncident }),
  output: ({ context }) => context.result as NonNullable<IncidentContext['result']>,
  on: {
    'timer.fired': { actions: 'ring' },
    'alert.resolved': [
      {
        guard: { type: 'isTelling', params: ({ event }) => ({ text: event.text }) },
        target: '.resolved',
        actions: ['tellEnd', 'end'],
      },
      { target: '.resolved', actions: 'end' },
    ],
  },
  states: {
    pending: {
      invoke: pending.invoke,
      on: {
        'alert.raised': {
          target: 'firing',
          actions: {
            type: 'tell',
            params: ({ event }) => ({ ...toldIn({ event }), kind: 'raised' as const }),
          },
        },
        'alert.silenced': silence,
        'alert.waits': pending.waits,
      },
    },
    firing: {
      invoke: firing.invoke,
      on: {
        'alert.updated': {
          target: 'firing',
          reenter: true,
          actions: {
            type: 'tell',
            params: ({ event }) => ({ ...toldIn({ event }), kind: 'updated' as const }),
          },
        },
        'alert.acknowledged': { target: 'acknowledged', actions: acknowledge },
        'alert.silenced': silence,
        'alert.waits': firing.waits,
      },
    },
    acknowledged: {
      invoke: acknowledged.invoke,
      on: { 'alert.silenced': silence, 'alert.waits': acknowledged.waits },
    },
    silenced: {
      invoke: silenced.invoke,
      on: {
        'alert.acknowledged': { actions: acknowledge },
        'alert.unsilenced': [
          { guard: 'isAcknowledged', target: 'acknowledged', actions: 'unmute' },
          { guard: 'isTold', target: 'firing', actions: 'unmute' },
          { target: 'pending', actions: 'unmute' },
        ],
        'alert.waits': silenced.waits,
      },
    },
    resolved: { type: 'final' },
  },
});

export type IncidentRef = ActorRefFrom<typeof incidentMachine>;
