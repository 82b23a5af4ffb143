import { describe, expect, test } from 'vitest';
import { drawPlan } from '../../scenarios/simulation/plan.ts';
import { simulate } from '../../scenarios/simulation/simulate.ts';
import { Watch } from '../../scenarios/simulation/watch.ts';
import type { JournalRecord } from '../../store/record.ts';

const plans = Array.from({ length: 500 }, (_, index) => drawPlan(index + 1));
const lives = plans.flatMap((plan) => plan.lives);

describe('a simulated campaign', () => {
  test.for([3, 17, 60])(
    'writes the same journal twice, seed %i',
    { timeout: 60_000 },
    async (seed) => {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      expect(second).toEqual(first);
      expect(first.records).toBeGreaterThan(50);
      expect(first.snapshots, 'one behind each life').toBeGreaterThan(0);
      expect(first.pruned, 'one of ten').toBe(seed === 60 ? 1 : 0);
    },
  );

  test('meets everything that there is to meet', () => {
    const endings = lives.map(({ ending }) => `${ending.kind} ${'late' in ending && ending.late}`);
    expect(new Set(endings)).toEqual(new Set(['crash true', 'crash false', 'signal false']));
    expect(lives.filter(({ gapMs }) => gapMs < 0).length).toBeGreaterThan(100);
    const faults = lives.flatMap((life) => Object.values(life.faults).flat());
    const kinds = new Set(faults.map(({ fault }) => Object.keys(fault)[0]));
    expect(kinds.size).toBeGreaterThanOrEqual(7);
    const errands = lives.flatMap((life) => life.errands.map(({ type }) => type));
    expect(new Set(errands).size).toBe(5);
    expect(new Set(plans.flatMap(({ outcomes }) => outcomes)).size).toBe(4);
    const loops = plans.filter(({ isCrashLoop }) => isCrashLoop);
    expect(loops).toHaveLength(50);
    for (const loop of loops) expect(loop.lives.length).toBeGreaterThanOrEqual(8);
  });
});

const line = (more: Partial<JournalRecord>): JournalRecord => ({
  v: 1,
  seq: 1,
  at: 1_000,
  actor: 'request:LLM:1',
  machine: 'request',
  event: { type: 'xstate.init' },
  from: null,
  to: 'attempting',
  context: { attempts: 0, retries: 0, policy: { maxRetries: 1 }, dueAt: null },
  crc: '0',
  ...more,
});

/** What a watch has to say of lines that no machine of ours would write. */
function said(...records: readonly Partial<JournalRecord>[]): string {
  const watch = new Watch();
  for (const [index, record] of records.entries()) watch.take(line({ seq: index + 1, ...record }));
  return watch.problems.join('\n');
}

const call = { actor: 'call:0001', machine: 'call' } as const;

describe('what watches a simulated campaign', () => {
  test('says nothing of lines that are as they should be', () => {
    expect(said({}, { from: 'attempting', to: 'waiting', at: 1_001 })).toBe('');
  });

  test.for<[string, RegExp, readonly Partial<JournalRecord>[]]>([
    ['a line that is missing', /comes after 1/, [{}, { seq: 3 }]],
    ['time that goes back', /goes back in time/, [{}, { at: 999, from: 'attempting' }]],
    ['an attempt too many', /3 attempts/, [{}, { from: 'attempting', context: { attempts: 3 } }]],
    ['a retry too many', /2 retries/, [{}, { from: 'attempting', context: { retries: 2 } }]],
    [
      'a wait that is too short',
      /waits less than the 9000 ms/,
      [
        {},
        {
          from: 'attempting',
          to: 'waiting',
          event: { type: 'attempt.failed', error: { retryAfterMs: 9_000 } },
          context: { dueAt: 9_000 },
        },
      ],
    ],
    [
      'a timer that fires too soon',
      /fires before 2000/,
      [
        { context: { dueAt: 2_000, policy: { maxRetries: 1 } } },
        { from: 'waiting', event: { type: 'timer.fired', at: 1_999 } },
      ],
    ],
    [
      'a script that is made again',
      /the script of call:0001 is made again/,
      [
        { actor: 'call:0001/script' },
        { actor: 'call:0001/script', from: 'attempting', to: 'succeeded', done: true },
        { actor: 'call:0001.2/script' },
      ],
    ],
    [
      'a call before its time',
      /is called before 5000/,
      [
        { ...call, context: {} },
        { ...call, from: 'x', context: { result: { retryAt: 5_000 } } },
        { ...call, actor: 'call:0001.2', context: {}, at: 4_999 },
      ],
    ],
    [
      'a contact that is lost',
      /2 contacts of 3 are somewhere/,
      [
        {
          actor: 'campaign:x',
          machine: 'campaign',
          context: { total: 3, queued: 1, active: 0, ended: { completed: 1 } },
        },
      ],
    ],
  ])('tells of %s', ([, pattern, records]) => {
    expect(said(...records)).toMatch(pattern);
  });
});
