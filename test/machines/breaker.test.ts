/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { breakerMachine, defaultBreakerOptions } from '../../machines/breaker.ts';
import {
  breaker,
  claimed,
  closed,
  configure,
  failed,
  fired,
  ignored,
  isolate,
  open,
  probing,
  recovered,
  release,
  reset,
  resumed,
  succeeded,
} from './breaker-story.ts';
import { MINUTE, NOW, SECOND } from './fixtures.ts';
import { untriedTransitions } from './given.ts';

describe('a closed breaker', () => {
  test('lets requests through, and knows of no failure', () => {
    expect(closed.snapshot.value).toBe('closed');
    expect(closed.snapshot.hasTag('admits')).toBe(true);
    expect(closed.snapshot.context).toEqual({
      service: 'ElevenLabs',
      options: defaultBreakerOptions,
      failures: 0,
      generation: 0,
      dueAt: null,
      probes: [],
      passed: 0,
      isolatedFrom: null,
    });
  });

  test('counts a failure', () => {
    closed.when(failed(0)).thenIt({ is: 'closed', has: { failures: 1, generation: 0 } });
  });

  test('opens for a minute at the third failure in a row', () => {
    closed
      .events(failed(0), failed(0))
      .when(failed(0, NOW + SECOND))
      .thenIt({
        is: 'open',
        has: { failures: 3, generation: 1, dueAt: NOW + SECOND + MINUTE },
        starts: { timer: { dueAt: NOW + SECOND + MINUTE } },
      });
  });

  test('opens at the first failure when that is the threshold', () => {
    breaker({ failureThreshold: 1 })
      .when(failed(0))
      .thenIt({ is: 'open', has: { failures: 1 } });
  });

  test('forgets a streak at a success', () => {
    closed
      .events(failed(0), failed(0))
      .when(succeeded(0))
      .thenIt({ is: 'closed', has: { failures: 0, generation: 0 } });
  });

  test('counts failures in a row only', () => {
    closed
      .events(failed(0), failed(0), succeeded(0), failed(0))
      .when(failed(0))
      .thenIt({ is: 'closed', has: { failures: 2 } });
  });

  test('does not count a request that is nobody’s failure', () => {
    closed.events(failed(0), failed(0)).when(ignored(0)).thenItIsIgnored();
  });

  test('takes no notice of a success when nothing has failed', () => {
    closed.when(succeeded(0)).thenItIsIgnored();
  });

  test.for([
    ['failure', failed(0)],
    ['success', succeeded(0)],
  ] as const)('takes no notice of a %s from before a reset', ([, event]) => {
    closed.events(reset(), failed(1), failed(1)).when(event).thenItIsIgnored();
  });

  test('forgets a streak at a reset, and everything under way', () => {
    closed
      .events(failed(0), failed(0))
      .when(reset())
      .thenIt({ is: 'closed', has: { failures: 0, generation: 1 } });
  });

  test('has changed after a reset, also when nothing was wrong', () => {
    closed.when(reset()).thenIt({ is: 'closed', has: { generation: 1 } });
  });

  test('can be isolated', () => {
    closed.when(isolate()).thenIt({
      is: 'isolated',
      has: { generation: 1, isolatedFrom: 'closed', dueAt: null },
      starts: {},
    });
  });

  test('goes by new options from the next failure on', () => {
    const reconfigured = closed.events(failed(0));
    reconfigured
      .when(configure({ failureThreshold: 2 }))
      .thenIt({ is: 'closed', has: { failures: 1, generation: 0 } });
    reconfigured
      .events(configure({ failureThreshold: 2, openForMs: SECOND }))
      .when(failed(0))
      .thenIt({ is: 'open', has: { dueAt: NOW + SECOND } });
  });

  test.for([claimed(), recovered(), fired(), release(), resumed()])(
    'takes no notice of $type',
    (event) => closed.events(failed(0), failed(0)).when(event).thenItIsIgnored(),
  );
});

describe('an open breaker', () => {
  test('lets nothing through', () => {
    expect(open.snapshot.value).toBe('open');
    expect(open.snapshot.hasTag('admits')).toBe(false);
  });

  test('lets a probe through when its time has come', () => {
    open.when(fired(NOW + MINUTE)).thenIt({
      is: 'halfOpen',
      has: { generation: 2, dueAt: null, probes: [], passed: 0, failures: 3 },
      stops: ['timer'],
      starts: { timer: { dueAt: null } },
    });
  });

  test.for([0, 1])('takes no notice of a late result of generation %i', (generation) => {
    for (const event of [failed(generation), succeeded(generation), ignored(generation)]) {
      open.when(event).thenItIsIgnored();
    }
  });

  test('has opened once, and for no longer, after six failures at the same time', () => {
    const late = open.events(failed(0, NOW + 1), failed(0, NOW + 2), failed(0, NOW + 3));
    expect(late.snapshot.context).toMatchObject({ failures: 3, generation: 1 });
    late.when(fired(NOW + MINUTE)).thenIt({ is: 'halfOpen' });
  });

  test('closes when its service has recovered', () => {
    open.when(recovered()).thenIt({
      is: 'closed',
      has: { failures: 0, generation: 2, dueAt: null },
      stops: ['timer'],
    });
  });

  test('closes at a reset', () => {
    open.when(reset()).thenIt({
      is: 'closed',
      has: { failures: 0, generation: 2, dueAt: null },
      stops: ['timer'],
    });
  });

  test('keeps its due time when it is isolated, but not its timer', () => {
    open.when(isolate()).thenIt({
      is: 'isolated',
      has: { generation: 2, isolatedFrom: 'open', dueAt: NOW + MINUTE },
      stops: ['timer'],
      starts: {},
    });
  });

  test('stays open as long as it was told when it opened', () => {
    open
      .when(configure({ openForMs: SECOND }))
      .thenIt({ is: 'open', has: { dueAt: NOW + MINUTE }, stops: [], starts: {} });
  });

  test.for([claimed(), release(), resumed()])('takes no notice of $type', (event) =>
    open.when(event).thenItIsIgnored(),
  );
});

describe('an isolated breaker', () => {
  const isolatedOpen = open.events(isolate());

  test('lets nothing through', () => {
    const { snapshot } = closed.events(isolate());
    expect(snapshot.value).toBe('isolated');
    expect(snapshot.hasTag('admits')).toBe(false);
  });

  test.for([recovered(), fired(), claimed(), isolate(), resumed(), failed(2), succeeded(2)])(
    'takes no notice of $type',
    (event) => isolatedOpen.when(event).thenItIsIgnored(),
  );

  test('takes no notice of a request that was under way', () => {
    closed.events(isolate()).when(failed(0)).thenItIsIgnored();
  });

  test('closes when it is released and was closed', () => {
    closed
      .events(failed(0), failed(0), isolate())
      .when(release())
      .thenIt({ is: 'closed', has: { failures: 0, generation: 2, isolatedFrom: null } });
  });

  test('opens for the time that was left when it is released and was open', () => {
    isolatedOpen.when(release(NOW + SECOND)).thenIt({
      is: 'open',
      has: { dueAt: NOW + MINUTE, generation: 3, isolatedFrom: null, failures: 3 },
      starts: { timer: { dueAt: NOW + MINUTE } },
    });
  });

  test('tries its service at once when it is released and was half-open', () => {
    probing
      .events(isolate(NOW + MINUTE + 1))
      .when(release(NOW + 2 * MINUTE))
      .thenIt({
        is: 'open',
        has: { dueAt: NOW + MINUTE + 1 },
        starts: { timer: { dueAt: NOW + MINUTE + 1 } },
      });
  });

  test('closes at a reset', () => {
    isolatedOpen.when(reset()).thenIt({
      is: 'closed',
      has: { failures: 0, generation: 3, dueAt: null, isolatedFrom: null },
    });
  });

  test('takes new options and stays isolated', () => {
    isolatedOpen.when(configure({ openForMs: SECOND })).thenIt({
      is: 'isolated',
      has: { options: { ...defaultBreakerOptions, openForMs: SECOND } },
    });
  });
});

test('every transition of these states has a sentence above', () => {
  expect(
    untriedTransitions(breakerMachine, [
      'breaker on',
      'breaker.closed',
      'breaker.open',
      'breaker.isolated',
    ]),
  ).toEqual([]);
});
