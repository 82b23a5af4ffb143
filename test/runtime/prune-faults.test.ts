import fs from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Fault, FaultyDisk, Survivors } from '../support/faulty-disk.ts';
import {
  contentOf,
  diskOf,
  expectToGoOn,
  filesOn,
  folderFrom,
  knownOf,
  pruneOn,
  threeLives,
} from '../support/pruned.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 15_000 });

const kinds: readonly Fault['kind'][] = ['before', 'middle', 'after', 'fail', 'full'];
const survivors: readonly Survivors[] = [
  'all',
  'none',
  (index) => index % 2 === 0,
  (index) => index % 2 === 1,
];

let original: string;
let disk: FaultyDisk;

beforeAll(async () => {
  original = await threeLives();
  disk = diskOf(original);
});

afterAll(() => fs.rmSync(original, { recursive: true, force: true }));

/** @returns whether it came to its end */
function isDone(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Every disk that a pruning leaves behind that goes wrong at some operation, in some way. */
function* cutShort(operations: number): Generator<FaultyDisk> {
  for (let at = 1; at <= operations; at++) {
    for (const kind of kinds) {
      const one = disk.afterCrash('all');
      one.fault = { at, kind };
      isDone(() => pruneOn(one));
      for (const left of survivors) yield one.afterCrash(left);
    }
  }
}

test('a pruning that goes wrong at any operation loses nothing, calls nobody twice, and is finished by the next', async () => {
  const before = knownOf(original);
  const whole = disk.afterCrash('all');
  pruneOn(whole);
  expect(whole.operations).toBeGreaterThan(8);
  const states = new Map<string, FaultyDisk>();
  for (const one of cutShort(whole.operations)) states.set(contentOf(one), one);
  // Old, old with a draft in several lengths, both, new with old files of which some are gone.
  expect(states.size).toBeGreaterThan(5);
  const seen = new Set<string>();
  for (const [content, one] of states) {
    const dir = folderFrom(original, one);
    expect(knownOf(dir), content).toEqual(before);
    const names = filesOn(one).join();
    // How much of a draft there is makes no difference to a start.
    if (!seen.has(names)) await expectToGoOn(dir);
    seen.add(names);
    const again = one.afterCrash('all');
    pruneOn(again);
    expect(filesOn(again)).toEqual(filesOn(whole));
    expect(knownOf(folderFrom(original, again)), content).toEqual(before);
  }
});

test('a start in between is no harm: the next pruning finishes it', async () => {
  const whole = disk.afterCrash('all');
  pruneOn(whole);
  // The base has its name, and the first of the old files is gone.
  const one = disk.afterCrash('all');
  one.fault = { at: whole.operations - 2, kind: 'after' };
  expect(isDone(() => pruneOn(one))).toBe(false);
  const dir = folderFrom(original, one.afterCrash('all'));
  await expectToGoOn(dir);
  const later = diskOf(dir);
  pruneOn(later);
  const names = filesOn(later);
  expect(names.filter((name) => name.endsWith('.base'))).toHaveLength(1);
  expect(names.map((name) => Number(name.slice(0, 20))).toSorted((a, b) => a - b)[0]).toBe(
    Number(names.find((name) => name.endsWith('.base'))?.slice(0, 20)),
  );
});

test('a power cut right after another process was killed at it takes nothing, either', () => {
  const before = knownOf(original);
  const whole = disk.afterCrash('all');
  pruneOn(whole);
  /** Killed, and gone on with by the next process: nothing of it is synced for that. */
  const killed = (at: number): FaultyDisk => {
    const one = disk.afterCrash('all');
    one.fault = { at, kind: 'after' };
    expect(isDone(() => pruneOn(one))).toBe(false);
    one.revive();
    return one;
  };
  const states = new Map<string, FaultyDisk>();
  const later: readonly Survivors[] = [
    'none',
    ...[1, 2, 3].map((least) => (index: number) => index >= least),
  ];
  // From the draft's sync on: behind it come its name, the folder's sync, and what is removed.
  for (let first = 4; first < whole.operations; first++) {
    for (let at = 2; at <= 4; at++) {
      const one = killed(first);
      one.fault = { at, kind: 'before' };
      isDone(() => pruneOn(one));
      for (const left of later) {
        const next = one.afterCrash(left);
        states.set(contentOf(next), next);
      }
    }
  }
  for (const [content, one] of states) {
    expect(knownOf(folderFrom(original, one)), content).toEqual(before);
  }
});
