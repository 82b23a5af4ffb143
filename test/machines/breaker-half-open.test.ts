/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { breakerMachine, defaultBreakerOptions } from '../../machines/breaker.ts';
import {
  claimed,
  configure,
  failed,
  fired,
  halfOpen,
  ignored,
  isolate,
  probing,
  recovered,
  release,
  reset,
  resumed,
  succeeded,
  withProbes,
} from './breaker-story.ts';
import { MINUTE, NOW, SECOND } from './fixtures.ts';
import { untriedTransitions } from './given.ts';

describe('a half-open breaker', () => {
  test('does not admit without a claim', () => {
    expect(halfOpen.snapshot.value).toBe('halfOpen');
    expect(halfOpen.snapshot.hasTag('admits')).toBe(false);
  });

  test('gives its probe to the first who claims it, for a limited time', () => {
    halfOpen.when(claimed('a', NOW + 2 * MINUTE)).thenIt({
      is: 'halfOpen',
      has: { probes: ['a'], dueAt: NOW + 3 * MINUTE, generation: 2 },
      stops: ['timer'],
      starts: { timer: { dueAt: NOW + 3 * MINUTE } },
    });
  });

  test('refuses a claim while its probe is taken', () => {
    probing.when(claimed('b')).thenItIsIgnored();
  });

  test('takes no notice of a success, nor of an end without one, of who holds no probe', () => {
    for (const breaker of [halfOpen, probing]) {
      breaker.when(succeeded(2, 'b')).thenItIsIgnored();
      breaker.when(ignored(2, 'b')).thenItIsIgnored();
      breaker.when(ignored(-1, 'b')).thenItIsIgnored();
    }
  });

  test('closes when its probe succeeds', () => {
    probing.when(succeeded(2, 'a')).thenIt({
      is: 'closed',
      has: { failures: 0, generation: 3, dueAt: null, probes: [], passed: 0 },
    });
  });

  test('opens for the whole time again when its probe fails', () => {
    probing.when(failed(2, NOW + 2 * MINUTE, 'a')).thenIt({
      is: 'open',
      has: { failures: 4, generation: 3, dueAt: NOW + 3 * MINUTE, probes: [] },
      starts: { timer: { dueAt: NOW + 3 * MINUTE } },
    });
  });

  test('frees its probe when the request is nobody’s failure', () => {
    probing.when(ignored(2, 'a')).thenIt({
      is: 'halfOpen',
      has: { probes: [], dueAt: null, generation: 2 },
      starts: { timer: { dueAt: null } },
    });
  });

  test.for([-1, 0, 1])(
    'frees its probe also when the request ended before an answer, of generation %i',
    (generation) => {
      probing.when(ignored(generation, 'a')).thenIt({
        is: 'halfOpen',
        has: { probes: [], dueAt: null, generation: 2 },
        starts: { timer: { dueAt: null } },
      });
    },
  );

  test('gives a freed probe to the next who claims it', () => {
    probing
      .events(ignored(2, 'a'))
      .when(claimed('b'))
      .thenIt({ is: 'halfOpen', has: { probes: ['b'] } });
  });

  test('opens again when its probe has hung too long', () => {
    probing.when(fired(NOW + 2 * MINUTE)).thenIt({
      is: 'open',
      has: { failures: 4, generation: 3, dueAt: NOW + 3 * MINUTE, probes: [] },
    });
  });

  test.for([0, 1])('takes no notice of a late result of generation %i', (generation) => {
    for (const event of [failed(generation), succeeded(generation), ignored(generation)]) {
      probing.when(event).thenItIsIgnored();
    }
  });

  test('takes no notice of its hung probe when that ends after all', () => {
    probing
      .events(fired(NOW + 2 * MINUTE))
      .when(succeeded(2, 'a'))
      .thenItIsIgnored();
  });

  test('closes when its service has recovered', () => {
    probing
      .when(recovered())
      .thenIt({ is: 'closed', has: { failures: 0, generation: 3, probes: [], dueAt: null } });
  });

  test('closes at a reset', () => {
    probing
      .when(reset())
      .thenIt({ is: 'closed', has: { failures: 0, generation: 3, probes: [], dueAt: null } });
  });

  test('is isolated as an open one whose time has come', () => {
    probing.when(isolate(NOW + MINUTE + 1)).thenIt({
      is: 'isolated',
      has: { isolatedFrom: 'open', dueAt: NOW + MINUTE + 1, probes: [], passed: 0, generation: 3 },
    });
  });

  test('frees its probes after a restart, and disowns those who held them', () => {
    const restarted = probing.when(resumed());
    restarted.thenIt({
      is: 'halfOpen',
      has: { probes: [], passed: 0, dueAt: null, generation: 3 },
      starts: { timer: { dueAt: null } },
    });
    probing.events(resumed()).when(succeeded(2, 'a')).thenItIsIgnored();
    probing
      .events(resumed())
      .when(failed(2, NOW, 'a'))
      .thenItIsIgnored();
  });

  test('takes new options without losing its probe', () => {
    probing
      .when(configure({ openForMs: SECOND }))
      .thenIt({ is: 'halfOpen', has: { probes: ['a'], dueAt: NOW + 2 * MINUTE }, stops: [] });
  });

  test('takes no notice of a release', () => {
    probing.when(release()).thenItIsIgnored();
  });
});

describe('a half-open breaker with several probes', () => {
  const three = withProbes(3).events(claimed('a'), claimed('b', NOW + SECOND));

  test('gives out as many as it has, and no more', () => {
    three
      .when(claimed('c', NOW + 2 * SECOND))
      .thenIt({ is: 'halfOpen', has: { probes: ['a', 'b', 'c'] } });
    three.events(claimed('c')).when(claimed('d')).thenItIsIgnored();
  });

  test('gives nobody two of them', () => {
    three.when(claimed('a', NOW + 2 * SECOND)).thenItIsIgnored();
    three.events(succeeded(2, 'a')).when(succeeded(2, 'a')).thenItIsIgnored();
  });

  test('closes at new options when as many have succeeded as those ask for', () => {
    three
      .events(succeeded(2, 'a'))
      .when(configure({ halfOpenProbes: 1 }))
      .thenIt({
        is: 'closed',
        has: {
          failures: 0,
          probes: [],
          passed: 0,
          dueAt: null,
          generation: 3,
          options: { ...defaultBreakerOptions, halfOpenProbes: 1 },
        },
        stops: ['timer'],
      });
  });

  test('waits on at new options that ask for more than have succeeded', () => {
    const fewer = configure({ halfOpenProbes: 2 });
    three
      .events(succeeded(2, 'a'))
      .when(fewer)
      .thenIt({ is: 'halfOpen', has: { probes: ['b'], passed: 1 }, stops: [] });
    three
      .events(succeeded(2, 'a'), fewer)
      .when(succeeded(2, 'b'))
      .thenIt({ is: 'closed', has: { generation: 3 } });
  });

  test('waits for the others when one succeeds', () => {
    three.when(succeeded(2, 'a')).thenIt({
      is: 'halfOpen',
      has: { probes: ['b'], passed: 1, dueAt: NOW + SECOND + MINUTE, generation: 2 },
      starts: { timer: { dueAt: NOW + SECOND + MINUTE } },
    });
  });

  test('does not give out a probe that has succeeded', () => {
    three.events(claimed('c'), succeeded(2, 'a')).when(claimed('d')).thenItIsIgnored();
  });

  test('waits for nobody when those under way have succeeded and one is left', () => {
    three
      .events(succeeded(2, 'a'))
      .when(succeeded(2, 'b'))
      .thenIt({ is: 'halfOpen', has: { probes: [], passed: 2, dueAt: null } });
  });

  test('closes when all have succeeded', () => {
    three
      .events(succeeded(2, 'a'), succeeded(2, 'b'), claimed('c'))
      .when(succeeded(2, 'c'))
      .thenIt({ is: 'closed', has: { failures: 0, passed: 0, generation: 3 } });
  });

  test('opens again when one fails, whatever the others did', () => {
    three
      .events(succeeded(2, 'a'))
      .when(failed(2, NOW + 2 * SECOND, 'b'))
      .thenIt({ is: 'open', has: { passed: 0, probes: [], dueAt: NOW + 2 * SECOND + MINUTE } });
  });

  test('still watches the others when one is freed', () => {
    three
      .when(ignored(2, 'a'))
      .thenIt({ is: 'halfOpen', has: { probes: ['b'], passed: 0, dueAt: NOW + SECOND + MINUTE } });
  });

  test('forgets those that have succeeded when it is isolated', () => {
    three
      .events(succeeded(2, 'a'))
      .when(isolate())
      .thenIt({ is: 'isolated', has: { probes: [], passed: 0 } });
  });

  test('begins them all anew after a restart', () => {
    three
      .events(succeeded(2, 'a'))
      .when(resumed())
      .thenIt({ is: 'halfOpen', has: { probes: [], passed: 0, generation: 3 } });
  });
});

test('every transition of a half-open breaker has a sentence above', () => {
  expect(untriedTransitions(breakerMachine, ['breaker.halfOpen'])).toEqual([]);
});
