import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Held by one process at a time; the operating system lets go of it when the process dies. */
export interface Lock {
  release(): void;
}

/**
 * POSIX locks are lost silently when the same process opens and closes the file a second time, so
 * a folder locked by this process is refused here, before its file is touched.
 */
const heldHere = new Set<string>();

const INFO = 'lock.pid';

/** Who holds the lock, for a message; the lock itself doesn't depend on it. */
function holderOf(infoFile: string): string {
  try {
    return `process ${fs.readFileSync(infoFile, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}

/** For messages alone: the lock stands without it. */
function writeHolder(infoFile: string): void {
  try {
    fs.writeFileSync(infoFile, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // A full disk is told by the journal, with a better message.
  }
}

export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly isLockedError = true;
}

export function isLockedError(error: unknown): error is LockedError {
  return error instanceof Error && 'isLockedError' in error;
}

/** Why a folder is refused that somebody works on. */
export const inUse = (dir: string): LockedError =>
  new LockedError(`The data folder ${dir} is in use by ${holderOf(path.join(dir, INFO))}.`);

/**
 * Takes the one lock of a data folder: an exclusive transaction on a file that nothing else opens.
 * @throws LockedError when another process, or this one, holds it
 */
export function lockFolder(dir: string): Lock {
  const folder = fs.realpathSync(dir);
  const infoFile = path.join(folder, INFO);
  const refuse = (): never => {
    throw inUse(dir);
  };
  if (heldHere.has(folder)) refuse();
  // SQLite's own message would not say why.
  fs.accessSync(folder, fs.constants.W_OK);
  const file = path.join(folder, 'lock.sqlite');
  // SQLite would have everybody read it; nobody of this process holds it yet.
  fs.closeSync(fs.openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/.test(error.message)) refuse();
    throw error;
  }
  heldHere.add(folder);
  let isHeld = true;
  writeHolder(infoFile);
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      heldHere.delete(folder);
      fs.rmSync(infoFile, { force: true });
      database.close();
    },
  };
}
