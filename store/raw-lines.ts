import fs from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

/** One line of a file. */
export interface RawLine {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly byte: number;
  /** False for what stands behind the last newline. */
  readonly whole: boolean;
}

/** A file's lines, one after another; only a part of it is in memory. */
export function* rawLines(file: string): Generator<RawLine> {
  const fd = fs.openSync(file, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let byte = 0;
    const chunkBytes = Math.min(CHUNK_BYTES, fs.fstatSync(fd).size + 1);
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = fs.readSync(fd, chunk, 0, chunkBytes, null);
      if (read === 0) break;
      const data =
        rest.length === 0
          ? chunk.subarray(0, read)
          : Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
        yield { bytes: data.subarray(start, end), byte: byte + start, whole: true };
        start = end + 1;
      }
      byte += start;
      rest = data.subarray(start);
    }
    if (rest.length > 0) yield { bytes: rest, byte, whole: false };
  } finally {
    fs.closeSync(fd);
  }
}
