import assert from 'node:assert/strict';
import type { SnapshotFrom } from 'xstate';
import { campaignMachine } from '../../../machines/campaign.ts';
import {
  VERDICTS,
  type CampaignEvent,
  type CampaignInput,
} from '../../../machines/campaign-protocol.ts';
import { MINUTE, SECOND, invalid, misconfigured, unauthorised, unavailable } from '../fixtures.ts';
import type { Model, Step } from './model.ts';

const input = (total: number, concurrency: number): CampaignInput => ({
  id: 'campaign:spring-list',
  total,
  concurrency,
});

/** What one worker can send. */
const byWorker = (worker: number, at: number): CampaignEvent[] => {
  const settled = { type: 'contact.settled' as const, at, worker, contact: `contact-${worker}` };
  return [
    { ...settled, status: 'completed', error: null },
    { ...settled, status: 'failed', error: invalid },
    { ...settled, status: 'skipped', error: null },
    { ...settled, status: 'unknown', error: unauthorised },
    { ...settled, status: 'deferred', error: null, until: at + MINUTE },
    { ...settled, status: 'deferred', error: null, until: at + SECOND },
    { ...settled, status: 'deferred', error: unavailable },
    { ...settled, status: 'deferred', error: unauthorised },
    { ...settled, status: 'deferred', error: misconfigured },
    { type: 'contact.held', at, worker, until: at + MINUTE, service: 'LLM' },
    { type: 'contact.held', at, worker, until: at + SECOND, service: null },
  ];
};

type Campaign = typeof campaignMachine;

function checkPauses({ before, event, after }: Omit<Step<Campaign>, 'emitted' | 'life'>): void {
  const { pauses: earlier, isTrial: wasTrial } = before.context;
  const { pauses, isTrial } = after.context;
  const status = event.type === 'contact.settled' ? event.status : null;
  const hasPaused = before.value !== 'paused' && after.value === 'paused';
  if (status === null) assert.equal(pauses, earlier, 'only a contact changes the count');
  else if (status !== 'deferred') {
    assert.equal(pauses, Number(hasPaused), 'pauses are forgotten when one ends');
  } else assert.equal(pauses, earlier + Number(hasPaused), 'a pause for a reason is counted');
  const showsIt = status === 'completed' || status === 'failed';
  assert.ok(isTrial || !wasTrial || showsIt, 'a trial lasts until a contact has been worked on');
  const isStopped = before.value !== 'stopped' || status === null || after.value !== 'paused';
  assert.ok(isStopped, 'a stop is not turned into a pause');
}

/** Who halted it is known while it rests, unless an error did. */
function checkHalt({ value, context: { haltedBy, pausedBy } }: SnapshotFrom<Campaign>): void {
  if (value === 'stopped') assert.notEqual(haltedBy, null);
  if (value === 'paused') assert.ok(haltedBy !== null || pausedBy !== null);
  if (['running', 'holding', 'undecided'].includes(value)) assert.equal(haltedBy, null);
}

/** Workers send one result each, and then are no more. */
export const campaignModel: Model<Campaign> = {
  machine: campaignMachine,
  explored: [input(3, 2), input(1, 4), input(0, 2)],
  // Without contacts, a campaign that is paused before it begins and then resumed runs for ever.
  walked: [input(3, 2), input(1, 4), input(20, 4), input(60, 1)],

  events: ({ context, children }, at) => {
    const commands: CampaignEvent[] = [
      { type: 'campaign.pause', at, by: 'cli' },
      { type: 'campaign.stop', at, by: 'cli' },
      { type: 'campaign.resume', at, by: 'cli', isTrial: false },
      { type: 'campaign.resume', at, by: 'health', isTrial: true },
      { type: 'campaign.configure', at, concurrency: context.concurrency === 2 ? 3 : 2 },
    ];
    const workers = Object.keys(children).filter((id) => id.startsWith('worker:'));
    const dueAt = context.dueAt === null ? [] : [Math.max(at, context.dueAt)];
    return [
      { type: 'campaign.begin', at },
      ...workers.flatMap((id) => byWorker(Number(id.slice('worker:'.length)), at)),
      ...commands,
      ...VERDICTS.map((verdict) => ({
        type: 'contact.decided' as const,
        at,
        contact: 'contact-0',
        verdict,
        by: 'cli',
      })),
      { type: 'contact.dropped', at, contact: 'contact-0', by: 'cli' },
      ...dueAt.map((due) => ({ type: 'timer.fired' as const, at: due })),
      { type: 'service.available', at, service: 'LLM' },
      { type: 'resumed', at, downMs: MINUTE },
    ];
  },

  fingerprint: ({
    value,
    context: { queued, active, pausedBy, dueAt, heldBy, isTrial, concurrency, ended },
  }) => [
    heldBy,
    value,
    queued,
    active,
    pausedBy === null,
    dueAt,
    isTrial,
    concurrency,
    ended.unknown,
  ],

  check: ({ before, event, after }) => {
    const { total, queued, active, workers, ended, dueAt, pausedBy, isTrial } = after.context;
    const limit = isTrial ? 1 : after.context.concurrency;
    const counts = [queued, active, ...Object.values(ended)];
    const endedInAll = Object.values(ended).reduce((sum, count) => sum + count, 0);
    assert.equal(queued + active + endedInAll, total, 'every contact is somewhere');
    assert.ok(Math.min(...counts) >= 0, 'no count below zero');
    const started = workers - before.context.workers;
    assert.ok(started >= 0, 'no number is given twice');
    assert.ok(started === 0 || active <= limit, 'nobody is started above the limit');
    assert.ok(!isTrial || started <= 1, 'on trial nobody is started beside another');
    checkPauses({ before, event, after });
    const atWork = Object.keys(after.children).filter((id) => id !== 'timer');
    assert.equal(atWork.length, active, 'as many workers as are counted');
    if (after.value === 'running') {
      assert.ok(active >= Math.min(limit, active + queued), 'full while there is work');
      assert.ok(active > 0, 'somebody works');
      assert.equal(pausedBy, null);
    }
    const isHolding = after.value === 'holding';
    if (after.status === 'active') assert.equal(dueAt !== null, isHolding, 'holds until a moment');
    if (isHolding && before.value === 'holding') {
      assert.ok(Number(dueAt) <= Number(before.context.dueAt), 'a hold is never longer');
    }
    const isOver = endedInAll === total && ended.unknown === 0;
    assert.equal(after.value === 'done', isOver, 'done when all have ended and are known');
    const isLeft = endedInAll === total && ended.unknown > 0;
    assert.equal(after.value === 'undecided', isLeft, 'undecided when only doubts are left');
    checkHalt(after);
    assert.equal(after.status === 'done', after.value === 'done');
  },
};
