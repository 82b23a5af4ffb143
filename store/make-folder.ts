import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it, for its owner alone (0700); one that is there stays as it is.
 * Step by step: below a folder that takes none, as `/proc`, Node's own recursive way never ends.
 * @throws an error of the file system
 */
export function makeFolder(dir: string): void {
  if (make(dir)) return;
  const above = path.dirname(dir);
  if (above !== dir) makeFolder(above);
  if (!make(dir)) fs.mkdirSync(dir, 0o700);
}

/** @returns false when there is no folder above it */
function make(dir: string): boolean {
  try {
    fs.mkdirSync(dir, 0o700);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    // A root is said to be a folder, or not to be writable, before it is said to be there.
    if (fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return true;
    throw error;
  }
}
