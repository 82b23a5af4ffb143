import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../store/journal.ts';
import type { JournalRecord } from '../../store/record.ts';
import { append, asJson, journalErrorOf, recordsIn } from './support.ts';

const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** A file system of its own, so small that it fills up; null where the machine lets nobody mount. */
function mounted(size: string): string | null {
  if (process.platform !== 'linux') return null;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-disk-'));
  if (run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir)) return dir;
  fs.rmdirSync(dir);
  return null;
}

function unmount(dir: string): void {
  run('umount', dir);
  fs.rmdirSync(dir);
}

const probe = mounted('64k');
if (probe) unmount(probe);
const where = probe ? '' : ' (skipped: this user can mount nothing here)';

function disk(size: string): string {
  const dir = mounted(size);
  if (!dir) throw new Error('it could be mounted before');
  onTestFinished(() => unmount(dir));
  return dir;
}

describe.skipIf(!probe)(`a real file system${where}`, () => {
  test('that is full ends the journal with a sentence, and the next start has every record told', () => {
    const dir = disk('64k');
    const journal = Journal.open(path.join(dir, 'journal'), { durability: 'process' });
    const told: JournalRecord[] = [];
    journal.on('record', (record) => void told.push(record));
    const error = journalErrorOf(() => append(journal, 10_000));
    expect(error.message).toContain('The journal could not be written');
    expect(error.cause).toMatchObject({ code: 'ENOSPC' });
    journal.close();
    expect(told.length).toBeGreaterThan(50);
    expect(run('mount', '-o', 'remount,size=1m', dir)).toBe(true);
    const again = Journal.open(path.join(dir, 'journal'));
    append(again, 100);
    again.close();
    const records = recordsIn(path.join(dir, 'journal'));
    expect(records.slice(0, told.length)).toEqual(asJson(told));
    expect(records).toHaveLength(told.length + 100);
  });

  test('that has become read-only refuses the start and changes nothing', () => {
    const dir = disk('1m');
    const journal = Journal.open(path.join(dir, 'journal'), { durability: 'process' });
    append(journal, 3);
    journal.close();
    expect(run('mount', '-o', 'remount,ro', dir)).toBe(true);
    expect(() => Journal.open(path.join(dir, 'journal'))).toThrow('EROFS');
    expect(recordsIn(path.join(dir, 'journal'))).toHaveLength(3);
  });
});
