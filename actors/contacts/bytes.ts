import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '../../errors.ts';

/** Rows wait until all of a chunk are parsed: few of them, so that they die young. */
const CHUNK_BYTES = 8_192;

/**
 * The file's bytes in order, one pass, so that a pipe can be read too.
 *
 * @throws UserError when the file can't be read, or holds UTF-16 or binary data.
 */
export async function* readBytes(
  file: string,
  onBytes: (bytes: Buffer) => void = () => {},
): AsyncGenerator<Buffer, void> {
  const room = Buffer.alloc(CHUNK_BYTES);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    if ((await handle.stat()).isDirectory()) throw new UserError(describeFault(file, 'EISDIR'));
    for (let first = true; ; first = false) {
      const { bytesRead } = await handle.read(room, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      // What a read has had in its hands outlives it by minutes: a copy does not.
      const bytes = Buffer.from(room.subarray(0, bytesRead));
      // CSV text never holds a NUL; UTF-16 (Excel's "Unicode text") and spreadsheets do.
      if (bytes.includes(0) || (first && isUtf16(bytes))) throw new UserError(notCsv(file));
      onBytes(bytes);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new UserError(describeFault(file, error.code), { cause: error });
    }
    throw error;
  } finally {
    await handle?.close();
  }
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  return mark === 'fffe' || mark === 'feff';
}

function notCsv(file: string): string {
  return `${file} is not a CSV file that can be read: it holds UTF-16 or binary data; save the list as "CSV UTF-8"`;
}

function describeFault(file: string, code: string): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no file ${file}`;
  if (code === 'EISDIR') return `${file} is a folder, not a CSV file`;
  if (code === 'EACCES' || code === 'EPERM') return `${file} can't be read: permission denied`;
  return `${file} can't be read (${code})`;
}
