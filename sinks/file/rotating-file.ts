import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../../store/make-folder.ts';
import { lastLines } from './last-lines.ts';
import { dayOf, RotatedFiles } from './rotated-files.ts';

export interface RotatingFileOptions {
  /** A file that has reached this is followed by a new one. @default 10485760 (10 MiB) */
  readonly maxBytes?: number;
  /** Days that rotated files are kept. @default 14 */
  readonly maxDays?: number;
  /** Rotated files that are kept. @default 100 */
  readonly maxFiles?: number;
  /** The wall clock, epoch ms: retention goes by it. @default Date.now */
  readonly now?: () => number;
}

const fdatasync = promisify(fs.fdatasync);
/** How soon it is noticed that somebody else has moved or removed the file. */
const LOOK_EVERY_MS = 1_000;

/**
 * A file of lines that goes on in a new one each day and when it is full. What was the file is
 * then `<name>.<day><extension>`, further ones of a day `<name>.<day>.<n><extension>`.
 */
export class RotatingFile {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #rotated: RotatedFiles;
  readonly #now: () => number;
  #fd: number | null = null;
  #inode = 0;
  #bytes = 0;
  /** Of its last line: `2026-09-21`. */
  #day: string | null = null;
  #lookedAt = 0;
  /** A sync under way holds the descriptor's number. */
  #syncing = 0;
  #toClose: number[] = [];

  constructor(file: string, options: RotatingFileOptions = {}) {
    this.#file = file;
    this.#maxBytes = options.maxBytes ?? 10 * 2 ** 20;
    this.#now = options.now ?? Date.now;
    this.#rotated = new RotatedFiles(file, {
      maxDays: options.maxDays ?? 14,
      maxFiles: options.maxFiles ?? 100,
      now: this.#now,
    });
  }

  /**
   * @param line without its newline
   * @param at epoch ms of what it tells: another UTC day is another file
   */
  write(line: string, at: number): void {
    const bytes = Buffer.from(`${line}\n`);
    const day = dayOf(at);
    this.#open();
    const isNewDay = this.#day !== null && day > this.#day;
    const isFull = this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes;
    if (isNewDay || isFull) this.#rotate(this.#day ?? day);
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(this.#fd ?? this.#open(), bytes, done);
    }
    this.#bytes += bytes.length;
    this.#day = this.#day !== null && this.#day > day ? this.#day : day;
  }

  /** Resolves when everything written is on disk. */
  async sync(): Promise<void> {
    if (this.#fd === null) return;
    this.#syncing++;
    try {
      await fdatasync(this.#fd);
    } finally {
      this.#syncing--;
      if (this.#syncing === 0) for (const fd of this.#toClose.splice(0)) fs.closeSync(fd);
    }
  }

  close(): void {
    if (this.#fd === null) return;
    if (this.#syncing > 0) this.#toClose.push(this.#fd);
    else fs.closeSync(this.#fd);
    this.#fd = null;
  }

  /** Also when somebody else (another agent, `logrotate`, a person) has moved the file away. */
  #open(): number {
    if (this.#fd !== null && this.#now() - this.#lookedAt >= LOOK_EVERY_MS) this.#look();
    if (this.#fd !== null) return this.#fd;
    makeFolder(path.dirname(this.#file));
    const fd = fs.openSync(this.#file, 'a+', 0o600);
    const { size, ino } = fs.fstatSync(fd);
    this.#fd = fd;
    this.#inode = ino;
    this.#bytes = size;
    this.#lookedAt = this.#now();
    const { lines, isTorn } = lastLines(this.#file);
    this.#day = dayIn(lines.at(-1));
    // What a crash cut short must not have the next line glued to it.
    if (isTorn) this.#bytes += fs.writeSync(fd, '\n');
    return fd;
  }

  #look(): void {
    this.#lookedAt = this.#now();
    const found = fs.statSync(this.#file, { throwIfNoEntry: false });
    if (found?.ino === this.#inode) this.#bytes = found.size;
    else this.close();
  }

  #rotate(day: string): void {
    this.close();
    this.#rotated.add(day);
    this.#open();
    this.#rotated.sweep();
  }
}

function dayIn(line: string | undefined): string | null {
  return /"timestamp":"(\d{4}-\d\d-\d\d)T/.exec(line ?? '')?.[1] ?? null;
}
