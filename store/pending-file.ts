import path from 'node:path';
import { realFileSystem, writeAll, type FileSystem } from './file-system.ts';
import { writing } from './storage-error.ts';

const BUFFERED_BYTES = 65_536;

/**
 * A file that is written as its content comes. It has its name once it is finished; before that, a
 * crash leaves a `.tmp` that nobody reads.
 */
export class PendingFile {
  readonly #path: string;
  readonly #disk: FileSystem;
  #fd: number | null;
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;

  /**
   * @param file in a folder that exists; for its owner only
   * @throws StorageError when the disk refuses, as all of it does
   */
  constructor(file: string, disk: FileSystem = realFileSystem) {
    this.#path = file;
    this.#disk = disk;
    this.#fd = writing(file, () => {
      disk.remove(`${file}.tmp`);
      return disk.open(`${file}.tmp`, 'create');
    });
  }

  write(bytes: Buffer): void {
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes >= BUFFERED_BYTES) this.#flush();
  }

  /** Puts it on disk under its name. */
  finish(): void {
    this.#flush();
    writing(this.#path, () => {
      if (this.#fd !== null) this.#disk.syncNow(this.#fd);
      this.#close();
      this.#disk.rename(`${this.#path}.tmp`, this.#path);
      this.#disk.syncFolder(path.dirname(this.#path));
    });
  }

  /** Nothing of it stays. */
  abandon(): void {
    this.#close();
    this.#disk.remove(`${this.#path}.tmp`);
  }

  #flush(): void {
    const fd = this.#fd;
    const bytes = Buffer.concat(this.#buffered);
    if (fd !== null) writing(this.#path, () => writeAll(this.#disk, fd, bytes));
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }

  #close(): void {
    if (this.#fd !== null) this.#disk.close(this.#fd);
    this.#fd = null;
  }
}
