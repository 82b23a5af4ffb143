import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { archiveJournal, type ArchiveReport } from '../../store/archive.ts';
import type { FileSystem } from '../../store/file-system.ts';
import { gzBlock } from '../../store/gz-blocks.ts';
import { Journal } from '../../store/journal.ts';
import type { Line } from '../../store/record.ts';
import { readJournal } from '../../store/segments.ts';
import { FaultyDisk, type Fault, type Survivors } from '../support/faulty-disk.ts';
import { START } from './support.ts';

const DIR = '/journal';

const line = (actor: string, more: Partial<Line> = {}): Line => ({
  actor,
  machine: actor.split(':')[0] ?? '',
  event: { type: 'something.happened' },
  from: 'here',
  to: 'there',
  ...more,
});
const born = (actor: string, input: object = {}): Line =>
  line(actor, { event: { type: 'xstate.init', input }, from: null });
const ended = (actor: string): Line => line(actor, { to: 'done', done: true });
const call = (id: string, campaign: string): Line[] => [
  born(`call:${id}`, { campaign }),
  ended(`call:${id}`),
];

/** Each list of lines is a file. */
function written(files: readonly (readonly Line[])[]): FaultyDisk {
  const disk = new FaultyDisk();
  const journal = Journal.open(DIR, { disk });
  for (const [index, lines] of files.entries()) {
    if (index > 0) journal.beginFile();
    for (const one of lines) journal.append(one, START);
  }
  journal.close();
  disk.operations = 0;
  return disk;
}

function archive(disk: FileSystem, campaign: string | null = null): ArchiveReport {
  const steps = archiveJournal({
    dir: DIR,
    disk,
    campaign,
    beginFile({ tail }) {
      const journal = Journal.open(DIR, { tail, disk });
      journal.beginFile();
      journal.close();
    },
  });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const textOf = (disk: FileSystem): string => {
  const records: unknown[] = [];
  readJournal(DIR, (record) => void records.push(record), { disk });
  return JSON.stringify(records);
};
const filesOf = (disk: FileSystem): string[] =>
  disk
    .list(DIR)
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .map((name) => name.replace(/^0+/, ''));
const whyOf = ({ left }: ArchiveReport): string[] => left.map(({ why }) => why);

const campaignOver = [
  born('campaign:a'),
  born('breaker:LLM'),
  ...call('0001', 'a'),
  ...call('0002', 'a'),
  ended('campaign:a'),
];

describe('a campaign that has ended in the file that is being written', () => {
  test('is archived, and the journal goes on in a new file', () => {
    const disk = written([campaignOver]);
    const before = textOf(disk);
    const { archived, left, bytesBefore, bytesAfter } = archive(disk);
    expect(archived).toMatchObject([{ file: '00000000000000000001.jsonl', records: 7 }]);
    expect(left).toEqual([]);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(filesOf(disk)).toEqual(['1.jsonl.gz', '8.jsonl']);
    expect(textOf(disk)).toBe(before);
  });

  test('is archived once: the second time there is nothing to do', () => {
    const disk = written([campaignOver]);
    archive(disk);
    const files = filesOf(disk);
    expect(whyOf(archive(disk))).toEqual(['archived already', 'being written']);
    expect(filesOf(disk)).toEqual(files);
  });
});

describe('a file stays as it is', () => {
  test('when a call in it has not ended', () => {
    const disk = written([[born('call:0001'), ...call('0002', 'a')]]);
    expect(whyOf(archive(disk))).toEqual(['unfinished: call:0001']);
  });

  test('when a campaign that began before it has not ended', () => {
    const disk = written([[born('campaign:a'), ...call('0001', 'a')], call('0002', 'a')]);
    expect(whyOf(archive(disk))).toEqual(['unfinished: campaign:a', 'unfinished: campaign:a']);
  });

  test('when nobody has worked since it was begun', () => {
    const disk = written([campaignOver, [line('agent'), born('health:LLM')]]);
    expect(whyOf(archive(disk))).toEqual(['being written']);
    expect(filesOf(disk)).toEqual(['1.jsonl.gz', '8.jsonl']);
  });
});

test('what lies before the first unfinished campaign is archived', () => {
  const disk = written([
    campaignOver,
    [line('breaker:LLM')],
    [born('campaign:b'), born('call:0003')],
    [line('call:0003')],
  ]);
  const { archived, left } = archive(disk);
  expect(archived).toHaveLength(2);
  expect(whyOf({ archived, left, bytesBefore: 0, bytesAfter: 0 })).toEqual([
    'unfinished: campaign:b and 1 more',
    'unfinished: campaign:b and 1 more',
  ]);
});

test('of one campaign, only the files in which something of it stands are archived', () => {
  const other = [born('campaign:b'), ...call('0003', 'b'), ended('campaign:b')];
  const late = [born('campaign:c'), ...call('0004', 'c'), ended('campaign:c')];
  const disk = written([campaignOver, other, late, [line('agent')]]);
  const before = textOf(disk);
  const report = archive(disk, 'b');
  expect(report.archived.map(({ file }) => file)).toEqual(['00000000000000000008.jsonl']);
  expect(whyOf(report)).toEqual(Array.from({ length: 3 }, () => 'nothing of b is in it'));
  expect(textOf(disk)).toBe(before);
});

test('of both names that a crash can leave, the plain file is read, and archived anew', () => {
  const disk = written([campaignOver, [line('agent')]]);
  const before = textOf(disk);
  const fd = disk.open(path.join(DIR, '00000000000000000001.jsonl.gz'), 'create');
  disk.write(fd, gzBlock(Buffer.from('of an older time')), 0, 30, null);
  expect(textOf(disk)).toBe(before);
  archive(disk);
  expect(filesOf(disk)).toEqual(['1.jsonl.gz', '8.jsonl']);
  expect(textOf(disk)).toBe(before);
});

describe('an archiving that is cut short at any operation', () => {
  const base = written([campaignOver, [line('agent'), ...call('0005', 'a')]]);
  const before = textOf(base);
  const whole = base.afterCrash('all');
  archive(whole);
  const operations = Array.from({ length: whole.operations }, (_, index) => index + 1);
  const survivors: readonly (readonly [string, Survivors])[] = [
    ['all', 'all'],
    ['none', 'none'],
    ['every other', (index) => index % 2 === 0],
    ['every other after the first', (index) => index % 2 === 1],
  ];

  test.for<Fault['kind']>(['before', 'middle', 'after', 'fail', 'full'])(
    '%s it, loses nothing, and is finished by the next',
    (kind) => {
      let failures = 0;
      for (const at of operations) {
        for (const [name, left] of survivors) {
          const disk = base.afterCrash('all');
          disk.fault = { at, kind };
          try {
            archive(disk);
          } catch {
            failures++;
          }
          const next = disk.afterCrash(left);
          expect(textOf(next), `operation ${at}, ${name} left`).toBe(before);
          archive(next);
          expect(textOf(next)).toBe(before);
          const names = filesOf(next);
          expect(names.slice(0, 2)).toEqual(['1.jsonl.gz', '8.jsonl.gz']);
          expect(names).toHaveLength(3);
        }
      }
      expect(failures).toBeGreaterThan(20);
    },
  );
});

test('a disk that is full is told with the file, and what was written of it is given back', () => {
  const disk = written([campaignOver, [line('agent')]]);
  disk.fault = { at: 2, kind: 'full' };
  expect(() => archive(disk)).toThrow(/1\.jsonl\.gz\.tmp could not be written: ENOSPC/);
  expect(filesOf(disk)).toEqual(['1.jsonl', '8.jsonl']);
});

test('a disk that keeps something else than was written loses nothing', () => {
  const disk = written([campaignOver, [line('agent')]]);
  const before = textOf(disk);
  const write = disk.write.bind(disk);
  // A whole and valid block, of other lines.
  const other = gzBlock(Buffer.from('{"something":"else"}\n'));
  disk.write = (fd, _bytes, _offset, length) => {
    write(fd, other, 0, other.length, null);
    return length;
  };
  expect(() => archive(disk)).toThrow(/not compressed faithfully/);
  expect(filesOf(disk)).toEqual(['1.jsonl', '8.jsonl']);
  expect(textOf(disk)).toBe(before);
});
