import fs from 'node:fs';

const TAIL_BYTES = 1 << 20;

/**
 * The whole lines in the last megabyte of a file, oldest first; none where there is no file.
 * `isTorn`: behind the last newline stands something else.
 */
export function lastLines(file: string): { lines: string[]; isTorn: boolean } {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return { lines: [], isTorn: false };
  const fd = fs.openSync(file, 'r');
  try {
    const start = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    const read = fs.readSync(fd, bytes, 0, bytes.length, start);
    const parts = bytes.toString('utf8', 0, read).split('\n');
    const rest = parts.pop() ?? '';
    // The first may have begun before.
    if (start > 0) parts.shift();
    return { lines: parts, isTorn: rest !== '' };
  } finally {
    fs.closeSync(fd);
  }
}
