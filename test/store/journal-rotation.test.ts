import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Journal } from '../../store/journal.ts';
import { isJournalError } from '../../store/journal-error.ts';
import { segmentName } from '../../store/segments.ts';
import {
  append,
  asJson,
  filesIn,
  journalErrorOf,
  lastFile,
  openJournal,
  recordsIn,
  tempDir,
} from './support.ts';

const segmentBytes = 400;

const eio = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });

/** A journal whose file is full: the next line needs a new one. */
function full() {
  const dir = tempDir();
  const journal = openJournal(dir, { segmentBytes });
  const written = append(journal, 2);
  expect(fs.statSync(lastFile(dir)).size).toBeGreaterThanOrEqual(segmentBytes);
  const told = vi.fn<() => void>();
  journal.on('record', told);
  return { dir, journal, written, told };
}

/** What the file system refuses, and how often it was asked. */
const refusals = [
  {
    what: 'to put the full file on disk',
    code: 'EIO',
    refuse: (_dir: string) => {
      const spy = vi.spyOn(fs, 'fdatasyncSync').mockImplementation(() => {
        throw eio;
      });
      onTestFinished(() => spy.mockRestore());
      return { asked: () => spy.mock.calls.length, restore: () => spy.mockRestore() };
    },
  },
  {
    what: 'the new file, for one of this name is there',
    code: 'EEXIST',
    refuse: (dir: string) => {
      const file = path.join(dir, segmentName(3));
      fs.writeFileSync(file, '');
      const spy = vi.spyOn(fs, 'openSync');
      onTestFinished(() => spy.mockRestore());
      return {
        asked: () => spy.mock.calls.filter(([name]) => name === file).length,
        restore: () => {
          spy.mockRestore();
          fs.rmSync(file);
        },
      };
    },
  },
  {
    what: 'the new file, for no more may be open',
    code: 'EMFILE',
    refuse: (_dir: string) => {
      const spy = vi.spyOn(fs, 'openSync').mockImplementation(() => {
        throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      });
      onTestFinished(() => spy.mockRestore());
      return { asked: () => spy.mock.calls.length, restore: () => spy.mockRestore() };
    },
  },
] as const;

describe.each(refusals)('a file system that refuses $what', ({ code, refuse }) => {
  test('ends the journal with a JournalError', () => {
    const { dir, journal, told } = full();
    const before = filesIn(dir);
    const { restore } = refuse(dir);
    const error = journalErrorOf(() => append(journal, 1));
    expect(error.message).toContain('The journal could not go on in a new file');
    expect((error.cause as NodeJS.ErrnoException).code).toBe(code);
    expect(error.file).toBe(path.join(dir, segmentName(1)));
    expect([journal.seq, told.mock.calls.length]).toEqual([2, 0]);
    restore();
    expect(filesIn(dir)).toEqual(before);
  });

  test('is asked once, also when it would no longer refuse', async () => {
    const { dir, journal, told } = full();
    const { asked, restore } = refuse(dir);
    const first = journalErrorOf(() => append(journal, 1));
    expect(journalErrorOf(() => append(journal, 1))).toBe(first);
    expect(asked()).toBe(1);
    restore();
    const before = filesIn(dir);
    expect(journalErrorOf(() => append(journal, 1))).toBe(first);
    await expect(journal.onDisk()).rejects.toBe(first);
    expect(filesIn(dir)).toEqual(before);
    expect(told).not.toHaveBeenCalled();
  });

  test('leaves the files of others alone', () => {
    const { dir, journal } = full();
    const { restore } = refuse(dir);
    journalErrorOf(() => append(journal, 1));
    restore();
    const other = tempDir();
    const fds = [0, 1, 2].map((n) => fs.openSync(path.join(other, `${n}`), 'a'));
    journalErrorOf(() => append(journal, 1));
    journalErrorOf(() => append(journal, 1));
    journal.close();
    for (const fd of fds) {
      expect(fs.fstatSync(fd).size).toBe(0);
      fs.closeSync(fd);
    }
    expect(Object.keys(filesIn(dir))).toEqual([segmentName(1)]);
  });

  test('costs nothing that was written: the next start goes on', () => {
    const { dir, journal, written } = full();
    const { restore } = refuse(dir);
    journalErrorOf(() => append(journal, 1));
    restore();
    journal.close();
    const again = openJournal(dir, { segmentBytes });
    const [next] = append(again, 1);
    expect(recordsIn(dir)).toEqual(asJson([...written, next]));
  });
});

describe('a change of files', () => {
  /** A sync that ends when the test says so. */
  function openSlow() {
    const endings: PromiseWithResolvers<void>[] = [];
    const synced: number[] = [];
    const dir = tempDir();
    const journal = openJournal(dir, {
      segmentBytes,
      sync: (fd) => {
        synced.push(fd);
        const ending = Promise.withResolvers<void>();
        endings.push(ending);
        return ending.promise;
      },
    });
    return { dir, journal, endings, synced };
  }

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('lets a sync under way end before the file that it is for is closed', async () => {
    const { journal, endings, synced } = openSlow();
    append(journal, 2);
    const waiting = journal.onDisk();
    await settle();
    const close = vi.spyOn(fs, 'closeSync');
    onTestFinished(() => close.mockRestore());
    const closed = (): boolean => close.mock.calls.some(([fd]) => fd === synced[0]);
    append(journal, 1);
    await settle();
    expect(closed()).toBe(false);
    endings[0]!.resolve();
    await waiting;
    await settle();
    expect(closed()).toBe(true);
  });

  test('closes that file too when its sync fails', async () => {
    const { journal, endings, synced } = openSlow();
    append(journal, 2);
    const outcome = journal.onDisk().catch((error: unknown) => error);
    await settle();
    append(journal, 1);
    endings[0]!.reject(eio);
    expect(isJournalError(await outcome)).toBe(true);
    await settle();
    expect(() => fs.fstatSync(synced[0]!)).toThrow('EBADF');
  });

  test('closes every file it leaves behind, exactly once', () => {
    const opened = vi.spyOn(fs, 'openSync');
    const closed = vi.spyOn(fs, 'closeSync');
    onTestFinished(() => {
      opened.mockRestore();
      closed.mockRestore();
    });
    const journal = Journal.open(tempDir(), { segmentBytes });
    append(journal, 9);
    journal.close();
    const files = opened.mock.results.filter(({ type }) => type === 'return');
    expect(files.length).toBeGreaterThan(8);
    expect(closed).toHaveBeenCalledTimes(files.length);
  });
});
