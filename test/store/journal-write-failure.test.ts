import fs from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Journal } from '../../store/journal.ts';
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

type WriteBytes = (fd: number, bytes: Buffer, offset: number, length: number) => number;

const enospc = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** Puts `write` in place of `fs.writeSync` until the test ends; it is given the real one. */
function replaceWrite(write: (real: WriteBytes) => WriteBytes): { restore: () => void } {
  const real = fs.writeSync.bind(fs) as WriteBytes;
  const spy = vi.spyOn(fs, 'writeSync').mockImplementation(write(real) as typeof fs.writeSync);
  onTestFinished(() => spy.mockRestore());
  return { restore: () => spy.mockRestore() };
}

/** A disk with room for so many more bytes: near its end writes are short, and then fail. */
const fullAfter =
  (room: number) =>
  (real: WriteBytes): WriteBytes => {
    let left = room;
    return (fd, bytes, offset, length) => {
      if (left === 0) throw enospc();
      const written = real(fd, bytes, offset, Math.min(length, left));
      left -= written;
      return written;
    };
  };

test.each([1, 7, 100])(
  'writes of at most %i bytes are repeated until the line is whole',
  (most) => {
    const whole = tempDir();
    append(openJournal(whole), 3);
    replaceWrite(
      (real) => (fd, bytes, offset, length) => real(fd, bytes, offset, Math.min(length, most)),
    );
    const dir = tempDir();
    append(openJournal(dir), 3);
    expect(filesIn(dir)).toEqual(filesIn(whole));
  },
);

describe('a full disk', () => {
  function filled(room: number) {
    const dir = tempDir();
    const journal = openJournal(dir);
    const written = append(journal, 2);
    const told = vi.fn<() => void>();
    journal.on('record', told);
    const before = filesIn(dir);
    const disk = replaceWrite(fullAfter(room));
    return { dir, journal, written, told, before, disk };
  }

  test.each([0, 1, 50])('after %i bytes leaves what was there before', (room) => {
    const { dir, journal, before } = filled(room);
    const error = journalErrorOf(() => append(journal, 1));
    expect(error.message).toContain('The journal could not be written');
    expect(error).toMatchObject({
      file: lastFile(dir),
      seq: 3,
      byte: fs.statSync(lastFile(dir)).size,
    });
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ENOSPC');
    expect(filesIn(dir)).toEqual(before);
    expect([journal.seq, journal.at]).toEqual([2, before ? journal.at : 0]);
  });

  test('is not tried again, even when there is room', async () => {
    const { dir, journal, before, disk } = filled(10);
    const first = journalErrorOf(() => append(journal, 1));
    disk.restore();
    expect(journalErrorOf(() => append(journal, 1))).toBe(first);
    await expect(journal.onDisk()).rejects.toBe(first);
    expect(filesIn(dir)).toEqual(before);
  });

  test('is not told as a record', () => {
    const { journal, told } = filled(10);
    journalErrorOf(() => append(journal, 1));
    journalErrorOf(() => append(journal, 1));
    expect(told).not.toHaveBeenCalled();
  });

  test('that can not even be cut back leaves a torn line, which the next start cuts off', () => {
    const { dir, journal, written, disk } = filled(10);
    const cut = vi.spyOn(fs, 'ftruncateSync').mockImplementation(() => {
      throw enospc();
    });
    journalErrorOf(() => append(journal, 1));
    cut.mockRestore();
    disk.restore();
    journal.close();
    expect(recordsIn(dir)).toEqual(asJson(written));
    const again = Journal.open(dir);
    onTestFinished(() => again.close());
    expect(again.recoveredBytes).toBe(10);
    const [next] = append(again, 1);
    expect(recordsIn(dir)).toEqual(asJson([...written, next]));
  });

  test('that holds lines which are already written still puts them on disk', async () => {
    const { journal } = filled(0);
    const waiting = journal.onDisk();
    journalErrorOf(() => append(journal, 1));
    await expect(waiting).resolves.toBeUndefined();
  });

  test('at the header of a new file ends the journal, and the next start goes on', () => {
    const dir = tempDir();
    const journal = openJournal(dir, { segmentBytes: 400 });
    const written = append(journal, 2);
    const disk = replaceWrite(fullAfter(20));
    journalErrorOf(() => append(journal, 1));
    disk.restore();
    journalErrorOf(() => append(journal, 1));
    journal.close();
    expect(recordsIn(dir)).toEqual(asJson(written));
    const again = Journal.open(dir, { segmentBytes: 400 });
    onTestFinished(() => again.close());
    const [next] = append(again, 1);
    expect(recordsIn(dir)).toEqual(asJson([...written, next]));
  });
});
