import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isLockedError, lockFolder, type Lock, type LockedError } from '../../store/lock.ts';
import { tempDir } from './support.ts';

// Real processes, on a machine that others want, too.
vi.setConfig({ testTimeout: 60_000 });

type Holder = ChildProcessByStdio<Writable, Readable, Readable>;

const holderScript = path.join(import.meta.dirname, 'lock-holder.ts');

/** Another real process; it dies with the test. */
function start(dir: string): Holder {
  const child = spawn(process.execPath, [holderScript, dir], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function nextLine(stream: Readable): Promise<string> {
  const [data] = (await once(stream, 'data')) as [Buffer];
  return data.toString().trim();
}

async function startHolder(dir: string): Promise<Holder> {
  const holder = start(dir);
  expect(await nextLine(holder.stdout)).toBe('locked');
  return holder;
}

function take(dir: string): Lock {
  const lock = lockFolder(dir);
  onTestFinished(() => lock.release());
  return lock;
}

function refusalOf(dir: string): LockedError {
  try {
    take(dir);
  } catch (error) {
    if (isLockedError(error)) return error;
    throw error;
  }
  throw new Error('the lock was given out twice');
}

describe('a folder that this process holds', () => {
  test('is refused, naming the holder', () => {
    const dir = tempDir();
    take(dir);
    expect(refusalOf(dir).message).toBe(
      `The data folder ${dir} is in use by process ${process.pid}.`,
    );
  });

  test('is still held after the refusal', async () => {
    const dir = tempDir();
    take(dir);
    refusalOf(dir);
    const other = start(dir);
    const [code] = (await once(other, 'exit')) as [number];
    expect(code).not.toBe(0);
  });

  test('is refused under another name too', () => {
    const dir = tempDir();
    const alias = path.join(tempDir(), 'alias');
    fs.symlinkSync(dir, alias);
    take(dir);
    expect(refusalOf(alias).message).toContain(alias);
    expect(refusalOf(path.join(dir, '..', path.basename(dir)))).toBeInstanceOf(Error);
  });

  test('is free after release, and a second release does nothing', () => {
    const dir = tempDir();
    const lock = take(dir);
    lock.release();
    lock.release();
    expect(fs.existsSync(path.join(dir, 'lock.pid'))).toBe(false);
    take(dir);
    expect(() => refusalOf(dir)).not.toThrow();
  });

  test('stays with its next holder when the last one lets go again', async () => {
    const dir = tempDir();
    const first = take(dir);
    first.release();
    take(dir);
    const note = fs.readFileSync(path.join(dir, 'lock.pid'), 'utf8');
    first.release();
    expect(fs.readFileSync(path.join(dir, 'lock.pid'), 'utf8')).toBe(note);
    expect(refusalOf(dir).message).toContain(`process ${process.pid}.`);
    const [code] = (await once(start(dir), 'exit')) as [number];
    expect(code).not.toBe(0);
  });

  test('does not keep others from other folders', () => {
    take(tempDir());
    expect(() => take(tempDir())).not.toThrow();
  });
});

describe('a folder that another process holds', () => {
  test('is refused, naming the holder', async () => {
    const dir = tempDir();
    const holder = await startHolder(dir);
    expect(refusalOf(dir).message).toBe(
      `The data folder ${dir} is in use by process ${holder.pid}.`,
    );
  });

  test('is refused also when the note that names it is gone', async () => {
    const dir = tempDir();
    await startHolder(dir);
    fs.rmSync(path.join(dir, 'lock.pid'));
    expect(refusalOf(dir).message).toContain('is in use by another process.');
  });

  test('is free when it lets go', async () => {
    const dir = tempDir();
    const holder = await startHolder(dir);
    holder.stdin.write('\n');
    expect(await nextLine(holder.stdout)).toBe('released');
    expect(() => take(dir)).not.toThrow();
  });

  test('is free when it is killed', async () => {
    const dir = tempDir();
    const holder = await startHolder(dir);
    refusalOf(dir);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(fs.existsSync(path.join(dir, 'lock.pid'))).toBe(true);
    take(dir);
    expect(refusalOf(dir).message).toContain(`process ${process.pid}.`);
  });

  test('is given to one of many who want it', async () => {
    const dir = tempDir();
    const all = Array.from({ length: 4 }, () => start(dir));
    const outcomes = await Promise.all(
      all.map(async (child) => {
        const exit = once(child, 'exit').then(() => 'refused');
        return Promise.race([nextLine(child.stdout), exit]);
      }),
    );
    expect(outcomes.toSorted()).toEqual(['locked', 'refused', 'refused', 'refused']);
  });
});
