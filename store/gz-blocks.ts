import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import type { FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';

/*
 * A compressed journal file is a series of gzip members (RFC 1952), each with a part of the lines,
 * so gunzip and zcat read it as any other. Each member's header tells its length in a subfield of
 * its own, and its trailer the length of what it holds: so a reader steps over the members that it
 * does not need, and holds one at a time.
 */

/** "CA", as RFC 1952 has two letters name a subfield. */
const SUBFIELD = Buffer.from('CA');
const HEADER_BYTES = 20;
const TRAILER_BYTES = 8;

/** One member. @param level 1 (fast) to 9 (small) */
export function gzBlock(bytes: Buffer, level = 6): Buffer {
  const deflated = deflateRawSync(bytes, { level });
  const block = Buffer.alloc(HEADER_BYTES + deflated.length + TRAILER_BYTES);
  // Magic, deflate, "there is an extra field"; no time, so that the same lines give the same file.
  block.set([0x1f, 0x8b, 8, 4]);
  block[9] = 255;
  block.writeUInt16LE(8, 10);
  SUBFIELD.copy(block, 12);
  block.writeUInt16LE(4, 14);
  block.writeUInt32LE(block.length, 16);
  deflated.copy(block, HEADER_BYTES);
  block.writeUInt32LE(crc32(bytes), block.length - 8);
  block.writeUInt32LE(bytes.length, block.length - 4);
  return block;
}

/** How long the member is that begins like this; null where somebody else has compressed it. */
function lengthTold(head: Buffer): number | null {
  if (head.length < HEADER_BYTES || head.readUInt16LE(10) !== 8) return null;
  if (!head.subarray(12, 14).equals(SUBFIELD) || head.readUInt16LE(14) !== 4) return null;
  return head.readUInt32LE(16);
}

function unpack(bytes: Buffer, file: string): Buffer {
  try {
    const { buffer, engine } = gunzipSync(bytes, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === bytes.length) return buffer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new JournalError(`A compressed journal file is damaged: ${why}`, { file }, error);
  }
  throw new JournalError('A compressed journal file is damaged: something else follows it', {
    file,
  });
}

function readAt(disk: FileSystem, fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  for (let read = -1; read !== 0 && done < length; done += read) {
    read = disk.read(fd, bytes, done, length - done, from + done);
  }
  return bytes.subarray(0, done);
}

/**
 * What a compressed file holds, a block at a time; a file that somebody else has compressed comes
 * as one.
 * @param from where to begin, in what is compressed
 * @throws JournalError naming the file where it is torn or damaged
 */
export function* gunzipped(disk: FileSystem, file: string, from: number): Generator<Buffer> {
  const fd = disk.open(file, 'read');
  try {
    const size = disk.size(fd);
    if (size === 0) throw new JournalError('A compressed journal file is empty', { file });
    let before = 0;
    for (let at = 0; at < size;) {
      const told = lengthTold(readAt(disk, fd, at, HEADER_BYTES));
      const length = told ?? size - at;
      if (length < HEADER_BYTES + TRAILER_BYTES || at + length > size) {
        throw new JournalError('A compressed journal file is torn or damaged', { file });
      }
      const holds = told === null ? Infinity : readAt(disk, fd, at + length - 4, 4).readUInt32LE(0);
      if (before + holds > from) {
        const lines = unpack(readAt(disk, fd, at, length), file);
        yield lines.subarray(Math.max(0, from - before));
      }
      before += holds;
      at += length;
    }
  } finally {
    disk.close(fd);
  }
}
