import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { captureSnapshot, decodeHead } from '../../store/snapshot-format.ts';
import { SnapshotStore, type Wanted } from '../../store/snapshots.ts';
import type { Journal } from '../../store/journal.ts';
import { Crash, FaultyDisk, type Fault } from '../support/faulty-disk.ts';
import { append, asJson, openJournal, tempDir } from './support.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A projection with that state. */
const part = (name: string, state: unknown, version = 1) => ({
  name,
  version,
  snapshot: () => state,
});

const counted = part('count', { seen: 3, rows: numbers(4), none: [], gone: undefined });

interface Folder {
  readonly journal: Journal;
  readonly store: SnapshotStore;
  readonly dir: string;
  readonly wanted: (more?: Partial<Wanted>) => Wanted;
  /** Why each was left aside. */
  readonly unfit: string[];
}

function open(count = 3, disk?: FaultyDisk): Folder {
  const root = tempDir();
  const journalDir = path.join(root, 'journal');
  const journal = openJournal(journalDir, disk ? { disk } : {});
  append(journal, count);
  const dir = path.join(root, 'snapshots');
  const pause = (): Promise<void> => Promise.resolve();
  const store = new SnapshotStore(dir, { ...(disk && { disk }), pause });
  const unfit: string[] = [];
  const onUnfit = (_file: string, reason: string): void => void unfit.push(reason);
  const wanted = (more: Partial<Wanted> = {}): Wanted => ({
    journalDir,
    parts: [{ name: 'count', version: 1 }],
    onUnfit,
    ...more,
  });
  return { journal, store, dir, wanted, unfit };
}

const fileOf = ({ dir }: Folder, seq: number): string =>
  path.join(dir, `${String(seq).padStart(20, '0')}.jsonl`);

describe('a snapshot', () => {
  test('gives back the states and the place that it was made of', async () => {
    const folder = open();
    const { journal, store, wanted } = folder;
    const definitions = { call: 'abc' };
    const list = part('list', numbers(5), 2);
    const none = part('none', null);
    await store.write(captureSnapshot(journal.tail, [counted, list, none], definitions));
    expect(store.newest(wanted())).toEqual({
      bytes: fs.statSync(fileOf(folder, 3)).size,
      place: journal.tail,
      definitions,
      parts: {
        count: { version: 1, state: { seen: 3, rows: numbers(4), none: [] } },
        list: { version: 2, state: numbers(5) },
        none: { version: 1, state: null },
      },
    });
  });

  test('is the same when it is written at one go', async () => {
    const folder = open();
    const captured = captureSnapshot(folder.journal.tail, [counted]);
    await folder.store.write(captured);
    const slowly = fs.readFileSync(fileOf(folder, 3));
    folder.store.writeNow(captured);
    expect(fs.readFileSync(fileOf(folder, 3))).toEqual(slowly);
  });

  test('is written in slices that nobody has to wait for, and comes back whole', async () => {
    const { journal, wanted, dir } = open();
    let pauses = 0;
    const pause = (): Promise<void> => Promise.resolve(void pauses++);
    const store = new SnapshotStore(dir, { pause });
    const rows = numbers(20_000).map((n) => ({ contact: String(n).padStart(6, '0') }));
    await store.write(captureSnapshot(journal.tail, [part('count', rows), part('b', { rows })]));
    expect(pauses).toBeGreaterThan(6);
    const found = store.newest(wanted());
    expect(found?.parts['count']?.state).toEqual(rows);
    expect(found?.parts['b']?.state).toEqual({ rows });
  });

  test('is for its owner only, and the two newest are kept', async () => {
    const folder = open();
    for (let n = 0; n < 4; n++) {
      append(folder.journal, 1);
      await folder.store.write(captureSnapshot(folder.journal.tail, [counted]));
    }
    expect(fs.readdirSync(folder.dir)).toEqual(
      [6, 7].map((seq) => path.basename(fileOf(folder, seq))),
    );
    expect(fs.statSync(folder.dir).mode & 0o777).toBe(0o700);
    expect(fs.statSync(fileOf(folder, 7)).mode & 0o777).toBe(0o600);
  });

  test('fits a journal that has gone on, or whose folder was moved', async () => {
    const { journal, store, wanted } = open();
    await store.write(captureSnapshot(journal.tail, [counted]));
    append(journal, 5);
    expect(store.newest(wanted())?.place.seq).toBe(3);
    const journalDir = path.join(tempDir(), 'moved');
    fs.cpSync(journal.dir, journalDir, { recursive: true });
    expect(store.newest(wanted({ journalDir }))?.place.file).toContain(journalDir);
  });

  test('that is given up leaves nothing', async () => {
    const { journal, store, dir, wanted } = open();
    await store.write(captureSnapshot(journal.tail, [counted]), () => true);
    expect(fs.readdirSync(dir)).toEqual([]);
    expect(store.newest(wanted())).toBeNull();
  });

  test('half written is swept away, unless its writer lives', () => {
    const { store, dir } = open();
    fs.mkdirSync(dir);
    const draft = (pid: number): string => `00000000000000000003.jsonl.${pid}.tmp`;
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    for (const pid of [dead, process.pid, process.ppid])
      fs.writeFileSync(path.join(dir, draft(pid)), '{');
    store.sweep();
    expect(fs.readdirSync(dir)).toEqual([draft(process.ppid)]);
  });

  test('does not meet the one that another process is writing', async () => {
    const { journal, store, dir, wanted } = open();
    fs.mkdirSync(dir);
    const other = `00000000000000000003.jsonl.${process.ppid}.tmp`;
    fs.writeFileSync(path.join(dir, other), '{');
    await store.write(captureSnapshot(journal.tail, [counted]));
    expect(fs.readdirSync(dir)).toContain(other);
    expect(store.newest(wanted())?.place.seq).toBe(3);
  });
});

describe('a snapshot is left aside, and the one before it taken,', () => {
  /** Snapshots behind records 3 and 4, of which the newer is then made useless. */
  async function spoilt(
    spoil: (file: string, folder: Folder) => void,
    more: Partial<Wanted> = {},
  ): Promise<{ readonly found: number | undefined; readonly unfit: string[] }> {
    const folder = open();
    const { journal, store, wanted, unfit } = folder;
    await store.write(captureSnapshot(journal.tail, [counted], { call: 'abc' }));
    append(journal, 1);
    await store.write(captureSnapshot(journal.tail, [counted], { call: 'abc' }));
    spoil(fileOf(folder, 4), folder);
    return { found: store.newest(wanted(more))?.place.seq, unfit };
  }

  const rewrite = (file: string, change: (text: string) => string): void =>
    fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));

  test.for<[string, RegExp, (file: string, folder: Folder) => void]>([
    ['when it is torn', /torn/, (file) => fs.truncateSync(file, fs.statSync(file).size - 9)],
    ['when it is empty', /torn/, (file) => fs.truncateSync(file, 0)],
    [
      'when it is damaged',
      /damaged/,
      (file) => rewrite(file, (text) => text.replace('"rows":[0', '"rows":[7')),
    ],
    ['when its first line is', /no JSON/, (file) => rewrite(file, (text) => text.slice(1))],
    [
      'when it is of another version',
      /version 9/,
      (file) => rewrite(file, (text) => text.replace('"formatVersion":1', '"formatVersion":9')),
    ],
    ['when it is something else', /no snapshot/, (file) => fs.writeFileSync(file, '{}\n')],
    [
      'when the journal ends before it',
      /no such record/,
      (_file, { journal }) => {
        const { bytes, file } = journal.tail;
        fs.truncateSync(file ?? '', bytes - 1);
      },
    ],
    [
      'when the journal has another record there',
      /no such record/,
      (_file, { journal }) => {
        const text = fs.readFileSync(journal.tail.file ?? '', 'utf8');
        const other = text.replace(/"crc":"(.{8})"}\n$/, '"crc":"00000000"}\n');
        fs.writeFileSync(journal.tail.file ?? '', other);
      },
    ],
  ])('%s', async ([, reason, spoil]) => {
    const { found, unfit } = await spoilt(spoil);
    expect(unfit).toEqual([expect.stringMatching(reason)]);
    expect(found).toBe(3);
  });

  test.for<[string, RegExp, Partial<Wanted>]>([
    ['a machine has changed', /call machine was another/, { definitions: { call: 'xyz' } }],
    [
      'a projection has another version',
      /no count of version 2/,
      { parts: [{ name: 'count', version: 2 }] },
    ],
    [
      'a projection is not in it',
      /no other of version 1/,
      { parts: [{ name: 'other', version: 1 }] },
    ],
  ])('and so is each when %s', async ([, reason, more]) => {
    const { found, unfit } = await spoilt(() => {}, more);
    expect(unfit).toHaveLength(2);
    for (const one of unfit) expect(one).toMatch(reason);
    expect(found).toBeUndefined();
  });

  test('at any byte that is flipped', async () => {
    const folder = open();
    await folder.store.write(captureSnapshot(folder.journal.tail, [counted]));
    const file = fileOf(folder, 3);
    const whole = fs.readFileSync(file);
    for (const [index, byte] of whole.entries()) {
      const spoiltBytes = Buffer.from(whole);
      spoiltBytes[index] = byte ^ 1;
      fs.writeFileSync(file, spoiltBytes);
      expect(folder.store.newest(folder.wanted()), `byte ${index}`).toBeNull();
    }
  });

  test('at any length that it is cut to', async () => {
    const folder = open();
    await folder.store.write(captureSnapshot(folder.journal.tail, [counted]));
    const file = fileOf(folder, 3);
    for (let length = fs.statSync(file).size - 1; length >= 0; length--) {
      fs.truncateSync(file, length);
      expect(folder.store.newest(folder.wanted()), `${length} bytes`).toBeNull();
    }
  });
});

describe('a disk that goes wrong while a snapshot is written', () => {
  const state = part('count', numbers(40_000));

  async function writeOn(disk: FaultyDisk, fault: Fault | null) {
    const folder = open(3, disk);
    await folder.store.write(captureSnapshot(folder.journal.tail, [counted]));
    append(folder.journal, 1);
    await folder.journal.onDisk();
    disk.fault = fault && { ...fault, at: disk.operations + fault.at };
    const before = disk.operations;
    const captured = captureSnapshot(folder.journal.tail, [state]);
    const error = await folder.store.write(captured).then(
      () => null,
      (cause: Error) => cause,
    );
    return { folder, error, operations: disk.operations - before };
  }

  test.for(['fail', 'full', 'before', 'middle', 'after'] as const)(
    'leaves one that can be used, whatever operation it is (%s)',
    async (kind) => {
      const { operations } = await writeOn(new FaultyDisk(), null);
      expect(operations).toBeGreaterThan(5);
      for (let at = 1; at <= operations; at++) {
        const disk = new FaultyDisk();
        const { folder, error } = await writeOn(disk, { at, kind });
        expect(error instanceof Crash).toBe(disk.isDown);
        for (const survivors of ['all', 'none', (n: number) => n % 2 === 0] as const) {
          const left = disk.afterCrash(survivors);
          const store = new SnapshotStore(folder.dir, { disk: left });
          const found = store.newest(folder.wanted());
          const isNew = found?.place.seq === 4;
          expect([3, 4], `operation ${at}`).toContain(found?.place.seq);
          expect(found?.parts['count']?.state).toEqual(
            asJson(isNew ? state.snapshot() : counted.snapshot()),
          );
          store.sweep();
          expect(left.list(folder.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
        }
      }
    },
  );
});

test('the head of a snapshot says what is in it, without reading the rest', async () => {
  const folder = open();
  await folder.store.write(captureSnapshot(folder.journal.tail, [counted]));
  const head = decodeHead(fs.readFileSync(fileOf(folder, 3)));
  expect(head).toMatchObject({ seq: 3, parts: [{ name: 'count', version: 1 }] });
});
