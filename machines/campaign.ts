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

export type EndStatus = 'completed' | 'failed' | 'skipped' | 'unknown';
export type ContactStatus = EndStatus | 'deferred';

export interface CampaignContext extends CampaignInput {
  /** Waiting or deferred: not worked on now, and not ended. */
  readonly queued: number;
  readonly active: number;
  /** Workers ever started; the next one's number. */
  readonly workers: number;
  readonly ended: { readonly [status in EndStatus]: number };
  /** When holding: the moment to try again. */
  readonly dueAt: number | null;
  /** The service that is waited for, when it is one. */
  readonly heldBy: string | null;
  readonly pausedBy: Failure | null;
  /** Pauses since a contact last ended well. */
  readonly pauses: number;
  /** After a pause one contact goes alone, until it has shown that the reason is gone. */
  readonly isTrial: boolean;
}

export interface WorkerInput {
  readonly campaign: string;
  readonly worker: number;
}

/** A worker's contact has ended, or is put back in the queue. */
interface ContactSettled {
  readonly type: 'contact.settled';
  readonly at: number;
  readonly worker: number;
  readonly contact: string;
  readonly status: ContactStatus;
  readonly error: Failure | null;
  /** Put back: not before this. */
  readonly until?: number;
}

/** A worker found nothing that may be started before `until`. */
interface ContactHeld {
  readonly type: 'contact.held';
  readonly at: number;
  readonly worker: number;
  readonly until: number;
  readonly service: string | null;
}

interface Order<Type extends string> {
  readonly type: Type;
  readonly at: number;
  readonly by: string;
}

export type CampaignEvent =
  | { readonly type: 'campaign.begin'; readonly at: number }
  | { readonly type: 'campaign.configure'; readonly at: number; readonly concurrency: number }
  | ContactSettled
  | ContactHeld
  | Order<'campaign.pause'>
  | Order<'campaign.stop'>
  | (Order<'campaign.resume'> & { readonly isTrial: boolean })
  | { readonly type: 'service.available'; readonly at: number; readonly service: string }
  | TimerFired
  | Resumed;

const endedCount = ({ ended: e }: CampaignContext): number =>
  e.completed + e.failed + e.skipped + e.unknown;

const blocks = (error: Failure | null): boolean =>
  error?.scope === 'account' || error?.scope === 'config';

/** What the campaign's book says when a contact has ended or is put back. */
const settle = {
  type: 'settle',
  params: ({ event }: { event: ContactSettled }) => ({
    worker: event.worker,
    status: event.status,
  }),
} as const;

type Settled = Pick<ContactSettled, 'status' | 'error'>;

const when = <Guard extends string>(type: Guard) =>
  ({
    type,
    params: ({ event: { status, error } }: { event: ContactSettled }) => ({ status, error }),
  }) as const;

const blame = {
  type: 'blame',
  params: ({ event }: { event: ContactSettled }) => ({ error: event.error }),
} as const;

const giveBack = {
  type: 'giveBack',
  params: ({ event }: { event: ContactHeld }) => ({ worker: event.worker }),
} as const;

const hold = {
  type: 'hold',
  params: ({ event }: { event: ContactHeld }) => ({ until: event.until, service: event.service }),
} as const;

const configure = {
  type: 'configure',
  params: ({ event }: { event: { concurrency: number } }) => ({ concurrency: event.concurrency }),
} as const;

/** At rest: those that were under way may meet what it paused for, or what a person stopped it for. */
const drain = [
  { guard: when('endsTheLast'), target: 'done', actions: settle },
  { actions: settle },
] as const;

const resume = {
  target: 'running',
  actions: [
    {
      type: 'forgive',
      params: ({ event }: { event: { isTrial: boolean } }) => ({ isTrial: event.isTrial }),
    },
    'fill',
  ],
} as const;

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
    endsTheLast: ({ context }, { status }: Settled) =>
      status !== 'deferred' && endedCount(context) + 1 === context.total,
    blocksEveryone: (_, { status, error }: Settled) => status !== 'completed' && blocks(error),
    /** Only a contact that was worked on to its end shows that the reason is gone. */
    endsTheTrial: ({ context }, { status }: Settled) =>
      context.isTrial && (status === 'completed' || status === 'failed'),
    isSooner: ({ context }, { until = Infinity }: { until: number | undefined }) =>
      until < Number(context.dueAt),
    isHeldBy: ({ context }, { service }: { service: string }) => context.heldBy === service,
    isEmpty: ({ context }) => context.total === 0,
  },
  actions: {
    fill: enqueueActions(({ context, enqueue }) => {
      let { queued, active, workers } = context;
      const limit = context.isTrial ? 1 : context.concurrency;
      for (; active < limit && queued > 0; queued--, active++, workers++) {
        enqueue.spawnChild('worker', {
          id: `worker:${workers}`,
          input: { campaign: context.id, worker: workers },
        });
      }
      enqueue.assign({ queued, active, workers });
    }),
    settle: enqueueActions(
      ({ context, enqueue }, { worker, status }: { worker: number; status: ContactStatus }) => {
        enqueue.stopChild(`worker:${worker}`);
        enqueue.assign({ active: context.active - 1 });
        if (status === 'deferred') enqueue.assign({ queued: context.queued + 1 });
        else {
          const ended = { ...context.ended, [status]: context.ended[status] + 1 };
          enqueue.assign({ ended, pauses: 0 });
        }
      },
    ),
    giveBack: enqueueActions(({ context, enqueue }, { worker }: { worker: number }) => {
      enqueue.stopChild(`worker:${worker}`);
      enqueue.assign({ active: context.active - 1, queued: context.queued + 1 });
    }),
    hold: assign((_, { until, service }: { until: number; service: string | null }) => ({
      dueAt: until,
      heldBy: service,
    })),
    release: assign({ dueAt: null, heldBy: null }),
    blame: assign(({ context }, { error }: { error: Failure | null }) => ({
      pausedBy: error,
      pauses: context.pauses + 1,
    })),
    forgive: assign(({ context }, { isTrial }: { isTrial: boolean }) => ({
      pausedBy: null,
      isTrial: isTrial || context.isTrial,
    })),
    endTrial: assign({ isTrial: false }),
    configure: assign((_, { concurrency }: { concurrency: number }) => ({ concurrency })),
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
    pauses: 0,
    isTrial: false,
  }),
  on: {
    'contact.held': { actions: giveBack },
    'campaign.configure': { actions: configure },
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
        resumed: [
          { guard: 'isEmpty', target: 'done' },
          { target: 'running', actions: 'fill' },
        ],
      },
    },
    running: {
      on: {
        'contact.settled': [
          { guard: when('endsTheLast'), target: 'done', actions: settle },
          { guard: when('blocksEveryone'), target: 'paused', actions: [settle, blame] },
          { guard: when('endsTheTrial'), actions: [settle, 'endTrial', 'fill'] },
          { actions: [settle, 'fill'] },
        ],
        'contact.held': {
          target: 'holding',
          actions: [giveBack, hold],
        },
        'campaign.configure': { actions: [configure, 'fill'] },
      },
    },
    holding: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'timer.fired': { target: 'running', actions: ['release', 'fill'] },
        'service.available': {
          guard: { type: 'isHeldBy', params: ({ event }) => ({ service: event.service }) },
          target: 'running',
          actions: ['release', 'fill'],
        },
        // Something is due before what is waited for.
        'contact.held': [
          {
            guard: { type: 'isSooner', params: ({ event }) => ({ until: event.until }) },
            target: 'holding',
            reenter: true,
            actions: [giveBack, hold],
          },
          { actions: giveBack },
        ],
        'contact.settled': [
          { guard: when('blocksEveryone'), target: 'paused', actions: [settle, blame, 'release'] },
          {
            guard: { type: 'isSooner', params: ({ event }) => ({ until: event.until }) },
            target: 'running',
            actions: [settle, 'release', 'fill'],
          },
          { actions: settle },
        ],
      },
    },
    paused: {
      on: {
        'contact.settled': drain,
        'campaign.resume': resume,
        'campaign.pause': {},
      },
    },
    stopped: { on: { 'contact.settled': drain, 'campaign.resume': resume } },
    done: { type: 'final' },
  },
});

export type CampaignRef = ActorRefFrom<typeof campaignMachine>;
