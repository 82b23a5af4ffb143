import { describe, expect, test } from 'vitest';
import { FaultPlan, type FaultRule } from '../../../scenarios/world/fault-plan.ts';
import { randomFor } from '../../../scenarios/world/random.ts';
import { openWorld, speak } from './support.ts';

function planOf(...rules: FaultRule[]): FaultPlan {
  const plan = new FaultPlan(randomFor(7, 'test'));
  plan.replace(rules);
  return plan;
}

const RESET = { reset: true } as const;
const HTML = { html: true } as const;

describe('the first rule that applies decides', () => {
  test('until it is used up', () => {
    const plan = planOf({ fault: RESET, times: 2 }, { fault: HTML });
    const drawn = [1, 2, 3].map(() => plan.draw('work', 0).fault);
    expect(drawn).toEqual([RESET, RESET, HTML]);
  });

  test('by the kind of the request', () => {
    const plan = planOf({ fault: RESET, match: 'work' }, { fault: HTML, match: 'health' });
    expect(plan.draw('work', 0).fault).toBe(RESET);
    expect(plan.draw('health', 0).fault).toBe(HTML);
    expect(plan.draw('other', 0).fault).toBeNull();
    expect(planOf({ fault: RESET }).draw('other', 0).fault).toBe(RESET);
  });

  test('from its beginning up to its end', () => {
    const plan = planOf({ fault: RESET, from: 100, until: 200 });
    const drawn = [99, 100, 199, 200].map((at) => plan.draw('work', at).fault);
    expect(drawn).toEqual([null, RESET, RESET, null]);
  });

  test('after latency, which adds up', () => {
    const plan = planOf(
      { fault: { latencyMs: 10 } },
      { fault: { latencyMs: 5 } },
      { fault: { latencyMs: 3, after: true } },
      { fault: RESET },
      { fault: { latencyMs: 1000 } },
    );
    expect(plan.draw('work', 0)).toEqual({ fault: RESET, beforeMs: 15, afterMs: 3 });
  });

  test('as often as its chance says, the same for the same seed', () => {
    const draws = (): number[] => {
      const plan = planOf({ fault: RESET, chance: 0.3 });
      return Array.from({ length: 1000 }, () => (plan.draw('work', 0).fault ? 1 : 0));
    };
    const count = draws().filter(Boolean).length;
    expect(count).toBeGreaterThan(250);
    expect(count).toBeLessThan(350);
    expect(draws()).toEqual(draws());
    expect(planOf({ fault: RESET, chance: 0 }).draw('work', 0).fault).toBeNull();
  });
});

describe('a chance that changes with the time', () => {
  const hill = [
    [60_000, 0],
    [120_000, 1],
    [180_000, 1],
    [240_000, 0.2],
  ] as const;

  /** How many of a thousand requests at that moment go wrong. */
  const failuresAt = (elapsedMs: number): number => {
    const plan = planOf({ fault: RESET, chance: hill });
    const draws = Array.from({ length: 1000 }, () => plan.draw('work', elapsedMs).fault);
    return draws.filter(Boolean).length;
  };

  test('rises and falls in straight lines, and stays as it is at both ends', () => {
    expect([0, 60_000, 120_000, 150_000, 180_000].map(failuresAt)).toEqual([
      0, 0, 1000, 1000, 1000,
    ]);
    expect(failuresAt(90_000)).toBeGreaterThan(450);
    expect(failuresAt(90_000)).toBeLessThan(550);
    expect(failuresAt(210_000)).toBeGreaterThan(550);
    expect(failuresAt(210_000)).toBeLessThan(650);
    for (const later of [240_000, 9_000_000]) {
      expect(failuresAt(later)).toBeGreaterThan(150);
      expect(failuresAt(later)).toBeLessThan(250);
    }
  });

  test('is the same for the same seed', () => {
    expect(failuresAt(100_000)).toBe(failuresAt(100_000));
  });
});

test('a window counts from the start of the world', async () => {
  const opened = await openWorld('in process', {
    plans: { ElevenLabs: [{ fault: { status: 503 }, from: 1_000, until: 2_000 }] },
  });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    statuses.push((await speak(opened)).status);
    await opened.clock.advance(1_000);
  }
  expect(statuses).toEqual([200, 503, 200]);
});

test('a new plan replaces the old one', async () => {
  const opened = await openWorld('in process');
  opened.world.plan('ElevenLabs', [{ fault: { status: 503 } }]);
  expect((await speak(opened)).status).toBe(503);
  opened.world.plan('ElevenLabs', []);
  expect((await speak(opened)).status).toBe(200);
});

test.each<[FaultRule, string]>([
  [{ fault: RESET, times: 0 }, 'times must be a whole number of at least 1 or Infinity, got 0'],
  [{ fault: RESET, from: -1 }, 'from must be at least 0, got -1'],
  [{ fault: RESET, from: 5, until: 5 }, 'until must be more than from, got 5'],
  [{ fault: RESET, chance: 1.5 }, 'chance must be from 0 to 1, got 1.5'],
  [{ fault: RESET, chance: [[0, 2]] }, 'chance must be from 0 to 1, got 2'],
  [{ fault: RESET, chance: [] }, 'chance must have points in order of time, got []'],
  [
    {
      fault: RESET,
      chance: [
        [5, 0],
        [5, 1],
      ],
    },
    'chance must have points in order of time, got [[5,0],[5,1]]',
  ],
  [{ fault: { slowBodyMs: -1 } }, 'slowBodyMs must be a number of at least 0, got -1'],
  [{ fault: RESET, match: 'some' as never }, 'match must be work, health or all, got some'],
  [{ fault: { status: 200 } }, 'status must be a whole number from 400 to 599, got 200'],
  [
    { fault: { status: 503, retryAfterS: -1 } },
    'retryAfterS must be a number of at least 0, got -1',
  ],
  [{ fault: { latencyMs: -1 } }, 'latencyMs must be a number of at least 0, got -1'],
  [{ fault: { hang: 'tail' as never } }, 'hang must be headers or body, got tail'],
])('%j is refused', (rule, message) => {
  expect(() => planOf(rule)).toThrow(new RangeError(message));
});

test.each([{}, { reset: true, cut: true }])('the fault %j is refused', (fault) => {
  expect(() => planOf({ fault: fault as never })).toThrow('fault must be one of');
});
