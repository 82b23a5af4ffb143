import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { realFileSystem, type FileSystem } from '../../store/file-system.ts';
import { Journal } from '../../store/journal.ts';
import { listSegments } from '../../store/segments.ts';
import { copyOfNote } from '../../store/writer-note.ts';
import {
  append,
  filesIn,
  journalErrorOf,
  openJournal,
  recordsIn,
  tempDir,
  writtenJournal,
} from './support.ts';

/** The real disk, and how often it was asked for a sync of the kind that holds everything up. */
function counting(): { disk: FileSystem; syncs: () => number } {
  let count = 0;
  const syncNow = (fd: number): void => {
    count++;
    realFileSystem.syncNow(fd);
  };
  return { disk: { ...realFileSystem, syncNow }, syncs: () => count };
}

/** Shared syncs that the test lets begin and end. */
function slow() {
  const due: (() => void)[] = [];
  let begun = 0;
  const sync = (): Promise<void> => Promise.resolve(void begun++);
  return { later: (work: () => void) => void due.push(work), sync, due, begun: () => begun };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the mode', () => {
  test('strict has each record on disk before append returns', () => {
    const { disk, syncs } = counting();
    const journal = openJournal(tempDir(), { disk, durability: 'strict' });
    const before = syncs();
    journal.on('record', ({ seq }) => expect(syncs() - before).toBe(seq));
    append(journal, 5);
    expect(syncs() - before).toBe(5);
  });

  test('group puts what was written on disk soon, with one sync for all of it', async () => {
    const { later, sync, due, begun } = slow();
    const journal = openJournal(tempDir(), { durability: 'group', later, sync });
    append(journal, 100);
    expect([due.length, begun()]).toEqual([1, 0]);
    due.shift()?.();
    await settle();
    expect([due.length, begun()]).toEqual([0, 1]);
    append(journal, 1);
    expect(due).toHaveLength(1);
  });

  test('process asks for no sync until somebody waits', async () => {
    const { later, sync, due, begun } = slow();
    const journal = openJournal(tempDir(), { durability: 'process', later, sync });
    append(journal, 100);
    expect([due.length, begun()]).toEqual([0, 0]);
    await journal.onDisk();
    expect(begun()).toBe(1);
  });
});

describe('a sync that fails', () => {
  const eio = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

  test('when nobody waits for it is told once, and ends the journal', async () => {
    const { later, due } = slow();
    const sync = (): Promise<void> => Promise.reject(eio);
    const journal = openJournal(tempDir(), { durability: 'group', later, sync });
    const failed = vi.fn<(error: Error) => void>();
    journal.on('failed', failed);
    append(journal, 3);
    due.shift()?.();
    await settle();
    expect(failed).toHaveBeenCalledTimes(1);
    expect(failed.mock.calls[0]?.[0].cause).toBe(eio);
    expect(journalErrorOf(() => append(journal, 1)).message).toContain('could not be put on disk');
    await expect(journal.onDisk()).rejects.toThrow('could not be put on disk');
    expect(failed).toHaveBeenCalledTimes(1);
  });

  test('in mode strict ends the journal at that record, which is told to nobody', () => {
    const { disk } = counting();
    let isBroken = false;
    const syncNow = (fd: number): void => {
      if (isBroken) throw eio;
      realFileSystem.syncNow(fd);
    };
    const journal = openJournal(tempDir(), { disk: { ...disk, syncNow }, durability: 'strict' });
    append(journal, 1);
    const told = vi.fn<() => void>();
    journal.on('record', told);
    isBroken = true;
    expect(journalErrorOf(() => append(journal, 1)).message).toContain('could not be put on disk');
    expect(told).not.toHaveBeenCalled();
  });
});

describe('two writers of one journal', () => {
  test('the one that began first is refused the disk, and so never dials', async () => {
    const dir = tempDir();
    const first = openJournal(dir, { durability: 'process' });
    append(first, 2);
    await first.onDisk();
    const second = openJournal(dir, { durability: 'process' });
    expect(second.epoch).toBe(first.epoch + 1);
    await expect(first.onDisk()).rejects.toThrow('Another process has taken over this journal');
    expect(journalErrorOf(() => append(first, 1)).message).toContain('taken over');
    append(second, 1);
    await expect(second.onDisk()).resolves.toBeUndefined();
    expect(recordsIn(dir)).toHaveLength(3);
  });

  test('the one that began first writes nothing more, and the other goes on', () => {
    const dir = tempDir();
    const first = openJournal(dir, { durability: 'process' });
    append(first, 2);
    const second = openJournal(dir, { durability: 'process' });
    append(second, 1);
    const before = filesIn(dir);
    expect(journalErrorOf(() => append(first, 1)).message).toContain('taken over');
    expect(filesIn(dir)).toEqual(before);
    append(second, 1);
    expect(recordsIn(dir)).toHaveLength(4);
  });

  test('the second is refused when the first went on while it began', () => {
    const dir = tempDir();
    const first = openJournal(dir, { durability: 'process' });
    append(first, 2);
    const open: FileSystem['open'] = (file, how) => {
      if (how === 'update' && file.endsWith('.writer')) append(first, 1);
      return realFileSystem.open(file, how);
    };
    const error = journalErrorOf(() => Journal.open(dir, { disk: { ...realFileSystem, open } }));
    expect(error.message).toContain('Another process was writing to this journal');
    expect(journalErrorOf(() => append(first, 1)).message).toContain('taken over');
    expect(recordsIn(dir)).toHaveLength(3);
    expect(openJournal(dir).seq).toBe(3);
  });

  test('the epoch rises with each start, also when the note beside the journal is lost', () => {
    const dir = writtenJournal(2);
    for (const epoch of [2, 3]) {
      const journal = Journal.open(dir);
      expect(journal.epoch).toBe(epoch);
      journal.close();
    }
    fs.rmSync(path.join(dir, '.writer'));
    expect(openJournal(dir).epoch).toBe(2);
  });
});

describe('a line that a power cut took, with lines left behind it,', () => {
  /** Five records, the first two on disk; what a filesystem shows of a lost block is zeros. */
  async function withHole(lost: number): Promise<string> {
    const dir = tempDir();
    const journal = Journal.open(dir, { durability: 'process' });
    append(journal, 2);
    await journal.onDisk();
    append(journal, 3);
    journal.close();
    const file = listSegments(dir).at(-1)!;
    const lines = fs.readFileSync(file, 'latin1').split('\n');
    lines[lost] = '\0'.repeat(lines[lost]!.length);
    fs.writeFileSync(file, lines.join('\n'), 'latin1');
    return dir;
  }

  test.each([3, 4, 5])('is where the journal ends (record %i)', async (seq) => {
    const dir = await withHole(seq);
    expect(recordsIn(dir)).toHaveLength(seq - 1);
    const journal = openJournal(dir);
    expect(journal.recoveredBytes).toBeGreaterThan(100);
    append(journal, 1);
    expect(
      recordsIn(dir)
        .map((record) => record.seq)
        .at(-1),
    ).toBe(seq);
  });

  test.each([1, 2])('is damage where it had been on disk (record %i)', async (seq) => {
    const dir = await withHole(seq);
    expect(journalErrorOf(() => Journal.open(dir))).toMatchObject({ seq, line: seq + 1 });
  });

  test('is damage where nobody knows what had been on disk', async () => {
    const dir = await withHole(4);
    fs.rmSync(path.join(dir, '.writer'));
    expect(journalErrorOf(() => Journal.open(dir))).toMatchObject({ seq: 4 });
  });
});

describe('a journal that ends before what had been on disk', () => {
  /** Five records, all on disk, cut behind one of them; with some bytes of the next line or none. */
  async function cutBehind(seq: number, torn: number): Promise<string> {
    const dir = tempDir();
    const journal = Journal.open(dir);
    append(journal, 5);
    await journal.onDisk();
    journal.close();
    const file = listSegments(dir).at(-1)!;
    const lines = fs.readFileSync(file).toString('latin1').split('\n');
    const kept = lines.slice(0, seq + 1).join('\n') + '\n' + (lines[seq + 1] ?? '').slice(0, torn);
    fs.writeFileSync(file, kept, 'latin1');
    return dir;
  }

  test.each([
    [0, 0],
    [3, 0],
    [3, 20],
    [4, 0],
  ])('takes no writer, and is left as it is (%i whole lines, %i bytes)', async (seq, torn) => {
    const dir = await cutBehind(seq, torn);
    const before = filesIn(dir);
    const error = journalErrorOf(() => Journal.open(dir));
    expect(error.message).toContain('records up to seq 5 had been on disk');
    expect(error).toMatchObject({ file: dir, seq: seq + 1 });
    expect(filesIn(dir)).toEqual(before);
    expect(recordsIn(dir)).toHaveLength(seq);
  });

  test('so does one whose files are gone', async () => {
    const dir = await cutBehind(5, 0);
    for (const file of listSegments(dir)) fs.rmSync(file);
    expect(journalErrorOf(() => Journal.open(dir))).toMatchObject({ seq: 1 });
  });

  test('so does one whose folder is gone, or an older one, as the note beside it says', async () => {
    const data = tempDir();
    const dir = path.join(data, 'journal');
    const noteCopy = copyOfNote(dir);
    const write = async (count: number): Promise<void> => {
      const journal = Journal.open(dir, { noteCopy });
      append(journal, count);
      await journal.onDisk();
      journal.close();
    };
    await write(3);
    fs.cpSync(dir, path.join(data, 'older'), { recursive: true });
    await write(2);
    fs.rmSync(dir, { recursive: true });
    const gone = journalErrorOf(() => Journal.open(dir, { noteCopy }));
    expect(gone.message).toContain('records up to seq 5 had been on disk');
    fs.rmSync(dir, { recursive: true });
    fs.renameSync(path.join(data, 'older'), dir);
    expect(journalErrorOf(() => Journal.open(dir, { noteCopy }))).toMatchObject({ seq: 4 });
    fs.rmSync(noteCopy);
    fs.rmSync(path.join(dir, '.writer'));
    expect(openJournal(dir, { noteCopy }).seq).toBe(3);
  });

  test('goes on when its last line alone is torn', async () => {
    const dir = await cutBehind(4, 20);
    expect(openJournal(dir).seq).toBe(4);
  });

  test('goes on when a person has removed the note', async () => {
    const dir = await cutBehind(2, 0);
    fs.rmSync(path.join(dir, '.writer'));
    expect(openJournal(dir).seq).toBe(2);
  });
});
