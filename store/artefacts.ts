import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Scripts and audio by the hash of their content: a journal line holds the hash, never the thing.
 * Written under another name first, so that a name that exists is whole.
 */
export class Artefacts {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @returns the artefact's name: its SHA-256 and `extension` */
  put(content: Uint8Array | string, extension: string): string {
    const name = `${createHash('sha256').update(content).digest('hex')}.${extension}`;
    const file = path.join(this.#dir, name);
    if (fs.existsSync(file)) return name;
    fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}.tmp`;
    fs.writeFileSync(draft, content, { mode: 0o600, flush: true });
    fs.renameSync(draft, file);
    return name;
  }

  path(name: string): string {
    if (!/^[0-9a-f]{64}\.[a-z0-9]+$/.test(name)) throw new RangeError(`not an artefact: ${name}`);
    return path.join(this.#dir, name);
  }

  has(name: string): boolean {
    return fs.existsSync(this.path(name));
  }

  text(name: string): string | null {
    try {
      return fs.readFileSync(this.path(name), 'utf8');
    } catch {
      return null;
    }
  }
}
