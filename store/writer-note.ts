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

const NAME = '.writer';
const nameOf = (dir: string): string => path.join(dir, NAME);
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
export const readNote = (dir: string, disk: FileSystem): Note | null =>
  readNoteIn(nameOf(dir), disk);

function readNoteIn(file: string, disk: FileSystem): Note | null {
  const bytes = readWhole(disk, file);
  return bytes && decode(bytes);
}

/** Beside the journal's folder: what removes or replaces that folder leaves it. */
export const copyOfNote = (journalDir: string): string => path.join(path.dirname(journalDir), NAME);

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
      'files .writer in and beside its folder',
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
  /** Of the note, and of its copy where there is one. */
  readonly #fds: readonly number[];
  readonly #read = Buffer.alloc(LENGTH);
  /** As it was last written here. */
  #own: Buffer;
  #synced: number;

  private constructor(disk: FileSystem, fds: readonly number[], note: Note) {
    this.#disk = disk;
    this.#fds = fds;
    this.#own = encode(note);
    this.epoch = note.epoch;
    this.#synced = note.synced;
  }

  /**
   * Takes the next epoch. Only the first note is synced, so that there is one: after a power cut no
   * older writer is left to be fenced off.
   * @param copy a second file, elsewhere: it outlives the journal's folder
   * @throws JournalError when the journal ends before what was on disk
   */
  static take(
    dir: string,
    disk: FileSystem,
    end: End & Pick<Note, 'epoch'>,
    copy: string | null = null,
  ): WriterNote {
    const files = copy === null ? [nameOf(dir)] : [nameOf(dir), copy];
    const notes = files.map((file) => readNoteIn(file, disk));
    const known = notes.filter((note) => note !== null);
    const synced = Math.max(0, ...known.map((note) => note.synced));
    refuseShortened(dir, synced, end);
    const epoch = Math.max(end.epoch, ...known.map((note) => note.epoch)) + 1;
    const note = { epoch, synced: Math.min(synced, end.seq) };
    const fds = files.map((file, index) => {
      const fd = disk.open(file, 'update');
      writeAll(disk, fd, encode(note), 0);
      if (notes[index] === null) {
        disk.syncNow(fd);
        disk.syncFolder(path.dirname(file));
      }
      return fd;
    });
    return new WriterNote(disk, fds, note);
  }

  /** Whether another writer has begun since. Asked before each line: it is one short read. */
  isFenced(): boolean {
    const [fd = -1] = this.#fds;
    const length = this.#disk.read(fd, this.#read, 0, LENGTH, 0);
    if (length === LENGTH && this.#read.equals(this.#own)) return false;
    const note = decode(this.#read.subarray(0, length));
    return note !== null && note.epoch > this.epoch;
  }

  /** Not synced itself: it only ever says too little. */
  markSynced(seq: number): void {
    if (seq <= this.#synced) return;
    this.#synced = seq;
    this.#own = encode({ epoch: this.epoch, synced: seq });
    try {
      for (const fd of this.#fds) writeAll(this.#disk, fd, this.#own, 0);
    } catch {
      // What is on disk is on disk; a disk that takes nothing more is told by the journal.
    }
  }

  close(): void {
    for (const fd of this.#fds) this.#disk.close(fd);
  }
}
