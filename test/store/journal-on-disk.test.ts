import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isJournalError } from '../../store/journal-error.ts';
import { listSegments } from '../../store/segments.ts';
import { append, journalErrorOf, openJournal, recordsIn, tempDir } from './support.ts';

/** A disk whose syncs end when the test says so; each notes how far the journal was when it began. */
class SlowDisk {
  readonly begun: number[] = [];
  readonly #ending: PromiseWithResolvers<void>[] = [];
  seq = (): number => 0;

  readonly sync = (): Promise<void> => {
    this.begun.push(this.seq());
    const ending = Promise.withResolvers<void>();
    this.#ending.push(ending);
    return ending.promise;
  };

  /** Ends the sync under way. */
  end(): void {
    this.#ending.shift()?.resolve();
  }

  fail(error: Error): void {
    this.#ending.shift()?.reject(error);
  }
}

function openSlow() {
  const dir = tempDir();
  const disk = new SlowDisk();
  const journal = openJournal(dir, { sync: disk.sync });
  disk.seq = () => journal.seq;
  return { dir, disk, journal };
}

/** Lets promise chains run out; nothing here takes longer. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await settle();
  return settled;
};

describe('waiting for the disk', () => {
  test('one sync serves all who wait', async () => {
    const { disk, journal } = openSlow();
    append(journal, 3);
    const waiters = Array.from({ length: 100 }, () => journal.onDisk());
    await settle();
    expect(disk.begun).toEqual([3]);
    disk.end();
    await Promise.all(waiters);
    expect(disk.begun).toHaveLength(1);
  });

  test('who comes while a sync is under way waits for the next one', async () => {
    const { disk, journal } = openSlow();
    append(journal, 1);
    const first = journal.onDisk();
    await settle();
    append(journal, 1);
    const second = journal.onDisk();
    append(journal, 1);
    const third = journal.onDisk();
    expect(await isSettled(second)).toBe(false);
    disk.end();
    await first;
    expect(await isSettled(second)).toBe(false);
    expect(disk.begun).toEqual([1, 3]);
    disk.end();
    await Promise.all([second, third]);
    expect(disk.begun).toHaveLength(2);
  });

  test('nobody is served by a sync that began before their line was written', async () => {
    const { disk, journal } = openSlow();
    const served: { written: number; begun: number }[] = [];
    const waiters: Promise<void>[] = [];
    for (let round = 0; round < 50; round++) {
      append(journal, (round % 3) + 1);
      const written = journal.seq;
      const wait = async (): Promise<void> => {
        await journal.onDisk();
        served.push({ written, begun: disk.begun.at(-1)! });
      };
      waiters.push(wait());
      if (round % 2 === 0) await settle();
      if (round % 5 < 3) disk.end();
      await Promise.resolve();
    }
    while (served.length < waiters.length) {
      disk.end();
      await settle();
    }
    await Promise.all(waiters);
    for (const { written, begun } of served) expect(begun).toBeGreaterThanOrEqual(written);
    expect(disk.begun.length).toBeLessThan(50);
  });

  test('goes on across a change of files', async () => {
    const dir = tempDir();
    const synced: number[] = [];
    const journal = openJournal(dir, {
      segmentBytes: 500,
      sync: (fd) => {
        synced.push(fs.fstatSync(fd).ino);
        return Promise.resolve();
      },
    });
    for (let round = 0; round < 5; round++) {
      append(journal, 1);
      const waiting = journal.onDisk();
      append(journal, 2);
      await waiting;
    }
    expect(new Set(synced).size).toBeGreaterThan(1);
    expect(recordsIn(dir)).toHaveLength(15);
  });

  test('works with a real disk', async () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    append(journal, 2);
    await Promise.all([journal.onDisk(), journal.onDisk()]);
    append(journal, 1);
    await expect(journal.onDisk()).resolves.toBeUndefined();
  });

  test('puts a file that is full on disk before the next one begins', () => {
    const sync = vi.spyOn(fs, 'fdatasyncSync');
    const dir = tempDir();
    const journal = openJournal(dir, { segmentBytes: 500, durability: 'process' });
    sync.mockClear();
    append(journal, 2);
    expect(sync).not.toHaveBeenCalled();
    append(journal, 4);
    // Of each file its header, when it begins, and the rest, when it is full.
    expect(sync).toHaveBeenCalledTimes(2 * (listSegments(dir).length - 1));
    sync.mockRestore();
  });
});

describe('a disk that refuses', () => {
  const eio = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });

  async function failed() {
    const opened = openSlow();
    append(opened.journal, 2);
    const waiters = [opened.journal.onDisk(), opened.journal.onDisk()];
    await settle();
    append(opened.journal, 1);
    waiters.push(opened.journal.onDisk());
    const outcomes = Promise.allSettled(waiters);
    opened.disk.fail(eio);
    return { ...opened, outcomes: await outcomes };
  }

  test('fails all who wait, those who wait for the next sync too', async () => {
    const { outcomes, dir } = await failed();
    for (const outcome of outcomes) {
      const error = (outcome as { reason?: Error }).reason ?? new Error('it was told otherwise');
      expect(isJournalError(error)).toBe(true);
      expect(error.message).toContain('The journal could not be put on disk');
      expect(error.message).toContain(dir);
      expect(error.cause).toBe(eio);
    }
  });

  test('is never asked again', async () => {
    const { disk, journal } = await failed();
    await expect(journal.onDisk()).rejects.toThrow('could not be put on disk');
    await settle();
    expect(disk.begun).toHaveLength(1);
  });

  test('ends appending: nothing is written or told any more', async () => {
    const { journal, dir } = await failed();
    const told = vi.fn<() => void>();
    journal.on('record', told);
    expect(journalErrorOf(() => append(journal, 1)).message).toContain('could not be put on disk');
    expect(told).not.toHaveBeenCalled();
    expect(recordsIn(dir)).toHaveLength(3);
  });
});

/** The journal's last file and its writer's note. */
const OPEN_FILES = 2;

describe('closing', () => {
  /** Which descriptors are closed from now on. */
  function watchClosing(): () => unknown[] {
    const spy = vi.spyOn(fs, 'closeSync');
    onTestFinished(() => spy.mockRestore());
    return () => spy.mock.calls.map(([fd]) => fd);
  }

  /** Opens other files at once, so that a number that is free is one of theirs. */
  function openOthers(): Set<number> {
    const dir = tempDir();
    const fds = [0, 1, 2].map((n) => fs.openSync(path.join(dir, `${n}`), 'a'));
    onTestFinished(() => fds.forEach((fd) => fs.closeSync(fd)));
    return new Set(fds);
  }

  test('tells nobody afterwards that something is on disk, and asks for no sync', async () => {
    const { disk, journal } = openSlow();
    append(journal, 1);
    journal.close();
    await expect(journal.onDisk()).rejects.toThrow('The journal is closed');
    await settle();
    expect(disk.begun).toEqual([]);
  });

  test('fails who waits for a sync that has not begun: the number is another file’s', async () => {
    const synced: number[] = [];
    const journal = openJournal(tempDir(), { sync: async (fd) => void synced.push(fd) });
    append(journal, 1);
    const outcome = journal.onDisk().then(
      () => 'on disk',
      (error: Error) => error,
    );
    journal.close();
    const others = openOthers();
    const error = await outcome;
    expect(isJournalError(error)).toBe(true);
    expect((error as Error).message).toContain('The journal is closed');
    expect(synced.filter((fd) => others.has(fd))).toEqual([]);
    expect(synced).toEqual([]);
  });

  test('waits for the sync under way, and who waits for that is told the truth', async () => {
    const fds: number[] = [];
    const ending = Promise.withResolvers<void>();
    const sync = (fd: number): Promise<void> => {
      fds.push(fd);
      return ending.promise;
    };
    const journal = openJournal(tempDir(), { sync });
    append(journal, 1);
    const waiting = journal.onDisk();
    await settle();
    const closed = watchClosing();
    journal.close();
    const others = openOthers();
    await settle();
    expect(closed()).not.toContain(fds[0]);
    expect(others).not.toContain(fds[0]);
    ending.resolve();
    await expect(waiting).resolves.toBeUndefined();
    await settle();
    expect(closed().filter((fd) => fd === fds[0])).toHaveLength(1);
  });

  test('fails who waits for the sync after that', async () => {
    const { disk, journal } = openSlow();
    append(journal, 1);
    const first = journal.onDisk();
    await settle();
    append(journal, 1);
    const outcome = journal.onDisk().catch((error: unknown) => error);
    journal.close();
    disk.end();
    await expect(first).resolves.toBeUndefined();
    expect(isJournalError(await outcome)).toBe(true);
    expect(disk.begun).toEqual([1]);
  });

  test('lets the file go also when the sync under way fails', async () => {
    const { disk, journal } = openSlow();
    append(journal, 1);
    const outcome = journal.onDisk().catch((error: unknown) => error);
    await settle();
    const closed = watchClosing();
    journal.close();
    expect(closed()).toEqual([]);
    disk.fail(new Error('EIO'));
    expect(isJournalError(await outcome)).toBe(true);
    await settle();
    expect(closed()).toHaveLength(OPEN_FILES);
  });

  test('twice is harmless, whoever has the number by then', () => {
    const { journal } = openSlow();
    const closed = watchClosing();
    journal.close();
    const others = openOthers();
    journal.close();
    journal.close();
    expect(closed()).toHaveLength(OPEN_FILES);
    for (const fd of others) expect(fs.fstatSync(fd).isFile()).toBe(true);
  });
});
