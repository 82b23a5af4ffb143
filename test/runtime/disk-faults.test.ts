import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { seedOf, uniform } from '../../machines/random.ts';
import type { Durability } from '../../store/durability.ts';
import { DiskStory, HOUR_LATER, type DiskLife } from '../support/disk-lives.ts';
import { FaultyDisk, type Fault, type Survivors } from '../support/faulty-disk.ts';
import { folder, forget } from '../support/lives.ts';
import { EPOCH } from '../support/virtual-agent.ts';

// Hundreds of campaigns in virtual time: no wait, but work, and other processes want the machine.
vi.setConfig({ testTimeout: 300_000 });

function newStory(durability: Durability): DiskStory {
  const dir = folder();
  onTestFinished(() => forget({ dir }));
  return new DiskStory(dir, durability);
}

interface Trial {
  readonly fault: Fault;
  readonly survivors: Survivors;
  readonly name: string;
}

/** The fault happens, the next start finds what is left, and is to bring everything to its end. */
async function problemsAfter(durability: Durability, { fault, survivors, name }: Trial) {
  const story = newStory(durability);
  const disk = new FaultyDisk();
  disk.fault = fault;
  const first = await story.live(disk, EPOCH);
  const left = disk.afterCrash(survivors);
  const second = await story.live(left, HOUR_LATER);
  const problems = [
    ...(second.fatal ? [`the next start: ${second.fatal.message}`] : []),
    ...story.problems(left, first, survivors === 'all'),
  ];
  forget(story);
  return problems.map((problem) => `${durability}, ${name} at operation ${fault.at}: ${problem}`);
}

async function operationsOf(durability: Durability): Promise<{ count: number; life: DiskLife }> {
  const story = newStory(durability);
  const disk = new FaultyDisk();
  const life = await story.live(disk, EPOCH);
  expect(life.fatal).toBeNull();
  expect(story.problems(disk, life, true)).toEqual([]);
  return { count: disk.operations, life };
}

const kinds = ['before', 'middle', 'after'] as const;

/** What is left of the unsynced operations: none, the first few, or any of them, by a seed. */
function powerCut(n: number): Trial {
  const seed = seedOf(`power cut ${n}`);
  const first = Math.floor(uniform(seed, 0) * 8);
  const ways: readonly (readonly [string, Survivors])[] = [
    ['a power cut that takes all that is not synced', 'none'],
    ['a power cut that leaves the first of it', (index) => index < first],
    ['a power cut that leaves any of it', (index) => uniform(seed, index + 1) < 0.5],
  ];
  const pick = (index: number): number => Math.floor(uniform(seed, -index) * 3);
  const [name, survivors] = ways[pick(1)] ?? ways[0]!;
  const kind = kinds[pick(2)] ?? 'middle';
  return { name: `${name} (${kind})`, survivors, fault: { at: n, kind } };
}

function refusal(n: number): Trial {
  const kind = uniform(n, 0) < 0.5 ? 'fail' : 'full';
  // Whoever is told of an error ends by itself: what the system has is not lost.
  return { name: kind, survivors: kind === 'fail' ? 'none' : 'all', fault: { at: n, kind } };
}

function kill(n: number): Trial {
  const kind = kinds[n % 3] ?? 'middle';
  return { name: `kill -9 (${kind})`, survivors: 'all', fault: { at: n, kind } };
}

/** Each trial is two whole lives of the agent, so some are sampled; `SWEEP=full` tries them all. */
const every = (step: number): number => (process.env['SWEEP'] === 'full' ? 1 : step);

interface Sweep {
  readonly what: string;
  readonly trial: (n: number) => Trial;
  readonly durability: Durability;
  readonly every: number;
}

// XState warns of what is sent to actors that have stopped with the disk.
vi.spyOn(console, 'warn').mockImplementation(() => {});

describe('a campaign whose disk goes wrong at operation n', () => {
  test.for<Sweep>([
    { trial: kill, durability: 'process', every: every(2), what: 'kill -9' },
    { trial: powerCut, durability: 'process', every: every(4), what: 'a power cut' },
    { trial: refusal, durability: 'process', every: every(6), what: 'an error or a full disk' },
    { trial: powerCut, durability: 'group', every: every(12), what: 'a power cut' },
    { trial: powerCut, durability: 'strict', every: every(16), what: 'a power cut' },
  ])(
    'keeps what it acknowledged, loses nobody and dials nobody twice: $what, at n in steps of $every, in mode $durability',
    async ({ trial, durability, every }) => {
      const { count } = await operationsOf(durability);
      expect(count).toBeGreaterThan(60);
      const problems: string[] = [];
      for (let n = 1 + (count % every); n <= count; n += every) {
        problems.push(...(await problemsAfter(durability, trial(n))));
      }
      expect(problems).toEqual([]);
    },
  );

  test('ends as if nothing had been when the disk writes short each time', async () => {
    const story = newStory('process');
    const disk = new FaultyDisk();
    disk.isSlow = true;
    const life = await story.live(disk, EPOCH);
    expect(life.fatal).toBeNull();
    expect(story.problems(disk, life, true)).toEqual([]);
  });
});
