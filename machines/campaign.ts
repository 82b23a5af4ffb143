import { assign, enqueueActions, setup, type ActorRefFrom } from 'xstate';
import type {
  CampaignContext,
  CampaignEvent,
  CampaignInput,
  ContactDecided,
  ContactHeld,
  ContactSettled,
  ContactStatus,
  Verdict,
  WorkerInput,
} from './campaign-protocol.ts';
import { effect, timer } from './placeholders.ts';
import type { Failure } from './results.ts';

const endedCount = ({ ended: e }: CampaignContext): number =>
  e.completed + e.failed + e.skipped + e.unknown;

const isLast = (context: CampaignContext, status: ContactStatus): boolean =>
  status !== 'deferred' && endedCount(context) + 1 === context.total;

const isOnlyOneLeft = ({ queued, active }: CampaignContext): boolean =>
  queued === 1 && active === 0;

const doubtsAfter = ({ ended }: CampaignContext, status: ContactStatus): number =>
  ended.unknown + (status === 'unknown' ? 1 : 0);

/** What a verdict makes of a contact; one that is to be called again goes back into the queue. */
const verdicts = { answered: 'completed', skip: 'skipped' } as const;

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

const decide = {
  type: 'decide',
  params: ({ event }: { event: ContactDecided }) => ({ verdict: event.verdict }),
} as const;

const retries = {
  type: 'retries',
  params: ({ event }: { event: ContactDecided }) => ({ verdict: event.verdict }),
} as const;

const halt = {
  type: 'halt',
  params: ({ event }: { event: { by: string } }) => ({ by: event.by }),
} as const;

/** The last contact has ended: what is left is for a person to decide, or nothing is. */
const atTheEnd = [
  { guard: when('endsTheLast'), target: 'done', actions: settle },
  { guard: when('leavesDoubt'), target: 'undecided', actions: settle },
] as const;

/** At rest: those that were under way may meet what it paused for, or what a person stopped it for. */
const drain = [...atTheEnd, { actions: settle }] as const;

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
      isLast(context, status) && doubtsAfter(context, status) === 0,
    leavesDoubt: ({ context }, { status }: Settled) =>
      isLast(context, status) && doubtsAfter(context, status) > 0,
    dropsTheLast: ({ context }) => isOnlyOneLeft(context) && context.ended.unknown === 0,
    dropLeavesDoubt: ({ context }) => isOnlyOneLeft(context),
    hasQueued: ({ context }) => context.queued > 0,
    hasDoubt: ({ context }) => context.ended.unknown > 0,
    retries: ({ context }, { verdict }: { verdict: Verdict }) =>
      context.ended.unknown > 0 && verdict === 'retry',
    settlesTheLastDoubt: ({ context }) => context.ended.unknown === 1,
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
    decide: assign(({ context: { ended, queued } }, { verdict }: { verdict: Verdict }) => {
      const unknown = ended.unknown - 1;
      if (verdict === 'retry') return { ended: { ...ended, unknown }, queued: queued + 1 };
      const status = verdicts[verdict];
      return { ended: { ...ended, unknown, [status]: ended[status] + 1 } };
    }),
    drop: assign(({ context: { ended, queued } }) => ({
      queued: queued - 1,
      ended: { ...ended, skipped: ended.skipped + 1 },
    })),
    halt: assign((_, { by }: { by: string }) => ({ haltedBy: by })),
    blame: assign(({ context }, { error }: { error: Failure | null }) => ({
      pausedBy: error,
      pauses: context.pauses + 1,
    })),
    forgive: assign(({ context }, { isTrial }: { isTrial: boolean }) => ({
      pausedBy: null,
      haltedBy: null,
      isTrial: isTrial || context.isTrial,
    })),
    forget: assign({ pausedBy: null, haltedBy: null }),
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
    haltedBy: null,
  }),
  on: {
    'contact.held': { actions: giveBack },
    'campaign.configure': { actions: configure },
    'contact.decided': { guard: 'hasDoubt', actions: decide },
    'contact.dropped': [
      { guard: 'dropsTheLast', target: '.done', actions: ['release', 'drop'] },
      { guard: 'dropLeavesDoubt', target: '.undecided', actions: ['release', 'drop'] },
      { guard: 'hasQueued', actions: 'drop' },
    ],
    'campaign.pause': { target: '.paused', actions: ['release', halt] },
    'campaign.stop': { target: '.stopped', actions: ['release', halt] },
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
          ...atTheEnd,
          { guard: when('blocksEveryone'), target: 'paused', actions: [settle, blame] },
          { guard: when('endsTheTrial'), actions: [settle, 'endTrial', 'fill'] },
          { actions: [settle, 'fill'] },
        ],
        'contact.held': {
          target: 'holding',
          actions: [giveBack, hold],
        },
        'contact.decided': { guard: 'hasDoubt', actions: [decide, 'fill'] },
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
        'contact.decided': [
          { guard: retries, target: 'running', actions: [decide, 'release', 'fill'] },
          { guard: 'hasDoubt', actions: decide },
        ],
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
        'campaign.pause': { actions: halt },
      },
    },
    stopped: { on: { 'contact.settled': drain, 'campaign.resume': resume } },
    /** Nobody is left to call, and of some nobody knows whether they were: a person decides. */
    undecided: {
      entry: 'forget',
      on: {
        'contact.decided': [
          { guard: retries, target: 'running', actions: [decide, 'fill'] },
          { guard: 'settlesTheLastDoubt', target: 'done', actions: decide },
          { actions: decide },
        ],
        'campaign.pause': {},
        'campaign.stop': {},
      },
    },
    done: { type: 'final' },
  },
});

export type CampaignRef = ActorRefFrom<typeof campaignMachine>;
