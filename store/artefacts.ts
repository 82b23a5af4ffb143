import { createHash } from 'node:crypto';
import path from 'node:path';
import { readWhole, realFileSystem, writeWhole, type FileSystem } from './file-system.ts';
import { writing } from './storage-error.ts';

const ARTEFACT = /^[0-9a-f]{64}\.[a-z0-9]+$/;

/**
 * Scripts and audio by the hash of their content: a journal line holds the hash, never the thing.
 * Written under another name first, so that a name that exists is whole.
 */
export class Artefacts {
  readonly #dir: string;
  readonly #disk: FileSystem;
  /** Written here, and not journalled yet. */
  readonly #fresh = new Set<string>();

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
    this.#fresh.add(name);
    if (this.#has(file)) return name;
    writing(file, () => {
      this.#disk.makeFolder(this.#dir);
      writeWhole(this.#disk, file, content);
    });
    return name;
  }

  /** The journal names it from now on. */
  settle(name: unknown): void {
    if (typeof name === 'string') this.#fresh.delete(name);
  }

  /**
   * Removes what nobody knows of: whole ones and drafts that an end in the wrong moment has left.
   * One that was written here and is about to be journalled stays. For the folder's one writer only.
   * @returns how many
   * @throws StorageError when the disk refuses
   */
  sweep(isNamed: (name: string) => boolean): number {
    const left = this.#disk
      .list(this.#dir)
      .filter((name) => ARTEFACT.test(name.replace(/\.tmp$/, '')))
      .filter((name) => !isNamed(name) && !this.#fresh.has(name));
    for (const name of left) {
      const file = path.join(this.#dir, name);
      writing(file, () => this.#disk.remove(file));
    }
    return left.length;
  }

  path(name: string): string {
    if (!ARTEFACT.test(name)) throw new RangeError(`not an artefact: ${name}`);
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
