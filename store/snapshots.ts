import path from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { readWhole, realFileSystem, writeAll, type FileSystem } from './file-system.ts';
import { rawLines } from './raw-lines.ts';
import { firstSeqOf, listSegments, type Tail } from './segments.ts';
import {
  decodeHead,
  decodeStates,
  encodeSnapshot,
  UnfitSnapshot,
  type Captured,
  type Snapshot,
  type SnapshotHead,
} from './snapshot-format.ts';

/** The newest, and the one before it should that turn out bad. */
const KEPT = 2;
const BLOCK_BYTES = 65_536;
const pattern = /^\d{20}\.jsonl$/;
/** Two dashboards of one folder write beside each other. */
const draftPattern = /^\d{20}\.jsonl\.(\d+)\.tmp$/;

export interface SnapshotStoreOptions {
  /** @default the real one */
  readonly disk?: FileSystem;
  /** Awaited between two slices, so that others have a turn. @default a round of the event loop */
  readonly pause?: () => Promise<unknown>;
  /** Puts what was written on disk. @default the disk's own */
  readonly sync?: (fd: number) => Promise<void>;
}

export interface Wanted {
  /** The journal that it is of. */
  readonly journalDir: string;
  /** Projections that must all be in it, in the same version. */
  readonly parts: readonly { readonly name: string; readonly version: number }[];
  /** Machines that it must have been made with. @default any */
  readonly definitions?: SnapshotHead['definitions'];
  /** Is told why a snapshot is left aside. */
  readonly onUnfit?: (file: string, reason: string) => void;
}

/**
 * Snapshots of one kind in a folder of their own, named by the `seq` they were made behind. They
 * only ever save time: whatever is wrong with one, the journal says it all again.
 */
export class SnapshotStore {
  readonly #dir: string;
  readonly #disk: FileSystem;
  readonly #pause: () => Promise<unknown>;
  readonly #sync: (fd: number) => Promise<void>;

  constructor(
    dir: string,
    { disk = realFileSystem, pause = nextRound, sync }: SnapshotStoreOptions = {},
  ) {
    this.#dir = dir;
    this.#disk = disk;
    this.#pause = pause;
    this.#sync = sync ?? ((fd) => disk.sync(fd));
  }

  /** The newest that is whole, and that belongs to the journal as it is; null when there is none. */
  newest(wanted: Wanted): Snapshot | null {
    for (const name of this.#names().toReversed()) {
      const file = path.join(this.#dir, name);
      try {
        return read(file, wanted, this.#disk);
      } catch (error) {
        // A disk that can't be read is the journal's to tell of.
        wanted.onUnfit?.(file, (error as Error).message);
      }
    }
    return null;
  }

  /**
   * Writes one in slices. It has its name when it is whole and on disk; older ones than the one
   * before it are removed.
   * @param isAborted asked between two slices: it is then given up, and nothing of it stays
   * @returns how many bytes it has; 0 when it was given up
   * @throws what the disk refuses; nothing of it stays then, where that can be helped
   */
  async write(captured: Captured, isAborted: () => boolean = () => false): Promise<number> {
    const draft = new Draft(this.#dir, captured, this.#disk);
    try {
      for (const bytes of inBlocks(encodeSnapshot(captured))) {
        draft.write(bytes);
        await this.#pause();
        if (isAborted()) return draft.abandon();
      }
      await draft.sync(this.#sync);
      if (isAborted()) return draft.abandon();
      draft.finish();
    } catch (error) {
      draft.abandon();
      throw error;
    }
    this.#removeOld();
    return draft.bytes;
  }

  /** As {@link write}, at one go: nobody is left who would have to wait. */
  writeNow(captured: Captured): void {
    const draft = new Draft(this.#dir, captured, this.#disk);
    try {
      for (const bytes of inBlocks(encodeSnapshot(captured))) draft.write(bytes);
      draft.syncNow();
      draft.finish();
    } catch (error) {
      draft.abandon();
      throw error;
    }
    this.#removeOld();
  }

  /** Removes what a crash left half written. Before anything is written here. */
  sweep(): void {
    for (const name of this.#disk.list(this.#dir)) {
      const writer = draftPattern.exec(name)?.[1];
      if (writer !== undefined && !isWriting(Number(writer)))
        this.#disk.remove(path.join(this.#dir, name));
    }
  }

  #names(): string[] {
    return this.#disk
      .list(this.#dir)
      .filter((name) => pattern.test(name))
      .toSorted();
  }

  #removeOld(): void {
    for (const name of this.#names().slice(0, -KEPT)) {
      this.#disk.remove(path.join(this.#dir, name));
    }
  }
}

/** Short lines together: they need no write of their own. */
function* inBlocks(lines: Iterable<Buffer>): Generator<Buffer> {
  let block: Buffer[] = [];
  let length = 0;
  for (const line of lines) {
    block.push(line);
    length += line.length;
    if (length < BLOCK_BYTES) continue;
    yield Buffer.concat(block);
    block = [];
    length = 0;
  }
  yield Buffer.concat(block);
}

/** Another process, and it lives. */
function isWriting(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A snapshot under another name, until it is whole. */
class Draft {
  readonly #file: string;
  readonly #draft: string;
  readonly #disk: FileSystem;
  #fd: number | null;
  /** Written so far. */
  bytes = 0;

  constructor(dir: string, { head }: Captured, disk: FileSystem) {
    this.#disk = disk;
    this.#file = path.join(dir, `${String(head.seq).padStart(20, '0')}.jsonl`);
    this.#draft = `${this.#file}.${process.pid}.tmp`;
    disk.makeFolder(dir);
    disk.remove(this.#draft);
    this.#fd = disk.open(this.#draft, 'create');
  }

  write(bytes: Buffer): void {
    if (this.#fd === null) return;
    writeAll(this.#disk, this.#fd, bytes);
    this.bytes += bytes.length;
  }

  async sync(sync: (fd: number) => Promise<void>): Promise<void> {
    if (this.#fd !== null) await sync(this.#fd);
  }

  syncNow(): void {
    if (this.#fd !== null) this.#disk.syncNow(this.#fd);
  }

  finish(): void {
    this.#close();
    this.#disk.rename(this.#draft, this.#file);
    this.#disk.syncFolder(path.dirname(this.#file));
  }

  abandon(): 0 {
    this.#close();
    try {
      this.#disk.remove(this.#draft);
    } catch {
      // The failure that led here is the one to tell; the next start sweeps.
    }
    return 0;
  }

  #close(): void {
    if (this.#fd !== null) this.#disk.close(this.#fd);
    this.#fd = null;
  }
}

/** @throws UnfitSnapshot saying what is wrong with it */
function read(file: string, wanted: Wanted, disk: FileSystem): Snapshot {
  const bytes = readWhole(disk, file);
  if (bytes === null) throw new UnfitSnapshot('it is gone');
  const head = decodeHead(bytes);
  const { definitions } = head;
  refuseOther(head, wanted);
  const place = placeOf(head, wanted.journalDir, disk);
  if (place === null) throw new UnfitSnapshot('the journal has no such record there');
  const states = decodeStates(bytes);
  const parts = Object.fromEntries(
    head.parts.map(({ name, version }, index) => [name, { version, state: states[index] }]),
  );
  return { place, definitions, parts, bytes: bytes.length };
}

function refuseOther(head: SnapshotHead, { parts, definitions }: Wanted): void {
  const other = parts.find(
    ({ name, version }) =>
      !head.parts.some((part) => part.name === name && part.version === version),
  );
  if (other) throw new UnfitSnapshot(`it has no ${other.name} of version ${other.version}`);
  const changed = Object.entries(definitions ?? {}).find(
    ([machine, hash]) => head.definitions[machine] !== hash,
  );
  if (changed) throw new UnfitSnapshot(`the ${changed[0]} machine was another`);
}

/**
 * Where the journal goes on behind a snapshot; null when it has another record there, or none. The
 * record's checksum stands for all before it, and a file may have been compressed since.
 */
function placeOf(head: SnapshotHead, journalDir: string, disk: FileSystem): Tail | null {
  const { seq, at, byte, epoch } = head;
  const file = listSegments(journalDir, disk).find(
    (one) => firstSeqOf(one) === firstSeqOf(head.file),
  );
  if (file === undefined) return null;
  const end = Buffer.from(`,"crc":"${head.crc}"}`);
  const [last] = rawLines(file, { disk, from: byte - end.length - 1 });
  if (last?.whole !== true || !last.bytes.equals(end)) return null;
  return { seq, at, crc: Number.parseInt(head.crc, 16), file, bytes: byte, tornBytes: 0, epoch };
}
