import { createHash } from 'node:crypto';
import path from 'node:path';
import { readWhole, realFileSystem, writeWhole, type FileSystem } from './file-system.ts';
import { writing } from './storage-error.ts';

/**
 * Scripts and audio by the hash of their content: a journal line holds the hash, never the thing.
 * Written under another name first, so that a name that exists is whole.
 */
export class Artefacts {
  readonly #dir: string;
  readonly #disk: FileSystem;

  constructor(dir: string, disk: FileSystem = realFileSystem) {
    this.#dir = dir;
    this.#disk = disk;
  }

  /**
   * @returns the artefact's name: its SHA-256 and `extension`
   * @throws StorageError when the disk refuses
   */
  put(content: Uint8Array | string, extension: string): string {
    const name = `${createHash('sha256').update(content).digest('hex')}.${extension}`;
    const file = path.join(this.#dir, name);
    if (this.#has(file)) return name;
    writing(file, () => {
      this.#disk.makeFolder(this.#dir);
      writeWhole(this.#disk, file, content);
    });
    return name;
  }

  path(name: string): string {
    if (!/^[0-9a-f]{64}\.[a-z0-9]+$/.test(name)) throw new RangeError(`not an artefact: ${name}`);
    return path.join(this.#dir, name);
  }

  has(name: string): boolean {
    return this.#has(this.path(name));
  }

  text(name: string): string | null {
    try {
      return readWhole(this.#disk, this.path(name))?.toString('utf8') ?? null;
    } catch {
      return null;
    }
  }

  #has(file: string): boolean {
    try {
      this.#disk.close(this.#disk.open(file, 'read'));
      return true;
    } catch {
      return false;
    }
  }
}
