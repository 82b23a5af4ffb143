import fs from 'node:fs';
import { baseSeqIn } from '../../../store/base-name.ts';
import { realFileSystem } from '../../../store/file-system.ts';
import { firstSeqOf, listSegments } from '../../../store/segments.ts';

/** Longer than any line that a journal has held; where it is not, the last file's name has to do. */
const TAIL_BYTES = 1 << 20;

/** The seq of the last record of a journal, found at its end: how far there is to read. */
export function lastSeqOf(place: string): number {
  const file = isFile(place) ? place : listSegments(place).at(-1);
  if (file === undefined) return 0;
  const before = firstSeqOf(file) - 1 || 0;
  if (!file.endsWith('.jsonl')) return before;
  const found = [...endOf(file).matchAll(/^\{"v":\d+,"seq":(\d+),.*\}$/gm)];
  return Number(found.at(-1)?.[1] ?? before);
}

/** The seq up to which a journal's records were removed; 0 where it begins with its first. */
export const removedUpTo = (place: string): number =>
  isFile(place) ? 0 : baseSeqIn(realFileSystem.list(place));

const isFile = (place: string): boolean =>
  fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;

function endOf(file: string): string {
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = fs.readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } finally {
    fs.closeSync(fd);
  }
}
