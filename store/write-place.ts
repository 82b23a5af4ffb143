import path from 'node:path';
import { isCompressed } from './raw-lines.ts';
import { segmentName, type Tail } from './segments.ts';

export interface WritePlace {
  readonly file: string;
  /** What of it is kept; 0 for a file that begins. */
  readonly bytes: number;
  /** It is there, and begun again from nothing. */
  readonly isAnew: boolean;
}

/** Where to go on writing: nothing is ever added to a compressed file, or to one of an older format. */
export function placeAfter(dir: string, tail: Tail): WritePlace {
  const { file, bytes } = tail;
  const isOld = tail.version !== undefined;
  if (file !== null && !isCompressed(file) && !isOld) return { file, bytes, isAnew: false };
  const next = path.join(dir, segmentName(tail.seq + 1));
  // A file of an older format in which there is no record yet.
  return { file: next, bytes: 0, isAnew: file === next && bytes > 0 };
}
