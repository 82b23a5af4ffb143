import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from './make-folder.ts';

/**
 * What the store asks of a disk, and no more, so that tests can put one in its place that fails,
 * writes short, or loses what was never synced.
 */
export interface FileSystem {
  /** Makes a folder and those above it, for its owner alone. */
  makeFolder(dir: string): void;
  /** Names in a folder; none where there is no folder. */
  list(dir: string): string[];
  /** @param how `create` refuses a file that is there, `update` makes one where there is none */
  open(file: string, how: 'read' | 'append' | 'create' | 'update'): number;
  size(fd: number): number;
  /** @param position where to read; null where the last read ended */
  read(fd: number, buffer: Buffer, offset: number, length: number, position: number | null): number;
  /**
   * May write less than asked for.
   * @param position null at the end, or where the last write ended
   * @returns how many bytes it wrote
   */
  write(fd: number, bytes: Buffer, offset: number, length: number, position: number | null): number;
  truncate(fd: number, length: number): void;
  /** Resolves when the file's bytes are on disk. */
  sync(fd: number): Promise<void>;
  syncNow(fd: number): void;
  /** Puts a folder's names on disk: of files that were made, renamed and removed in it. */
  syncFolder(dir: string): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
  remove(file: string): void;
}

const flags = {
  read: 'r',
  append: 'a',
  create: 'ax',
  update: fs.constants.O_RDWR | fs.constants.O_CREAT,
};

/** The disk. Looked up in `fs` at each call, as the rest of the program does. */
export const realFileSystem: FileSystem = {
  makeFolder,
  list: (dir) => {
    try {
      return fs.readdirSync(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
  open: (file, how) => fs.openSync(file, flags[how], 0o600),
  size: (fd) => fs.fstatSync(fd).size,
  read: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
  write: (fd, bytes, offset, length, position) => fs.writeSync(fd, bytes, offset, length, position),
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()));
    }),
  syncNow: (fd) => fs.fdatasyncSync(fd),
  syncFolder(dir) {
    // Windows has no such thing: NTFS journals its names.
    if (process.platform === 'win32') return;
    const fd = fs.openSync(dir, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  close: (fd) => fs.closeSync(fd),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.rmSync(file, { force: true }),
};

/** Writes all of it, however little the disk takes at a time. */
export function writeAll(
  disk: FileSystem,
  fd: number,
  bytes: Buffer,
  position: number | null = null,
): void {
  for (let done = 0; done < bytes.length;) {
    const at = position === null ? null : position + done;
    const written = disk.write(fd, bytes, done, bytes.length - done, at);
    if (written === 0)
      throw Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' });
    done += written;
  }
}

/** For reading; null where there is no such file. */
export function openIfThere(disk: FileSystem, file: string): number | null {
  try {
    return disk.open(file, 'read');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** How many bytes a file has. */
export function sizeOf(disk: FileSystem, file: string): number {
  const fd = disk.open(file, 'read');
  try {
    return disk.size(fd);
  } finally {
    disk.close(fd);
  }
}

/** A file's bytes; null where there is none. */
export function readWhole(disk: FileSystem, file: string): Buffer | null {
  const fd = openIfThere(disk, file);
  if (fd === null) return null;
  try {
    const bytes = Buffer.alloc(disk.size(fd));
    let done = 0;
    for (let read = -1; read !== 0 && done < bytes.length; done += read) {
      read = disk.read(fd, bytes, done, bytes.length - done, null);
    }
    return bytes.subarray(0, done);
  } finally {
    disk.close(fd);
  }
}

/** Writes a file under another name first, so that one of its name is whole and on disk. */
export function writeWhole(disk: FileSystem, file: string, content: string | Uint8Array): void {
  const draft = `${file}.tmp`;
  disk.remove(draft);
  const fd = disk.open(draft, 'create');
  try {
    writeAll(disk, fd, Buffer.from(content));
    disk.syncNow(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(draft, file);
  disk.syncFolder(path.dirname(file));
}
