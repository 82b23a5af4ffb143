import { isAscii } from 'node:buffer';
import path from 'node:path';
import { baseOf, type Base } from './base.ts';
import { baseSeqIn } from './base-name.ts';
import { realFileSystem, sizeOf, type FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { isCompressed, rawBlocks, rawLines, type RawBlock } from './raw-lines.ts';
import { readNote } from './writer-note.ts';
import {
  checkHeader,
  checkLine,
  actorIn,
  FORMAT_VERSION,
  readHeader,
  type Header,
  type JournalRecord,
} from './record.ts';
import { upcastFrom, type Upcast } from './upcast.ts';

export const segmentName = (firstSeq: number): string =>
  `${String(firstSeq).padStart(20, '0')}.jsonl`;

const pattern = /^(\d{20})\.jsonl(\.gz)?$/;

export const isSegment = (name: string): boolean => pattern.test(name);

/** The `seq` of the first record in a file of the journal, by its name. */
export const firstSeqOf = (file: string): number => Number(path.basename(file).slice(0, 20));

/** Whether both names are of one file, which may have been compressed since. */
export const isSameSegment = (a: string, b: string): boolean =>
  a.replace(/\.gz$/, '') === b.replace(/\.gz$/, '');

/** The journal's files, oldest first; none where there is no journal yet, or that a base stands for. */
export const listSegments = (dir: string, disk: FileSystem = realFileSystem): string[] =>
  segmentsAmong(dir, disk.list(dir));

function segmentsAmong(dir: string, names: readonly string[]): string[] {
  const byName = new Map<string, string>();
  const removed = baseSeqIn(names);
  for (const name of names.toSorted()) {
    const first = pattern.exec(name)?.[1];
    if (first === undefined || Number(first) <= removed) continue;
    // `.jsonl` sorts before `.jsonl.gz`: of both, which a crash can leave, the first is whole.
    if (!byName.has(first)) byName.set(first, path.join(dir, name));
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

type Visit = (record: JournalRecord) => boolean | void;

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
  /**
   * Whose lines are wanted. Those of other actors are only proven by their checksums, but for the
   * very last line, which is always visited. @default everybody's
   */
  readonly isWanted?: (actor: string) => boolean;
  /** Sees what a base has left of the records before the first file; null: nobody. @default `visit` */
  readonly onBase?: Visit | null;
  /** Stands for all before it. @default the folder's own */
  readonly base?: Base;
}

const NEWLINE = 10;
/** More zeros than a few flipped bits make of letters. */
const HOLE = Buffer.alloc(8);

/** @throws JournalError where the file does not begin with a header that can be understood */
export function headerOf(file: string, disk: FileSystem = realFileSystem): Header {
  const [first] = rawLines(file, { disk });
  const header = first?.whole
    ? readHeader(first.bytes)
    : 'The header of this journal file is damaged';
  if (typeof header === 'string') throw new JournalError(header, { file, line: 1, byte: 0 });
  return header;
}

type Encoding = 'latin1' | 'utf8';

function parseRecord(
  bytes: Buffer,
  from: number,
  to: number,
  encoding: Encoding,
): JournalRecord | null {
  try {
    const value = JSON.parse(bytes.toString(encoding, from, to)) as JournalRecord | null;
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
  /** Nearly all lines are ASCII, and read as Latin-1 they need no decoding. */
  #encoding: Encoding = 'utf8';
  readonly #disk: FileSystem;
  readonly #isSkimming: boolean;
  readonly #isWanted: ((actor: string) => boolean) | null;
  /** The last line, where it was passed over. */
  #passed: Buffer | null = null;
  /** The last line of an older format, where nobody wanted it. */
  #unwanted: JournalRecord | null = null;
  readonly #visit: Visit;
  /** Up to this record all is known to have been on disk; null when nobody knows. */
  readonly #synced: number | null;

  constructor(
    dir: string,
    visit: Visit,
    { disk = realFileSystem, after, isSkimming = false, isWanted }: ReadOptions,
  ) {
    this.#disk = disk;
    this.#visit = visit;
    this.#isSkimming = isSkimming;
    this.#isWanted = isWanted ?? null;
    this.#synced = readNote(dir, disk)?.synced ?? null;
    if (after) Object.assign(this, after, { tornBytes: 0 });
  }

  tail(): Tail {
    const { seq, at, crc, file, bytes, tornBytes, epoch, version } = this;
    const older = version === FORMAT_VERSION ? {} : { version };
    return { seq, at, crc, file, bytes, tornBytes, epoch, ...older };
  }

  /** @returns false when the visitor has seen enough */
  begin(base: Base, visit: Visit | null): boolean {
    this.at = base.at;
    this.seq = base.seq;
    this.crc = Number.parseInt(base.crc, 16);
    if (this.#isSkimming || !visit) return true;
    for (const record of base.records()) {
      if (this.#isWanted?.(record.actor) !== false && visit(record) === false) return false;
    }
    return true;
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
    for (const block of rawBlocks(file, { disk: this.#disk, from })) {
      if (!block.whole && !mayBeTorn) {
        this.#line++;
        throw this.#damage('A journal file ends in the middle of a line', block.byte, null);
      }
      if (!block.whole) {
        this.tornBytes = sizeOf(this.#disk, file) - block.byte;
        return true;
      }
      if (!this.#readBlock(block, mayBeTorn)) return this.tornBytes > 0;
    }
    return true;
  }

  /** @returns false where the reading ends: at a hole, or because the visitor has seen enough */
  #readBlock({ data, byte }: RawBlock, mayBeTorn: boolean): boolean {
    this.#encoding = isAscii(data) ? 'latin1' : 'utf8';
    for (let from = 0; from < data.length;) {
      const to = data.indexOf(NEWLINE, from);
      this.#line++;
      if (mayBeTorn && this.#isLost(data, from, to)) {
        this.tornBytes = sizeOf(this.#disk, this.file ?? '') - byte - from;
        return false;
      }
      if (this.#line === 1) this.#takeHeader(data.subarray(from, to));
      else if (!this.#takeLine(data, from, to, byte + from)) return false;
      from = to + 1;
    }
    return true;
  }

  /**
   * A power cut may take a line that was never synced and leave one behind it: the hole reads as
   * zeros, which no line holds. Where the line is known to have been on disk, it is damage.
   */
  #isLost(data: Buffer, from: number, to: number): boolean {
    if (this.#synced === null || this.seq < this.#synced) return false;
    return data.subarray(from, to).includes(HOLE);
  }

  #takeHeader(bytes: Buffer): void {
    const header = checkHeader(bytes, this.seq + 1, this.crc);
    if (typeof header === 'string') {
      throw new JournalError(header, { file: this.file ?? '', line: 1, byte: 0 });
    }
    this.epoch = header.epoch ?? 0;
    this.#readAs(header.version);
    this.bytes = bytes.length + 1;
  }

  #readAs(version: number): void {
    this.version = version;
    this.#upcast = upcastFrom(version, FORMAT_VERSION);
  }

  /** @returns false when the visitor has seen enough */
  #takeLine(data: Buffer, from: number, to: number, byte: number): boolean {
    const crc = checkLine(data, this.crc, from, to);
    if (crc === null) {
      throw this.#damage('A journal line is damaged: its checksum does not match', byte);
    }
    const isPassed = this.#isSkimming || this.#isPassedOver(data, from, to);
    const record = isPassed ? null : parseRecord(data, from, to, this.#encoding);
    if (!isPassed && !record) throw this.#damage('A journal line is no JSON object', byte);
    if (record && record.seq !== this.seq + 1) {
      throw this.#damage(`Expected seq ${this.seq + 1}, found ${record.seq}`, byte);
    }
    this.seq++;
    this.crc = crc;
    this.bytes = byte + to - from + 1;
    this.#passed = isPassed && !this.#isSkimming ? data.subarray(from, to) : null;
    this.#unwanted = null;
    return record ? this.#take(record) : true;
  }

  /** Whose line it is can be told from the bytes of today's format only. */
  #isPassedOver(data: Buffer, from: number, to: number): boolean {
    if (this.#upcast) return false;
    const actor = this.#isWanted && actorIn(data, from, to);
    return actor !== null && this.#isWanted?.(actor) === false;
  }

  #take(record: JournalRecord): boolean {
    this.at = record.at;
    if (!this.#upcast) return this.#visit(record) !== false;
    const today = this.#upcast(record);
    if (this.#isWanted?.(today.actor) !== false) return this.#visit(today) !== false;
    this.#unwanted = today;
    return true;
  }

  /** The last line says when the journal ends, and who wrote it. */
  tellLast(): void {
    const bytes = this.#passed;
    const record = bytes ? parseRecord(bytes, 0, bytes.length, 'utf8') : this.#unwanted;
    if (!record) return;
    this.at = record.at;
    this.#visit(record);
  }

  #damage(what: string, byte: number, seq: number | null = this.seq + 1): JournalError {
    const place = { file: this.file ?? '', line: this.#line, byte };
    return new JournalError(what, seq === null ? place : { ...place, seq });
  }
}

/**
 * Reads every record of a journal folder in order, its checksums proven, and says where it ends.
 * Where the first ones were removed, what their base has left of them comes first. Nothing is
 * changed on disk. `visit` ends the reading by returning false.
 * @throws JournalError naming file, line, seq and byte of the first damage; or when the first files
 *   were removed meanwhile
 */
export function readJournal(dir: string, visit: Visit = () => {}, options: ReadOptions = {}): Tail {
  const { disk = realFileSystem, after, onBase = visit } = options;
  const names = disk.list(dir);
  const reader = new SegmentReader(dir, visit, options);
  if (after?.file && firstSeqOf(after.file) <= baseSeqIn(names)) throw removedMeanwhile(dir);
  try {
    const base = after?.file ? null : (options.base ?? baseOf(dir, disk, names));
    const from = after?.file ? firstSeqOf(after.file) : (base?.seq ?? 0) + 1;
    const files = segmentsAmong(dir, names).filter((file) => firstSeqOf(file) >= from);
    if (base && !reader.begin(base, onBase)) return reader.tail();
    for (const [index, file] of files.entries()) {
      if (!reader.read(file, index === files.length - 1)) break;
    }
  } catch (error) {
    throw baseSeqIn(disk.list(dir)) > baseSeqIn(names) ? removedMeanwhile(dir) : error;
  }
  reader.tellLast();
  return reader.tail();
}

/** What a reader is told whose files were removed under its hands. */
export const removedMeanwhile = (dir: string): JournalError =>
  new JournalError(
    'The first files of this journal were removed while it was read: read it again',
    {
      file: dir,
    },
  );
