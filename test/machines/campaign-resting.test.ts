/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { campaignMachine } from '../../machines/campaign.ts';
import {
  begin,
  campaign,
  configure,
  decided,
  dropped,
  fired,
  held,
  holding,
  none,
  pause,
  paused,
  resume,
  resumed,
  running,
  settled,
  stop,
  stopped,
  tryAgain,
  undecided,
  worker,
} from './campaign-story.ts';
import { MINUTE, NOW, SECOND, misconfigured, unauthorised, unavailable } from './fixtures.ts';
import { untriedTransitions } from './given.ts';

describe('a contact that a person leaves out', () => {
  test('is skipped, and no longer waits', () => {
    const has = { queued: 2, ended: { ...none, skipped: 1 } };
    paused.when(dropped).thenIt({ is: 'paused', has });
  });

  test('ends the campaign when it was the last', () => {
    const has = { queued: 0, dueAt: null, ended: { ...none, skipped: 1 } };
    campaign({ total: 1 }).events(begin, held(0)).when(dropped).thenIt({ is: 'done', has });
  });

  test('leaves those to decide of whom nobody knows', () => {
    campaign({ total: 2 })
      .events(begin, settled(0, 'unknown'), settled(1, 'deferred', misconfigured))
      .when(dropped)
      .thenIt({ is: 'undecided', has: { pausedBy: null, queued: 0 } });
  });

  test('is nobody when nobody waits', () => {
    campaign({ total: 1 }).events(begin).when(dropped).thenItIsIgnored();
  });
});

describe('a holding campaign', () => {
  test('goes on when the service that it waits for is available', () => {
    holding.when({ type: 'service.available', at: NOW, service: 'LLM' }).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, workers: 3, dueAt: null, heldBy: null },
      stops: ['timer'],
      starts: worker(2),
    });
  });

  test('waits on when another service is available', () => {
    holding.when({ type: 'service.available', at: NOW, service: 'CRM' }).thenItIsIgnored();
  });

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

  test('holds for less time when another worker finds something due earlier', () => {
    holding.when(held(1, NOW + SECOND, 'Telephony')).thenIt({
      is: 'holding',
      has: { queued: 5, active: 0, dueAt: NOW + SECOND, heldBy: 'Telephony' },
      stops: ['timer', 'worker:1'],
      starts: { timer: { dueAt: NOW + SECOND } },
    });
  });

  test('goes on when a contact that is put back is due earlier', () => {
    holding.when(settled(1, 'deferred', null, { until: NOW + SECOND })).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, workers: 4, dueAt: null, heldBy: null },
      stops: ['timer', 'worker:1'],
      starts: { ...worker(2), ...worker(3) },
    });
  });

  test.for([
    ['when it holds no longer', { until: NOW + MINUTE }],
    ['nobody knows when', {}],
  ] as const)('holds on when a contact that is put back is due %s', ([, more]) => {
    holding.when(settled(1, 'deferred', unavailable, more)).thenIt({
      is: 'holding',
      has: { queued: 5, active: 0, dueAt: NOW + MINUTE, heldBy: 'LLM' },
      stops: ['worker:1'],
      starts: {},
    });
  });

  test('pauses at an error that every contact would meet, and waits for nothing else', () => {
    holding.when(settled(1, 'deferred', unauthorised)).thenIt({
      is: 'paused',
      has: { pausedBy: unauthorised, pauses: 1, queued: 5, dueAt: null, heldBy: null },
      stops: ['timer', 'worker:1'],
    });
  });

  test('waits for nothing any more when it is paused or stopped', () => {
    const has = { dueAt: null, heldBy: null };
    holding.when(pause).thenIt({ is: 'paused', has, stops: ['timer'] });
    holding.when(stop).thenIt({ is: 'stopped', has, stops: ['timer'] });
  });

  test('goes by a new concurrency when it tries again', () => {
    holding
      .when(configure(4))
      .thenIt({ is: 'holding', has: { concurrency: 4, active: 1 }, starts: {} });
    holding
      .events(configure(4))
      .when(fired)
      .thenIt({ is: 'running', has: { active: 4, queued: 1 } });
  });

  const doubtful = running.events(settled(1, 'unknown'), held(0));

  test('goes on when a person has an unknown contact called again', () => {
    doubtful.when(decided('retry')).thenIt({
      is: 'running',
      has: { queued: 3, active: 2, ended: none, dueAt: null, heldBy: null },
      stops: ['timer'],
      starts: { ...worker(3) },
    });
  });

  test.for([
    ['answered', { completed: 1 }],
    ['skip', { skipped: 1 }],
  ] as const)('holds on when a person settles an unknown contact: %s', ([verdict, counts]) => {
    doubtful
      .when(decided(verdict))
      .thenIt({ is: 'holding', has: { dueAt: NOW + MINUTE, ended: { ...none, ...counts } } });
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

  test('waits for a person when the last one under way is unknown', () => {
    const last = campaign({ total: 1 }).events(begin, is === 'paused' ? pause : stop);
    last.when(settled(0, 'unknown')).thenIt({ is: 'undecided', has: { active: 0 } });
  });

  test('puts an unknown contact back that a person wants called again, and starts nobody', () => {
    resting
      .events(settled(0, 'unknown'))
      .when(decided('retry'))
      .thenIt({ is, has: { queued: 4, active: 1, ended: none }, starts: {} });
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
    const has = { pausedBy: unauthorised, haltedBy: 'cli' };
    blamed.when(pause).thenIt({ is: 'paused', has });
  });

  test('counts one pause when others under way meet such an error too', () => {
    blamed.when(settled(1, 'deferred', misconfigured)).thenIt({
      is: 'paused',
      has: { pausedBy: unauthorised, pauses: 1, active: 0, queued: 5 },
      stops: ['worker:1'],
    });
  });

  test('forgets its pauses when one under way ends, not what it paused for', () => {
    blamed
      .when(settled(1))
      .thenIt({ is: 'paused', has: { pausedBy: unauthorised, pauses: 0, active: 0 } });
  });

  test('goes on with its trial when it is resumed', () => {
    blamed
      .events(tryAgain, settled(1, 'deferred', unauthorised))
      .when(resume)
      .thenIt({
        is: 'running',
        has: { isTrial: true, active: 1, pausedBy: null },
        starts: worker(2),
      });
  });

  test('forgives when it is resumed', () => {
    blamed
      .when(resume)
      .thenIt({ is: 'running', has: { pausedBy: null, active: 2, isTrial: false } });
  });

  test('forgives when it was stopped meanwhile', () => {
    blamed
      .events(stop)
      .when(resume)
      .thenIt({ is: 'running', has: { pausedBy: null, active: 2 } });
  });

  test('goes by a new concurrency when it is resumed', () => {
    paused.when(configure(4)).thenIt({ is: 'paused', has: { concurrency: 4 }, starts: {} });
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
  test('stays stopped when somebody under way meets an error that every contact would meet', () => {
    stopped.when(settled(0, 'deferred', unauthorised)).thenIt({
      is: 'stopped',
      has: { pausedBy: null, pauses: 0, queued: 4, active: 1 },
      stops: ['worker:0'],
    });
  });

  test('can be paused', () => {
    stopped.when(pause).thenIt({ is: 'paused' });
  });

  test('is done when its last contact ends', () => {
    campaign({ total: 1 }).events(begin, stop).when(settled(0)).thenIt({ is: 'done' });
  });

  test('can be stopped again', () => {
    stopped.when(stop).thenIt({ is: 'stopped', has: { active: 2 } });
  });
});

describe('an undecided campaign', () => {
  test.for([
    ['answered', { completed: 2 }],
    ['skip', { completed: 1, skipped: 1 }],
  ] as const)('is done when its last doubt is settled: %s', ([verdict, counts]) => {
    undecided
      .when(decided(verdict))
      .thenIt({ is: 'done', has: { active: 0, ended: { ...none, ...counts } } });
  });

  test('stays while another contact is in doubt', () => {
    campaign({ total: 2 })
      .events(begin, settled(0, 'unknown'), settled(1, 'unknown'))
      .when(decided('skip'))
      .thenIt({ is: 'undecided', has: { ended: { ...none, skipped: 1, unknown: 1 } } });
  });

  test('calls the contact again when a person says so', () => {
    undecided.when(decided('retry')).thenIt({
      is: 'running',
      has: { queued: 0, active: 1, ended: { ...none, completed: 1 } },
      starts: worker(2),
    });
  });

  test.for([pause, stop, resume, resumed])('takes no notice of $type', (event) => {
    expect(undecided.when(event).snapshot).toEqual(undecided.snapshot);
  });
});

test('every transition of a campaign at rest has a sentence above', () => {
  const untried = untriedTransitions(campaignMachine, [
    'campaign on',
    'campaign.holding',
    'campaign.paused',
    'campaign.stopped',
    'campaign.undecided',
  ]);
  expect(untried).toEqual([]);
});
