import { assign, enqueueActions, setup, type ActorRefFrom } from 'xstate';
import { effect, timer } from './placeholders.ts';
import type { Failure, Resumed, TimerFired } from './results.ts';

export interface CampaignInput {
  /** The id of this root: `campaign:spring-list`. */
  readonly id: string;
  readonly total: number;
  /** Contacts worked on at the same time. */
  readonly concurrency: number;
}

export type ContactStatus = 'completed' | 'failed' | 'skipped' | 'unknown' | 'deferred';

export interface CampaignContext extends CampaignInput {
  /** Waiting or deferred: not worked on now, and not ended. */
  readonly queued: number;
  readonly active: number;
  /** Workers ever started; the next one's number. */
  readonly workers: number;
  readonly ended: {
    readonly completed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly unknown: number;
  };
  /** When holding: the moment to try again. */
  readonly dueAt: number | null;
  /** The service that is waited for, when it is one. */
  readonly heldBy: string | null;
  readonly pausedBy: Failure | null;
}

export interface WorkerInput {
  readonly campaign: string;
  readonly worker: number;
}

export type CampaignEvent =
  | { readonly type: 'campaign.begin'; readonly at: number }
  /** A worker's contact has ended, or is put back in the queue. */
  | {
      readonly type: 'contact.settled';
      readonly at: number;
      readonly worker: number;
      readonly contact: string;
      readonly status: ContactStatus;
      readonly error: Failure | null;
    }
  /** A worker found nothing that may be started before `until`. */
  | {
      readonly type: 'contact.held';
      readonly at: number;
      readonly worker: number;
      readonly until: number;
      readonly service: string | null;
    }
  | { readonly type: 'campaign.pause'; readonly at: number; readonly by: string }
  | { readonly type: 'campaign.stop'; readonly at: number; readonly by: string }
  | { readonly type: 'campaign.resume'; readonly at: number; readonly by: string }
  | TimerFired
  | Resumed;

const ended = ({ ended: e }: CampaignContext): number =>
  e.completed + e.failed + e.skipped + e.unknown;

const blocks = (error: Failure | null): boolean =>
  error?.scope === 'account' || error?.scope === 'config';

/**
 * Works through a list: keeps `concurrency` workers busy, holds while nothing may be started, and
 * pauses when an error says that it would meet every contact. It knows how many, not who: the
 * contacts are a projection of the journal, and each worker takes the next one from it.
 */
export const campaignMachine = setup({
  types: {
    context: {} as CampaignContext,
    events: {} as CampaignEvent,
    input: {} as CampaignInput,
  },
  actors: { timer, worker: effect<WorkerInput>('worker') },
  guards: {
    endsTheLast: ({ context, event }) =>
      event.type === 'contact.settled' &&
      event.status !== 'deferred' &&
      ended(context) + 1 === context.total,
    blocksEveryone: ({ event }) =>
      event.type === 'contact.settled' && event.status === 'deferred' && blocks(event.error),
    isEmpty: ({ context }) => context.total === 0,
  },
  actions: {
    fill: enqueueActions(({ context, enqueue }) => {
      let { queued, active, workers } = context;
      for (; active < context.concurrency && queued > 0; queued--, active++, workers++) {
        enqueue.spawnChild('worker', {
          id: `worker:${workers}`,
          input: { campaign: context.id, worker: workers },
        });
      }
      enqueue.assign({ queued, active, workers });
    }),
    settle: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'contact.settled') return;
      enqueue.stopChild(`worker:${event.worker}`);
      const { status } = event;
      enqueue.assign({ active: context.active - 1 });
      if (status === 'deferred') enqueue.assign({ queued: context.queued + 1 });
      else enqueue.assign({ ended: { ...context.ended, [status]: context.ended[status] + 1 } });
    }),
    giveBack: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'contact.held') return;
      enqueue.stopChild(`worker:${event.worker}`);
      enqueue.assign({ active: context.active - 1, queued: context.queued + 1 });
    }),
    hold: assign(({ event }) =>
      event.type === 'contact.held' ? { dueAt: event.until, heldBy: event.service } : {},
    ),
    release: assign({ dueAt: null, heldBy: null }),
    blame: assign(({ event }) => ({
      pausedBy: event.type === 'contact.settled' ? event.error : null,
    })),
    forgive: assign({ pausedBy: null }),
  },
}).createMachine({
  id: 'campaign',
  initial: 'ready',
  context: ({ input }) => ({
    ...input,
    queued: input.total,
    active: 0,
    workers: 0,
    ended: { completed: 0, failed: 0, skipped: 0, unknown: 0 },
    dueAt: null,
    heldBy: null,
    pausedBy: null,
  }),
  on: {
    'contact.settled': [
      { guard: 'endsTheLast', target: '.done', actions: 'settle' },
      { guard: 'blocksEveryone', target: '.paused', actions: ['settle', 'blame'] },
      { actions: 'settle' },
    ],
    'contact.held': { actions: 'giveBack' },
    'campaign.pause': { target: '.paused', actions: 'release' },
    'campaign.stop': { target: '.stopped', actions: 'release' },
  },
  states: {
    ready: {
      on: {
        'campaign.begin': [
          { guard: 'isEmpty', target: 'done' },
          { target: 'running', actions: 'fill' },
        ],
        resumed: { target: 'running', actions: 'fill' },
      },
    },
    running: {
      on: {
        'contact.settled': [
          { guard: 'endsTheLast', target: 'done', actions: 'settle' },
          { guard: 'blocksEveryone', target: 'paused', actions: ['settle', 'blame'] },
          { actions: ['settle', 'fill'] },
        ],
        'contact.held': { target: 'holding', actions: ['giveBack', 'hold'] },
      },
    },
    holding: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: { 'timer.fired': { target: 'running', actions: ['release', 'fill'] } },
    },
    paused: {
      on: {
        'campaign.resume': { target: 'running', actions: ['forgive', 'fill'] },
        'campaign.pause': {},
      },
    },
    stopped: {
      on: { 'campaign.resume': { target: 'running', actions: ['forgive', 'fill'] } },
    },
    done: { type: 'final' },
  },
});

export type CampaignRef = ActorRefFrom<typeof campaignMachine>;
