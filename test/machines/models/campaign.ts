import assert from 'node:assert/strict';
import {
  campaignMachine,
  type CampaignEvent,
  type CampaignInput,
} from '../../../machines/campaign.ts';
import { MINUTE, SECOND, invalid, misconfigured, unauthorised, unavailable } from '../fixtures.ts';
import type { Model } from './model.ts';

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
    { ...settled, status: 'deferred', error: unavailable },
    { ...settled, status: 'deferred', error: unauthorised },
    { ...settled, status: 'deferred', error: misconfigured },
    { type: 'contact.held', at, worker, until: at + MINUTE, service: 'LLM' },
    { type: 'contact.held', at, worker, until: at + SECOND, service: null },
  ];
};

/** Workers send one result each, and then are no more. */
export const campaignModel: Model<typeof campaignMachine> = {
  machine: campaignMachine,
  explored: [input(3, 2), input(1, 4), input(0, 2)],
  // Without contacts, a campaign that is resumed runs for ever.
  walked: [input(3, 2), input(1, 4), input(20, 4), input(60, 1)],

  events: ({ context, children }, at) => {
    const commands: CampaignEvent[] = (['pause', 'stop', 'resume', 'resume'] as const).map(
      (verb) => ({ type: `campaign.${verb}`, at, by: 'cli' }),
    );
    const workers = Object.keys(children).filter((id) => id.startsWith('worker:'));
    const dueAt = context.dueAt === null ? [] : [Math.max(at, context.dueAt)];
    return [
      { type: 'campaign.begin', at },
      ...workers.flatMap((id) => byWorker(Number(id.slice('worker:'.length)), at)),
      ...commands,
      ...dueAt.map((due) => ({ type: 'timer.fired' as const, at: due })),
      { type: 'resumed', at, downMs: MINUTE },
    ];
  },

  fingerprint: ({ value, context: { queued, active, pausedBy, dueAt } }) => [
    value,
    queued,
    active,
    pausedBy === null,
    dueAt === null,
  ],

  check: ({ before, after }) => {
    const { total, concurrency, queued, active, workers, ended, dueAt, pausedBy } = after.context;
    const counts = [queued, active, ...Object.values(ended)];
    const endedInAll = Object.values(ended).reduce((sum, count) => sum + count, 0);
    assert.equal(queued + active + endedInAll, total, 'every contact is somewhere');
    assert.ok(Math.min(...counts) >= 0, 'no count below zero');
    assert.ok(active <= concurrency, 'no more workers than allowed');
    const atWork = Object.keys(after.children).filter((id) => id !== 'timer');
    assert.equal(atWork.length, active, 'as many workers as are counted');
    assert.ok(workers >= before.context.workers, 'no number is given twice');
    if (after.value === 'running') {
      assert.equal(active, Math.min(concurrency, active + queued), 'full while there is work');
      assert.ok(active > 0, 'somebody works');
      assert.equal(pausedBy, null);
    }
    assert.ok(after.value !== 'holding' || dueAt !== null, 'holds until a moment');
    assert.equal(after.value === 'done', endedInAll === total, 'done when all have ended');
    assert.equal(after.status === 'done', after.value === 'done');
  },
};
