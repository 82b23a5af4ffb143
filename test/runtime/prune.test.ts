import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { archiveOffline } from '../../runtime/archive.ts';
import { pruneOffline } from '../../runtime/prune.ts';
import { Metrics } from '../../sinks/metrics/projection.ts';
import { readJournal } from '../../store/segments.ts';
import { statsOf } from '../../store/stats.ts';
import { verifyJournal } from '../../store/verify.ts';
import { recordsIn } from '../support/lives.ts';
import {
  diskOf,
  expectToGoOn,
  folderFrom,
  knownOf,
  LATER,
  liveOn,
  prune,
  rung,
  threeLives,
} from '../support/pruned.ts';
import { upgrade } from '../support/upgrade.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 25_000, hookTimeout: 15_000 });

const DAY_MS = 86_400_000;
let original: string;
let before: ReturnType<typeof knownOf>;

beforeAll(async () => {
  original = await threeLives();
  before = knownOf(original);
});

afterAll(() => fs.rmSync(original, { recursive: true, force: true }));

const copied = (): string => folderFrom(original, diskOf(original));
const journalIn = (dir: string): string => path.join(dir, 'journal');
const firstOf = (file: string): number => Number(path.basename(file).slice(0, 20));
const filesIn = (dir: string): string[] =>
  fs
    .readdirSync(journalIn(dir))
    .filter((name) => !name.startsWith('.'))
    .toSorted();

/** The folder after a pruning that went well. */
function pruned(): { readonly dir: string; readonly from: number } {
  const dir = copied();
  return { dir, from: prune(journalIn(dir)).from };
}

test('the story has what can go wrong: an outage that was told, a silence, an unfinished campaign', () => {
  const told = recordsIn(original).map(({ machine, to }) => `${machine} ${to}`);
  expect(told).toEqual(expect.arrayContaining(['breaker open', 'incident resolved']));
  expect(told).toEqual(expect.arrayContaining(['silence active', 'campaign running']));
  expect(before.verified).toBe(true);
  expect(filesIn(original)).toHaveLength(3);
});

describe('a journal whose finished files were removed', () => {
  test('has two files and some lines less, and says so', () => {
    const { dir, from } = pruned();
    expect(filesIn(dir).map(firstOf)).toEqual([from - 1, from]);
    const stats = statsOf(journalIn(dir));
    expect(stats).toMatchObject({ first: { seq: from }, removed: { records: from - 1 } });
    expect(stats.machines['breaker']?.live).toBe(
      statsOf(journalIn(original)).machines['breaker']?.live,
    );
    expect(verifyJournal(journalIn(dir), machines)).toMatchObject({ ok: true, from });
    const [base = '', next = ''] = filesIn(dir).map((name) => path.join(journalIn(dir), name));
    expect(fs.statSync(base).mode & 0o777).toBe(0o600);
    expect(fs.statSync(base).size + fs.statSync(next).size).toBeLessThan(
      statsOf(journalIn(original)).bytes.plain / 2,
    );
  });

  test('was told of while it was made: each stage as it was begun', () => {
    const stages: string[] = [];
    prune(journalIn(copied()), { onStage: (stage) => void stages.push(stage) });
    expect(stages).toEqual([
      'reading the journal',
      'verifying the journal',
      'writing the base',
      'verifying the base',
      'removing',
    ]);
  });

  test('is the same to a start and to every reader', () => {
    expect(knownOf(pruned().dir)).toEqual(before);
  });

  test('goes on: what was left is finished, a list that is done is reported and not called', async () => {
    const { dir } = pruned();
    await expectToGoOn(dir);
    expect(rung(dir)).toHaveLength(7);
  });

  test('goes on without its snapshots, too, as one that was never pruned', async () => {
    const { dir } = pruned();
    const control = copied();
    for (const one of [dir, control]) {
      fs.rmSync(path.join(one, 'snapshots'), { recursive: true });
      await expectToGoOn(one);
    }
    expect(knownOf(dir).ledger).toEqual(knownOf(control).ledger);
  });

  test('is taken over by a version whose breakers, checkers and silences are others', async () => {
    const { dir, from } = pruned();
    upgrade('agent', 'breaker', 'health', 'silence');
    const result = verifyJournal(journalIn(dir), machines);
    expect(result.firstDifference?.reason).toMatch(/definition of .* has changed/);
    expect(result.from).toBe(from);
    await expectToGoOn(dir);
    const events = recordsIn(dir)
      .filter(({ seq }) => seq >= from)
      .map(({ machine, event }) => `${machine} ${event.type}`);
    expect(events).toEqual(
      expect.arrayContaining(['agent migrated', 'breaker migrated', 'health migrated']),
    );
    expect(verifyJournal(journalIn(dir), machines)).toMatchObject({ ok: true, from });
  });

  test('may have been taken over before: both versions’ files go', async () => {
    const dir = copied();
    upgrade('agent', 'breaker', 'health', 'silence', 'incident');
    await liveOn(dir);
    await liveOn(dir, LATER + DAY_MS);
    const known = knownOf(dir);
    expect(verifyJournal(journalIn(dir), machines).earlier).toBeGreaterThan(0);
    expect(prune(journalIn(dir), { now: LATER + 10 * DAY_MS }).removed).toHaveLength(4);
    expect(knownOf(dir)).toEqual(known);
    await expectToGoOn(dir, LATER + 11 * DAY_MS);
  });

  test('can be pruned again, and then is the same as well', async () => {
    const twice = copied();
    const [first = '', second = ''] = filesIn(twice);
    const held = { name: 'a log', seq: firstOf(second) };
    const once = prune(journalIn(twice), { readers: [held] });
    expect(once.removed.map(({ file }) => file)).toEqual([first]);
    expect(once.left).toMatchObject([
      { file: second, why: `a log has read up to seq ${firstOf(second)} only` },
    ]);
    expect(knownOf(twice)).toEqual(before);
    const { from } = prune(journalIn(twice));
    expect(knownOf(twice)).toEqual(before);
    expect(filesIn(twice).map(firstOf)).toEqual([from - 1, from]);
    await expectToGoOn(twice);
  });

  test('stays one when its first file was archived before', () => {
    const dir = copied();
    archiveOffline(dir, null);
    prune(journalIn(dir));
    expect(filesIn(dir)).toHaveLength(2);
    expect(knownOf(dir)).toEqual(before);
  });

  test('is archived: what is left of it', () => {
    const { dir } = pruned();
    const { archived, left } = archiveOffline(dir, null);
    expect([archived, left]).toMatchObject([[], [{ why: /unfinished: / }]]);
    expect(() => archiveOffline(dir, 'spring')).toThrow(/no campaign called spring/);
  });

  test('is measured by the lines that are there', () => {
    const measured = (dir: string, since: number): Metrics => {
      const metrics = new Metrics({ since });
      readJournal(journalIn(dir), (record) => metrics.apply(record));
      return metrics;
    };
    const { dir, from } = pruned();
    const first = recordsIn(dir).find(({ seq }) => seq === from);
    const ofRest = measured(original, first?.at ?? 0).figures();
    expect(measured(dir, 0).figures()).toEqual(ofRest);
    expect(ofRest).not.toEqual(measured(original, 0).figures());
  });
});

describe('the file that is being written', () => {
  const never = { maxAgeMs: null, maxBytes: null };

  test('is ended where nothing is under way, once, and the journal goes on in another', async () => {
    const dir = copied();
    await liveOn(dir);
    const known = knownOf(dir);
    const count = filesIn(dir).length;
    pruneOffline(dir, never);
    pruneOffline(dir, never);
    expect(filesIn(dir)).toHaveLength(count + 1);
    expect(firstOf(filesIn(dir).at(-1) ?? '')).toBe(known.seq + 1);
    expect(knownOf(dir)).toEqual(known);
    await expectToGoOn(dir, LATER + DAY_MS);
  });

  test('goes on where somebody is called', () => {
    const dir = copied();
    pruneOffline(dir, never);
    expect(filesIn(dir)).toEqual(filesIn(original));
  });
});

describe('nothing is removed', () => {
  test('by age, of what is not old enough', () => {
    const dir = copied();
    expect(prune(journalIn(dir), { maxAgeMs: 100 * DAY_MS }).removed).toEqual([]);
    expect(filesIn(dir)).toEqual(filesIn(original));
  });

  test('by size, of the last two days', () => {
    const dir = copied();
    const few = { maxAgeMs: null, maxBytes: 1 };
    expect(prune(journalIn(dir), { ...few, now: before.at + DAY_MS }).removed).toEqual([]);
    expect(prune(journalIn(dir), few).removed).toHaveLength(2);
  });

  test('by size, of what fits', () => {
    const dir = copied();
    const [, second = '', third = ''] = filesIn(dir).map((name) => path.join(journalIn(dir), name));
    const maxBytes = fs.statSync(second).size + fs.statSync(third).size;
    expect(prune(journalIn(dir), { maxAgeMs: null, maxBytes }).removed).toHaveLength(1);
  });

  test('in a dry run, which says what would be', () => {
    const dir = copied();
    const { removed, from } = prune(journalIn(dir), { isDry: true });
    expect(removed).toHaveLength(2);
    expect(filesIn(dir)).toEqual(filesIn(original));
    expect(prune(journalIn(dir)).from).toBe(from);
  });

  test('of a journal that does not verify', () => {
    const dir = copied();
    upgrade('health');
    expect(() => prune(journalIn(dir))).toThrow(/Nothing was removed .*has changed/);
    expect(filesIn(dir)).toEqual(filesIn(original));
  });
});
