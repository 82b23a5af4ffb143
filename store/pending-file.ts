import fs from 'node:fs';

const BUFFERED_BYTES = 65_536;

/**
 * A file that is written as its content comes. It has its name once it is finished; before that, a
 * crash leaves a `.tmp` that nobody reads.
 */
export class PendingFile {
  readonly #path: string;
  #fd: number | null;
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;

  /** @param path in a folder that exists; for its owner only */
  constructor(path: string) {
    this.#path = path;
    this.#fd = fs.openSync(`${path}.tmp`, 'w', 0o600);
  }

  write(bytes: Buffer): void {
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes >= BUFFERED_BYTES) this.#flush();
  }

  /** Puts it on disk under its name. */
  finish(): void {
    this.#flush();
    if (this.#fd !== null) fs.fsyncSync(this.#fd);
    this.#close();
    fs.renameSync(`${this.#path}.tmp`, this.#path);
  }

  /** Nothing of it stays. */
  abandon(): void {
    this.#close();
    fs.rmSync(`${this.#path}.tmp`, { force: true });
  }

  #flush(): void {
    if (this.#fd !== null) fs.writeFileSync(this.#fd, Buffer.concat(this.#buffered));
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }

  #close(): void {
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }
}
