import path from 'node:path';
import type { FileSystem } from '../../store/file-system.ts';

/** The process is dead: whatever it asks of the disk from now on is asked by nobody. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** What happens at an operation that changes something, counted from 1. */
export interface Fault {
  readonly at: number;
  /**
   * - `fail`: it is refused (EIO) and nothing of it is done; a sync that fails has lost the bytes
   *   it was to save, as Linux may do it;
   * - `full`: a write puts down half of itself and says so, and from then on the disk is full;
   * - `before`, `middle`, `after`: the process dies there; `middle` leaves half of a write.
   */
  readonly kind: 'fail' | 'full' | 'before' | 'middle' | 'after';
}

/**
 * Which of the operations that nothing has synced a crash leaves: `all` after the death of a
 * process, the others after a power cut. A function is asked for each, in order.
 */
export type Survivors = 'all' | 'none' | ((index: number) => boolean);

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly length: number };

interface Inode {
  /** As its readers see it. */
  content: Buffer;
  /** As the disk has it. */
  durable: Buffer;
}

interface Pending {
  readonly inode: Inode | null;
  readonly change: Change | { readonly kind: 'name'; readonly dir: string; readonly apply: Names };
}

type Names = (names: Map<string, Inode>) => void;

const errno = (code: string, what: string): Error =>
  Object.assign(new Error(`${code}: injected, ${what}`), { code, syscall: what });

function applied(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return content.subarray(0, change.length);
  const length = Math.max(content.length, change.at + change.bytes.length);
  const grown = Buffer.alloc(length);
  content.copy(grown);
  change.bytes.copy(grown, change.at);
  return grown;
}

/** A disk in memory that knows what is synced and what is not, and that fails when it is told to. */
export class FaultyDisk implements FileSystem {
  /** Operations that change something, so far. */
  operations = 0;
  fault: Fault | null = null;
  isDown = false;
  /** Each write of more than a byte is a short one. @default false */
  isSlow = false;
  #isFull = false;
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();
  #pending: Pending[] = [];
  readonly #open = new Map<number, { readonly inode: Inode; position: number; append: boolean }>();
  #nextFd = 1_000;

  makeFolder(): void {
    this.#alive();
  }

  list(dir: string): string[] {
    this.#alive();
    return [...this.#names.keys()]
      .filter((file) => path.dirname(file) === path.resolve(dir))
      .map((file) => path.basename(file));
  }

  open(file: string, how: 'read' | 'append' | 'create' | 'update'): number {
    this.#alive();
    const name = path.resolve(file);
    let inode = this.#names.get(name);
    if (inode && how === 'create') throw errno('EEXIST', 'open');
    if (!inode && how === 'read') throw errno('ENOENT', 'open');
    if (!inode) {
      const made: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0) };
      this.#change('open', () => this.#rename(name, (names) => void names.set(name, made)));
      inode = made;
    }
    const fd = this.#nextFd++;
    this.#open.set(fd, { inode, position: 0, append: how !== 'read' && how !== 'update' });
    return fd;
  }

  size(fd: number): number {
    return this.#file(fd).inode.content.length;
  }

  read(fd: number, into: Buffer, offset: number, length: number, position: number | null): number {
    const file = this.#file(fd);
    const from = position ?? file.position;
    const read = file.inode.content.copy(into, offset, from, from + length);
    if (position === null) file.position += read;
    return read;
  }

  write(
    fd: number,
    bytes: Buffer,
    offset: number,
    length: number,
    position: number | null,
  ): number {
    const { inode, append } = this.#file(fd);
    const whole = Buffer.from(bytes.subarray(offset, offset + length));
    const at = append ? inode.content.length : (position ?? inode.content.length);
    const half = Math.floor(whole.length / 2);
    if (this.#isFull) throw errno('ENOSPC', 'write');
    let written = 0;
    const put = (count: number): void => {
      written = count;
      if (count > 0) {
        this.#apply(inode, { kind: 'write', at, bytes: whole.subarray(0, count) });
      }
    };
    const all = (): void => put(whole.length);
    this.#change('write', this.isSlow ? () => put(Math.max(1, half)) : all, () => put(half));
    return written;
  }

  truncate(fd: number, length: number): void {
    const { inode } = this.#file(fd);
    this.#change('truncate', () => this.#apply(inode, { kind: 'truncate', length }));
  }

  async sync(fd: number): Promise<void> {
    await Promise.resolve();
    this.syncNow(fd);
  }

  syncNow(fd: number): void {
    const { inode } = this.#file(fd);
    const forget = (): void => {
      this.#pending = this.#pending.filter((one) => one.inode !== inode);
    };
    const save = (): void => {
      inode.durable = Buffer.from(inode.content);
      forget();
    };
    this.#change('fdatasync', save, forget);
  }

  syncFolder(dir: string): void {
    const folder = path.resolve(dir);
    this.#change('fsync', () => {
      this.#pending = this.#pending.filter(({ change }) => {
        if (change.kind !== 'name' || change.dir !== folder) return true;
        change.apply(this.#durableNames);
        return false;
      });
    });
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }

  rename(from: string, to: string): void {
    const [old, name] = [path.resolve(from), path.resolve(to)];
    this.#change('rename', () => {
      const inode = this.#names.get(old);
      if (!inode) throw errno('ENOENT', 'rename');
      this.#rename(name, (names) => {
        names.set(name, inode);
        names.delete(old);
      });
    });
  }

  remove(file: string): void {
    this.#alive();
    const name = path.resolve(file);
    if (!this.#names.has(name)) return;
    this.#change('unlink', () => this.#rename(name, (names) => void names.delete(name)));
  }

  /** What nothing has synced yet. */
  get unsynced(): number {
    return this.#pending.length;
  }

  /** The process is dead, the computer is not: the next one finds all, synced or not. */
  revive(): void {
    this.isDown = false;
    this.fault = null;
    this.operations = 0;
  }

  /** The disk as the next process finds it. */
  afterCrash(survivors: Survivors): FaultyDisk {
    const next = new FaultyDisk();
    const isLeft = (index: number): boolean =>
      typeof survivors === 'function' ? survivors(index) : survivors === 'all';
    const left = this.#pending.filter((_one, index) => isLeft(index));
    const names = new Map(this.#durableNames);
    for (const { change } of left) if (change.kind === 'name') change.apply(names);
    for (const [name, inode] of names) {
      let content = inode.durable;
      for (const one of left) {
        if (one.inode === inode && one.change.kind !== 'name')
          content = applied(content, one.change);
      }
      const copy: Inode = { content: Buffer.from(content), durable: Buffer.from(content) };
      next.#names.set(name, copy);
      next.#durableNames.set(name, copy);
    }
    return next;
  }

  #alive(): void {
    if (this.isDown) throw new Crash('the process is dead');
  }

  #file(fd: number): { readonly inode: Inode; position: number; append: boolean } {
    this.#alive();
    const file = this.#open.get(fd);
    if (!file) throw errno('EBADF', 'fd');
    return file;
  }

  #apply(inode: Inode, change: Change): void {
    inode.content = applied(inode.content, change);
    this.#pending.push({ inode, change });
  }

  #rename(name: string, apply: Names): void {
    apply(this.#names);
    this.#pending.push({ inode: null, change: { kind: 'name', dir: path.dirname(name), apply } });
  }

  /**
   * Counts an operation and carries it out, or has the fault happen in its place.
   * @param inPart what is left of it when it goes wrong half-way
   */
  #change(what: string, carryOut: () => void, inPart: () => void = () => {}): void {
    this.#alive();
    const kind = ++this.operations === this.fault?.at ? this.fault.kind : null;
    if (kind === 'full') this.#isFull = true;
    if (what === 'write' && kind === 'full') return inPart();
    if (kind === 'fail') {
      if (what === 'fdatasync') inPart();
      throw errno('EIO', what);
    }
    if (kind === null || kind === 'full') return carryOut();
    this.isDown = true;
    if (kind === 'middle' && what === 'write') inPart();
    if (kind === 'after') carryOut();
    throw new Crash(`died ${kind} ${what} ${this.operations}`);
  }
}
