/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import {
  campaignMachine,
  type CampaignEvent,
  type CampaignInput,
  type ContactStatus,
} from '../../machines/campaign.ts';
import type { Failure } from '../../machines/results.ts';
import { MINUTE, NOW, invalid, misconfigured, unauthorised, unavailable } from './fixtures.ts';
import { given, untriedTransitions } from './given.ts';

const begin: CampaignEvent = { type: 'campaign.begin', at: NOW };
const resumed: CampaignEvent = { type: 'resumed', at: NOW, downMs: MINUTE };
const fired: CampaignEvent = { type: 'timer.fired', at: NOW + MINUTE };
const command = (verb: 'pause' | 'stop' | 'resume'): CampaignEvent => ({
  type: `campaign.${verb}`,
  at: NOW,
  by: 'cli',
});
const pause = command('pause');
const stop = command('stop');
const resume = command('resume');
const settled = (
  worker: number,
  status: ContactStatus = 'completed',
  error: Failure | null = null,
): CampaignEvent => ({
  type: 'contact.settled',
  at: NOW,
  worker,
  contact: `contact-${worker}`,
  status,
  error,
});
const held = (
  worker: number,
  until = NOW + MINUTE,
  service: string | null = 'LLM',
): CampaignEvent => ({ type: 'contact.held', at: NOW, worker, until, service });

const campaign = (more: Partial<CampaignInput> = {}) =>
  given(campaignMachine, { id: 'campaign:spring-list', total: 5, concurrency: 2, ...more });
const worker = (number: number) => ({
  [`worker:${number}`]: { campaign: 'campaign:spring-list', worker: number },
});
const none = { completed: 0, failed: 0, skipped: 0, unknown: 0 };

const ready = campaign();
const running = ready.events(begin);
const holding = running.events(held(0));
const paused = running.events(pause);
const stopped = running.events(stop);

describe('a ready campaign', () => {
  test('has all its contacts in the queue', () => {
    expect(ready.snapshot.value).toBe('ready');
    expect(ready.snapshot.context).toEqual({
      id: 'campaign:spring-list',
      total: 5,
      concurrency: 2,
      queued: 5,
      active: 0,
      workers: 0,
      ended: none,
      dueAt: null,
      heldBy: null,
      pausedBy: null,
    });
  });

  test('begins with as many workers as may work at the same time', () => {
    ready.when(begin).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, workers: 2 },
      starts: { ...worker(0), ...worker(1) },
    });
  });

  test('begins with fewer workers when there are fewer contacts', () => {
    campaign({ total: 1, concurrency: 4 })
      .when(begin)
      .thenIt({ is: 'running', has: { queued: 0, active: 1 }, starts: worker(0) });
  });

  test('is done at once when it has no contact', () => {
    campaign({ total: 0 }).when(begin).thenIt({ is: 'done', starts: {} });
  });

  test('begins when a crash came before its beginning', () => {
    ready
      .when(resumed)
      .thenIt({ is: 'running', has: { active: 2 }, starts: { ...worker(0), ...worker(1) } });
  });

  test('can be paused and stopped before it has begun', () => {
    ready.when(pause).thenIt({ is: 'paused', has: { queued: 5, active: 0 }, starts: {} });
    ready.when(stop).thenIt({ is: 'stopped', has: { queued: 5, active: 0 }, starts: {} });
  });
});

describe('a running campaign', () => {
  test.for(['completed', 'failed', 'skipped', 'unknown'] as const)(
    'counts a contact that is %s, and takes the next one',
    (status) => {
      running.when(settled(0, status)).thenIt({
        is: 'running',
        has: { queued: 2, active: 2, workers: 3, ended: { ...none, [status]: 1 } },
        stops: ['worker:0'],
        starts: worker(2),
      });
    },
  );

  test('puts a deferred contact back in the queue', () => {
    running.when(settled(1, 'deferred', unavailable)).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, workers: 3, ended: none },
      stops: ['worker:1'],
      starts: worker(2),
    });
  });

  test('starts nobody when the queue is empty', () => {
    campaign({ total: 2 })
      .events(begin)
      .when(settled(0))
      .thenIt({ is: 'running', has: { queued: 0, active: 1 }, starts: {} });
  });

  test('works on one contact after another when it may work on one only', () => {
    campaign({ concurrency: 1 })
      .events(begin)
      .when(settled(0))
      .thenIt({ is: 'running', has: { queued: 3, active: 1 }, starts: worker(1) });
  });

  test('is done when its last contact has ended', () => {
    const { snapshot, ...then } = campaign({ total: 2 })
      .events(begin, settled(1, 'failed', invalid))
      .when(settled(0));
    then.thenIt({
      is: 'done',
      has: { queued: 0, active: 0, ended: { ...none, completed: 1, failed: 1 } },
      stops: ['worker:0'],
    });
    expect(snapshot.status).toBe('done');
  });

  test('is not done when its last contact is deferred', () => {
    campaign({ total: 1 })
      .events(begin)
      .when(settled(0, 'deferred'))
      .thenIt({ is: 'running', has: { queued: 0, active: 1 }, starts: worker(1) });
  });

  test.for([
    ['account', unauthorised],
    ['config', misconfigured],
  ] as const)('pauses at an error of the %s, which every contact would meet', ([, error]) => {
    running.when(settled(0, 'deferred', error)).thenIt({
      is: 'paused',
      has: { queued: 4, active: 1, pausedBy: error, ended: none },
      stops: ['worker:0'],
      starts: {},
    });
  });

  test('goes on after an error of one contact only', () => {
    running
      .when(settled(0, 'failed', invalid))
      .thenIt({ is: 'running', has: { pausedBy: null, active: 2 } });
  });

  test('goes on when a contact that has ended anyway met an error of the account', () => {
    running
      .when(settled(0, 'unknown', unauthorised))
      .thenIt({ is: 'running', has: { pausedBy: null, active: 2 } });
  });

  test('holds when a worker finds nothing that may be started', () => {
    running.when(held(0)).thenIt({
      is: 'holding',
      has: { queued: 4, active: 1, dueAt: NOW + MINUTE, heldBy: 'LLM' },
      stops: ['worker:0'],
      starts: { timer: { dueAt: NOW + MINUTE } },
    });
  });

  test('holds for no service when contacts are only due later', () => {
    running
      .when(held(0, NOW + 30 * MINUTE, null))
      .thenIt({ is: 'holding', has: { dueAt: NOW + 30 * MINUTE, heldBy: null } });
  });

  test('lets its workers finish when it is paused or stopped', () => {
    running.when(pause).thenIt({ is: 'paused', has: { active: 2, pausedBy: null }, stops: [] });
    running.when(stop).thenIt({ is: 'stopped', has: { active: 2, pausedBy: null }, stops: [] });
  });

  test.for([begin, resume, resumed, fired])('takes no notice of $type', (event) =>
    running.when(event).thenItIsIgnored(),
  );
});

describe('a holding campaign', () => {
  test('tries again when its time has come', () => {
    holding.when(fired).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, workers: 3, dueAt: null, heldBy: null },
      stops: ['timer'],
      starts: worker(2),
    });
  });

  test('starts nobody when a contact has ended', () => {
    holding.when(settled(1)).thenIt({
      is: 'holding',
      has: { queued: 4, active: 0, ended: { ...none, completed: 1 }, dueAt: NOW + MINUTE },
      stops: ['worker:1'],
      starts: {},
    });
  });

  test('holds on when another worker finds nothing either', () => {
    holding.when(held(1, NOW + 2 * MINUTE, 'Telephony')).thenIt({
      is: 'holding',
      has: { queued: 5, active: 0, dueAt: NOW + MINUTE, heldBy: 'LLM' },
      stops: ['worker:1'],
      starts: {},
    });
  });

  test('pauses at an error that every contact would meet', () => {
    holding.when(settled(1, 'deferred', unauthorised)).thenIt({
      is: 'paused',
      has: { pausedBy: unauthorised, queued: 5 },
      stops: ['timer', 'worker:1'],
    });
  });

  test('waits for nothing any more when it is paused or stopped', () => {
    const has = { dueAt: null, heldBy: null };
    holding.when(pause).thenIt({ is: 'paused', has, stops: ['timer'] });
    holding.when(stop).thenIt({ is: 'stopped', has, stops: ['timer'] });
  });

  test('holds on until its moment after a restart', () => {
    holding.when(resumed).thenItIsIgnored();
  });
});

describe.for([
  ['paused', paused],
  ['stopped', stopped],
] as const)('a %s campaign', ([is, resting]) => {
  test('counts a contact that ends, and starts nobody', () => {
    resting.when(settled(0)).thenIt({
      is,
      has: { queued: 3, active: 1, ended: { ...none, completed: 1 } },
      stops: ['worker:0'],
      starts: {},
    });
  });

  test('takes a contact back that was not begun', () => {
    resting
      .when(held(0))
      .thenIt({ is, has: { queued: 4, active: 1, dueAt: null }, stops: ['worker:0'], starts: {} });
  });

  test('fills up when it is resumed', () => {
    resting
      .events(settled(0))
      .when(resume)
      .thenIt({
        is: 'running',
        has: { queued: 2, active: 2, workers: 3, pausedBy: null },
        starts: worker(2),
      });
  });

  test('stays so after a restart', () => {
    resting.when(resumed).thenItIsIgnored();
  });

  test('takes no notice of a beginning', () => {
    resting.when(begin).thenItIsIgnored();
  });
});

describe('a paused campaign', () => {
  const blamed = running.events(settled(0, 'deferred', unauthorised));

  test('remembers what paused it when it is paused again', () => {
    blamed.when(pause).thenIt({ is: 'paused', has: { pausedBy: unauthorised } });
  });

  test('blames the latest error that every contact would meet', () => {
    blamed
      .when(settled(1, 'deferred', misconfigured))
      .thenIt({ is: 'paused', has: { pausedBy: misconfigured, active: 0, queued: 5 } });
  });

  test('forgives when it is resumed', () => {
    blamed.when(resume).thenIt({ is: 'running', has: { pausedBy: null, active: 2 } });
  });

  test('can be stopped', () => {
    paused.when(stop).thenIt({ is: 'stopped' });
  });

  test('is done when its last contacts end', () => {
    campaign({ total: 2 })
      .events(begin, pause, settled(0))
      .when(settled(1))
      .thenIt({ is: 'done', has: { active: 0, ended: { ...none, completed: 2 } } });
  });
});

describe('a stopped campaign', () => {
  test('can be paused', () => {
    stopped.when(pause).thenIt({ is: 'paused' });
  });

  test('can be stopped again', () => {
    stopped.when(stop).thenIt({ is: 'stopped', has: { active: 2 } });
  });
});

test('every transition of a campaign has a sentence above', () => {
  expect(untriedTransitions(campaignMachine)).toEqual([]);
});
