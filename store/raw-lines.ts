import { openIfThere, realFileSystem, type FileSystem } from './file-system.ts';
import { gunzipped } from './gz-blocks.ts';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/** One line of a file. */
export interface RawLine {
  /** Without its newline. */
  readonly bytes: Buffer;
  /** Where it begins in the file; in a compressed one, in what is compressed. */
  readonly byte: number;
  /** False for what stands behind the last newline. */
  readonly whole: boolean;
}

export interface RawLinesOptions {
  /** @default the real one */
  readonly disk?: FileSystem;
  /** Where a line begins. @default 0 */
  readonly from?: number;
}

/** Whole lines one behind the other, the last newline included; or what stands behind that. */
export interface RawBlock {
  readonly data: Buffer;
  /** Where it begins in the file; in a compressed one, in what is compressed. */
  readonly byte: number;
  readonly whole: boolean;
}

export const isCompressed = (file: string): boolean => file.endsWith('.gz');

/**
 * A file's lines, one after another; only a part of it is in memory. A file that has been
 * compressed since its name was read is found under its new one.
 * @throws JournalError where a compressed file is torn or damaged
 */
export function* rawLines(file: string, options: RawLinesOptions = {}): Generator<RawLine> {
  for (const { data, byte, whole } of rawBlocks(file, options)) {
    if (!whole) yield { bytes: data, byte, whole };
    for (let start = 0; whole && start < data.length;) {
      const end = data.indexOf(NEWLINE, start);
      yield { bytes: data.subarray(start, end), byte: byte + start, whole };
      start = end + 1;
    }
  }
}

/**
 * As {@link rawLines}, many lines at a time: a million of them are not to cost an object each.
 * @throws JournalError where a compressed file is torn or damaged
 */
export function* rawBlocks(
  file: string,
  { disk = realFileSystem, from = 0 }: RawLinesOptions = {},
): Generator<RawBlock> {
  const fd = isCompressed(file) ? null : openIfThere(disk, file);
  if (fd === null) {
    yield* zippedBlocks(disk, isCompressed(file) ? file : `${file}.gz`, from);
    return;
  }
  try {
    yield* plainBlocks(disk, fd, from);
  } finally {
    disk.close(fd);
  }
}

/** What is left of a block is copied, never the block. */
function* plainBlocks(disk: FileSystem, fd: number, from: number): Generator<RawBlock> {
  let chunkBytes = Math.min(CHUNK_BYTES, Math.max(disk.size(fd) - from, 0) + 1);
  let rest: Buffer = Buffer.alloc(0);
  let byte = from;
  for (let position = from; ;) {
    const buffer = Buffer.allocUnsafe(rest.length + chunkBytes);
    rest.copy(buffer);
    const read = disk.read(fd, buffer, rest.length, chunkBytes, position);
    if (read === 0) break;
    position += read;
    const data = buffer.subarray(0, rest.length + read);
    const end = data.lastIndexOf(NEWLINE) + 1;
    rest = data.subarray(end);
    // Of a long line, each further part would copy all before it.
    if (end === 0) chunkBytes *= 2;
    if (end === 0) continue;
    yield { data: data.subarray(0, end), byte, whole: true };
    byte += end;
  }
  if (rest.length > 0) yield { data: rest, byte, whole: false };
}

function* zippedBlocks(disk: FileSystem, file: string, from: number): Generator<RawBlock> {
  let rest: Buffer = Buffer.alloc(0);
  let byte = from;
  for (const chunk of gunzipped(disk, file, from)) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = data.lastIndexOf(NEWLINE) + 1;
    rest = data.subarray(end);
    if (end === 0) continue;
    yield { data: data.subarray(0, end), byte, whole: true };
    byte += end;
  }
  if (rest.length > 0) yield { data: rest, byte, whole: false };
}
