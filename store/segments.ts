import path from 'node:path';
import { realFileSystem, type FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { isCompressed, rawLines, type RawLine } from './raw-lines.ts';
import { readNote } from './writer-note.ts';
import {
  checkHeader,
  checkLine,
  FORMAT_VERSION,
  readHeader,
  type Header,
  type JournalRecord,
} from './record.ts';
import { upcastFrom, type Upcast } from './upcast.ts';

export const segmentName = (firstSeq: number): string =>
  `${String(firstSeq).padStart(20, '0')}.jsonl`;

const pattern = /^(\d{20})\.jsonl(\.gz)?$/;

/** The `seq` of the first record in a file of the journal, by its name. */
export const firstSeqOf = (file: string): number => Number(path.basename(file).slice(0, 20));

/** Whether both names are of one file, which may have been compressed since. */
export const isSameSegment = (a: string, b: string): boolean =>
  a.replace(/\.gz$/, '') === b.replace(/\.gz$/, '');

/** The journal's files, oldest first; none where there is no journal yet. */
export function listSegments(dir: string, disk: FileSystem = realFileSystem): string[] {
  const byName = new Map<string, string>();
  for (const name of disk.list(dir).toSorted()) {
    const first = pattern.exec(name)?.[1];
    // `.jsonl` sorts before `.jsonl.gz`: of both, which a crash can leave, the first is whole.
    if (first !== undefined && !byName.has(first)) byName.set(first, path.join(dir, name));
  }
  return [...byName.values()];
}

/** Where reading ended: what the next record follows on. */
export interface Tail {
  readonly seq: number;
  readonly at: number;
  readonly crc: number;
  /** The last file, and its length up to the last whole line; null where there is no file. */
  readonly file: string | null;
  readonly bytes: number;
  /** Bytes behind the last whole line: a write that a crash cut short. */
  readonly tornBytes: number;
  /** Of the start that began the last file; 0 where there is none. */
  readonly epoch: number;
  /** The last file's format. @default today's */
  readonly version?: number;
}

export interface ReadOptions {
  /** @default the real one */
  readonly disk?: FileSystem;
  /**
   * Begin behind this place, which an earlier reading has given: what is before it is not looked at.
   * @default the beginning
   */
  readonly after?: Tail;
  /** Only prove the checksums: `visit` is not called, and no line is parsed. @default false */
  readonly isSkimming?: boolean;
}

/** More zeros than a few flipped bits make of letters. */
const HOLE = Buffer.alloc(8);

function lengthOf(disk: FileSystem, file: string): number {
  const fd = disk.open(file, 'read');
  try {
    return disk.size(fd);
  } finally {
    disk.close(fd);
  }
}

/** @throws JournalError where the file does not begin with a header that can be understood */
export function headerOf(file: string, disk: FileSystem = realFileSystem): Header {
  const [first] = rawLines(file, { disk });
  const header = first?.whole
    ? readHeader(first.bytes)
    : 'The header of this journal file is damaged';
  if (typeof header === 'string') throw new JournalError(header, { file, line: 1, byte: 0 });
  return header;
}

type Visit = (record: JournalRecord) => boolean | void;

function parseRecord(bytes: Buffer): JournalRecord | null {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as JournalRecord | null;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Reads one file after another; its fields are what {@link Tail} says. */
class SegmentReader {
  seq = 0;
  at = 0;
  crc = 0;
  file: string | null = null;
  bytes = 0;
  tornBytes = 0;
  epoch = 0;
  version = FORMAT_VERSION;
  #upcast: Upcast | null = null;
  #line = 0;
  readonly #disk: FileSystem;
  readonly #isSkimming: boolean;
  readonly #visit: Visit;
  /** Up to this record all is known to have been on disk; null when nobody knows. */
  readonly #synced: number | null;

  constructor(
    dir: string,
    visit: Visit,
    { disk = realFileSystem, after, isSkimming = false }: ReadOptions,
  ) {
    this.#disk = disk;
    this.#visit = visit;
    this.#isSkimming = isSkimming;
    this.#synced = readNote(dir, disk)?.synced ?? null;
    if (after) Object.assign(this, after, { tornBytes: 0 });
  }

  tail(): Tail {
    const { seq, at, crc, file, bytes, tornBytes, epoch, version } = this;
    const older = version === FORMAT_VERSION ? {} : { version };
    return { seq, at, crc, file, bytes, tornBytes, epoch, ...older };
  }

  /** @returns false when the visitor has seen enough */
  read(file: string, isLast: boolean): boolean {
    const from = this.file !== null && isSameSegment(file, this.file) ? this.bytes : 0;
    this.file = file;
    this.bytes = from;
    this.tornBytes = 0;
    this.#line = from === 0 ? 0 : 1;
    this.#readAs(from === 0 ? FORMAT_VERSION : headerOf(file, this.#disk).version);
    // What is compressed was whole before, and is written under another name first.
    const mayBeTorn = isLast && !isCompressed(file);
    for (const raw of rawLines(file, { disk: this.#disk, from })) {
      this.#line++;
      if (!raw.whole && !mayBeTorn) {
        throw this.#damage('A journal file ends in the middle of a line', raw, null);
      }
      if (!raw.whole || (mayBeTorn && this.#isLost(raw))) {
        this.tornBytes = lengthOf(this.#disk, file) - raw.byte;
        return true;
      }
      if (this.#line === 1) this.#takeHeader(raw, file);
      else if (this.#isSkimming) this.#skim(raw);
      else if (!this.#take(raw)) return false;
    }
    return true;
  }

  /**
   * A power cut may take a line that was never synced and leave one behind it: the hole reads as
   * zeros, which no line holds. Where the line is known to have been on disk, it is damage.
   */
  #isLost({ bytes }: RawLine): boolean {
    if (this.#synced === null || this.seq < this.#synced) return false;
    return bytes.includes(HOLE);
  }

  #takeHeader(raw: RawLine, file: string): void {
    const header = checkHeader(raw.bytes, this.seq + 1, this.crc);
    if (typeof header === 'string') throw new JournalError(header, { file, line: 1, byte: 0 });
    this.epoch = header.epoch ?? 0;
    this.#readAs(header.version);
    this.bytes = raw.byte + raw.bytes.length + 1;
  }

  #readAs(version: number): void {
    this.version = version;
    this.#upcast = upcastFrom(version, FORMAT_VERSION);
  }

  #checked(raw: RawLine): number {
    const crc = checkLine(raw.bytes, this.crc);
    if (crc === null) {
      throw this.#damage('A journal line is damaged: its checksum does not match', raw);
    }
    return crc;
  }

  #skim(raw: RawLine): void {
    this.crc = this.#checked(raw);
    this.seq++;
    this.bytes = raw.byte + raw.bytes.length + 1;
  }

  #take(raw: RawLine): boolean {
    const crc = this.#checked(raw);
    const record = parseRecord(raw.bytes);
    if (!record) throw this.#damage('A journal line is no JSON object', raw);
    if (record.seq !== this.seq + 1) {
      throw this.#damage(`Expected seq ${this.seq + 1}, found ${record.seq}`, raw);
    }
    this.seq = record.seq;
    this.at = record.at;
    this.crc = crc;
    this.bytes = raw.byte + raw.bytes.length + 1;
    return this.#visit(this.#upcast?.(record) ?? record) !== false;
  }

  #damage(what: string, { byte }: RawLine, seq: number | null = this.seq + 1): JournalError {
    const place = { file: this.file ?? '', line: this.#line, byte };
    return new JournalError(what, seq === null ? place : { ...place, seq });
  }
}

/**
 * Reads every record of a journal folder in order, its checksums proven, and says where it ends.
 * Nothing is changed on disk. `visit` ends the reading by returning false.
 * @throws JournalError naming file, line, seq and byte of the first damage
 */
export function readJournal(
  dir: string,
  visit: (record: JournalRecord) => boolean | void = () => {},
  options: ReadOptions = {},
): Tail {
  const all = listSegments(dir, options.disk);
  const first = options.after?.file ?? null;
  const files = first === null ? all : all.filter((file) => firstSeqOf(file) >= firstSeqOf(first));
  const reader = new SegmentReader(dir, visit, options);
  for (const [index, file] of files.entries()) {
    if (!reader.read(file, index === files.length - 1)) break;
  }
  return reader.tail();
}
