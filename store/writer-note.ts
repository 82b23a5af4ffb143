import path from 'node:path';
import { crc32 } from 'node:zlib';
import { readWhole, writeAll, type FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { formatCrc } from './record.ts';

/** What the journal's writer notes beside it, in one small file that is written over in place. */
interface Note {
  /** Rises by one with each start that writes. */
  readonly epoch: number;
  /** Records up to this one were put on disk. */
  readonly synced: number;
}

const nameOf = (dir: string): string => path.join(dir, '.writer');
const WIDTH = 16;

/** Always as long, and below a sector: it is written whole or not at all. */
function encode({ epoch, synced }: Note): Buffer {
  const open = `epoch ${String(epoch).padStart(WIDTH)} synced ${String(synced).padStart(WIDTH)}`;
  return Buffer.from(`${open} crc ${formatCrc(crc32(open))}\n`);
}

const LENGTH = encode({ epoch: 0, synced: 0 }).length;

function decode(bytes: Buffer): Note | null {
  const found = /^(epoch +(\d+) synced +(\d+)) crc ([0-9a-f]{8})\n$/.exec(bytes.toString('latin1'));
  if (!found || formatCrc(crc32(found[1] ?? '')) !== found[4]) return null;
  return { epoch: Number(found[2]), synced: Number(found[3]) };
}

/** The note of the last writer; null where there is none, or one that can't be read. */
export function readNote(dir: string, disk: FileSystem): Note | null {
  const bytes = readWhole(disk, nameOf(dir));
  return bytes && decode(bytes);
}

/** Where a journal ends. */
interface End {
  readonly seq: number;
  readonly tornBytes: number;
}

/**
 * No crash takes what was on disk: such a journal was cut, or put back from an older copy, and who
 * was called in the part that is missing would be called again. A last line that is torn was there.
 * @param synced records up to this one had been on disk, as a note from before the reading says
 * @throws JournalError when the journal ends before that
 */
export function refuseShortened(dir: string, synced: number, { seq, tornBytes }: End): void {
  if (synced - seq <= (tornBytes > 0 ? 1 : 0)) return;
  throw new JournalError(
    `The end of the journal is missing: records up to seq ${synced} had been on disk. Put it back ` +
      'as it was; to go on without them, and call again whoever was called in them, remove the ' +
      'file .writer beside it',
    { file: dir, seq: seq + 1 },
  );
}

/**
 * Tells two writers of one journal apart: each start takes the next epoch, and a writer that finds
 * a higher one than its own has lost the journal to another. It also remembers how far the journal
 * was put on disk, so that lines which a power cut took are told from lines that were damaged.
 */
export class WriterNote {
  readonly epoch: number;
  readonly #disk: FileSystem;
  readonly #fd: number;
  #synced: number;

  private constructor(disk: FileSystem, fd: number, note: Note) {
    this.#disk = disk;
    this.#fd = fd;
    this.epoch = note.epoch;
    this.#synced = note.synced;
  }

  /**
   * Takes the next epoch. Only the first note is synced, so that there is one: after a power cut no
   * older writer is left to be fenced off.
   * @throws JournalError when the journal ends before what was on disk
   */
  static take(dir: string, disk: FileSystem, end: End & Pick<Note, 'epoch'>): WriterNote {
    const before = readNote(dir, disk);
    if (before) refuseShortened(dir, before.synced, end);
    const epoch = Math.max(before?.epoch ?? 0, end.epoch) + 1;
    const note = { epoch, synced: Math.min(before?.synced ?? 0, end.seq) };
    const fd = disk.open(nameOf(dir), 'update');
    writeAll(disk, fd, encode(note), 0);
    if (before === null) {
      disk.syncNow(fd);
      disk.syncFolder(dir);
    }
    return new WriterNote(disk, fd, note);
  }

  /** Whether another writer has begun since. */
  isFenced(): boolean {
    const bytes = Buffer.alloc(LENGTH);
    const read = this.#disk.read(this.#fd, bytes, 0, LENGTH, 0);
    const note = decode(bytes.subarray(0, read));
    return note !== null && note.epoch > this.epoch;
  }

  /** Not synced itself: it only ever says too little. */
  markSynced(seq: number): void {
    if (seq <= this.#synced) return;
    this.#synced = seq;
    try {
      writeAll(this.#disk, this.#fd, encode({ epoch: this.epoch, synced: seq }), 0);
    } catch {
      // What is on disk is on disk; a disk that takes nothing more is told by the journal.
    }
  }

  close(): void {
    this.#disk.close(this.#fd);
  }
}
