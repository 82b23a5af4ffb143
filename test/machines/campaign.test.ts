/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { campaignMachine } from '../../machines/campaign.ts';
import {
  begin,
  campaign,
  configure,
  decided,
  fired,
  held,
  none,
  pause,
  paused,
  ready,
  resume,
  resumed,
  running,
  settled,
  stop,
  tryAgain,
  worker,
} from './campaign-story.ts';
import { MINUTE, NOW, invalid, misconfigured, unauthorised, unavailable } from './fixtures.ts';
import { untriedTransitions } from './given.ts';

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
      pauses: 0,
      isTrial: false,
      haltedBy: null,
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

  test('is done after such a crash when it has no contact', () => {
    campaign({ total: 0 }).when(resumed).thenIt({ is: 'done', starts: {} });
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
      has: { queued: 4, active: 1, pausedBy: error, pauses: 1, ended: none },
      stops: ['worker:0'],
      starts: {},
    });
  });

  test('goes on after an error of one contact only', () => {
    running
      .when(settled(0, 'failed', invalid))
      .thenIt({ is: 'running', has: { pausedBy: null, active: 2 } });
  });

  test('pauses also when the contact that met an error of the account has ended', () => {
    running
      .when(settled(0, 'unknown', unauthorised))
      .thenIt({ is: 'paused', has: { pausedBy: unauthorised, pauses: 1, active: 1 } });
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
    const has = { active: 2, pausedBy: null, haltedBy: 'cli' };
    running.when(pause).thenIt({ is: 'paused', has, stops: [] });
    running.when(stop).thenIt({ is: 'stopped', has, stops: [] });
  });

  test('waits for a person when of its last contacts one is unknown', () => {
    const two = campaign({ total: 2 }).events(begin);
    const has = { queued: 0, active: 0, ended: { ...none, completed: 1, unknown: 1 } };
    two.events(settled(0, 'unknown')).when(settled(1)).thenIt({ is: 'undecided', has });
    two.events(settled(0)).when(settled(1, 'unknown')).thenIt({ is: 'undecided', has });
  });

  test.for([
    ['answered', { completed: 1 }],
    ['skip', { skipped: 1 }],
  ] as const)('counts an unknown contact anew that a person settles: %s', ([verdict, counts]) => {
    running
      .events(settled(0, 'unknown'))
      .when(decided(verdict))
      .thenIt({ is: 'running', has: { queued: 2, active: 2, ended: { ...none, ...counts } } });
  });

  test('calls an unknown contact again when a person says so', () => {
    campaign({ total: 2 })
      .events(begin, settled(0, 'unknown'))
      .when(decided('retry'))
      .thenIt({
        is: 'running',
        has: { queued: 0, active: 2, ended: none },
        starts: worker(2),
      });
  });

  test('lets a person settle nobody when nobody is unknown', () => {
    running.when(decided('retry')).thenItIsIgnored();
  });

  test('fills up when more may work at the same time', () => {
    running.when(configure(4)).thenIt({
      is: 'running',
      has: { concurrency: 4, queued: 1, active: 4 },
      stops: [],
      starts: { ...worker(2), ...worker(3) },
    });
  });

  test('lets its workers finish when fewer may work at the same time', () => {
    running
      .when(configure(1))
      .thenIt({ is: 'running', has: { concurrency: 1, active: 2 }, stops: [], starts: {} });
    running
      .events(configure(1))
      .when(settled(0))
      .thenIt({ is: 'running', has: { active: 1, queued: 3 }, starts: {} });
  });

  test.for([begin, resume, resumed, fired])('takes no notice of $type', (event) =>
    running.when(event).thenItIsIgnored(),
  );
});

describe('a campaign on trial after a pause', () => {
  const emptied = running.events(
    settled(0, 'deferred', unauthorised),
    settled(1, 'deferred', unauthorised),
  );
  const onTrial = emptied.events(tryAgain);

  test('lets one contact go alone', () => {
    emptied.when(tryAgain).thenIt({
      is: 'running',
      has: { isTrial: true, active: 1, queued: 4, pausedBy: null, pauses: 1 },
      starts: worker(2),
    });
  });

  test('lets nobody go while one is still under way', () => {
    paused
      .events(settled(0))
      .when(tryAgain)
      .thenIt({ is: 'running', has: { isTrial: true, active: 1 }, starts: {} });
  });

  test('fills up when the contact has ended', () => {
    onTrial.when(settled(2)).thenIt({
      is: 'running',
      has: { isTrial: false, pauses: 0, active: 2, queued: 2 },
      stops: ['worker:2'],
      starts: { ...worker(3), ...worker(4) },
    });
  });

  test('pauses again at the same error, for the second time', () => {
    onTrial.when(settled(2, 'deferred', unauthorised)).thenIt({
      is: 'paused',
      has: { pausedBy: unauthorised, pauses: 2, active: 0, queued: 5 },
      starts: {},
    });
  });

  test('fills up also when the contact has failed', () => {
    onTrial
      .when(settled(2, 'failed', invalid))
      .thenIt({ is: 'running', has: { isTrial: false, pauses: 0, active: 2 } });
  });

  test.for(['skipped', 'unknown'] as const)(
    'lets the next one go alone when the first is %s, and forgets the pauses',
    (status) => {
      onTrial.when(settled(2, status)).thenIt({
        is: 'running',
        has: { isTrial: true, pauses: 0, active: 1, ended: { ...none, [status]: 1 } },
        starts: worker(3),
      });
    },
  );

  test('stays on trial when a person pauses and resumes it', () => {
    onTrial
      .events(pause)
      .when(resume)
      .thenIt({ is: 'running', has: { isTrial: true, active: 1 }, starts: {} });
  });

  test('lets the next one go alone when the first is deferred for another reason', () => {
    onTrial
      .when(settled(2, 'deferred', unavailable))
      .thenIt({ is: 'running', has: { isTrial: true, active: 1, pauses: 1 }, starts: worker(3) });
  });

  test('lets one go alone also when it has held meanwhile', () => {
    onTrial
      .events(held(2))
      .when(fired)
      .thenIt({ is: 'running', has: { isTrial: true, active: 1 }, starts: worker(3) });
  });

  test('does not fill up at a new concurrency', () => {
    onTrial
      .when(configure(4))
      .thenIt({ is: 'running', has: { concurrency: 4, active: 1 }, starts: {} });
  });

  test('is done when the contact was the last', () => {
    campaign({ total: 1 })
      .events(begin, settled(0, 'deferred', unauthorised), tryAgain)
      .when(settled(1))
      .thenIt({ is: 'done', has: { active: 0 } });
  });
});

test('every transition of a campaign at work has a sentence above', () => {
  expect(untriedTransitions(campaignMachine, ['campaign.ready', 'campaign.running'])).toEqual([]);
});
