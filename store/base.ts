import path from 'node:path';
import { crc32 } from 'node:zlib';
import { baseName, baseSeqIn, seqOfBase } from './base-name.ts';
import { writeAll, type FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { rawLines } from './raw-lines.ts';
import { FORMAT_VERSION, formatCrc, type JournalRecord } from './record.ts';
import { isReadable, upcastFrom } from './upcast.ts';

const FORMAT = 'ai-call-agent/journal-base';
const NEWLINE = Buffer.from('\n');
/** Lines are written together until there are so many. */
const BLOCK_CHARS = 1 << 18;

/** Where the journal goes on behind a base. */
export interface BaseHead {
  /** Of the last record that was removed. */
  readonly seq: number;
  readonly at: number;
  /** What the next record's checksum is seeded with: a base of another journal does not fit. */
  readonly crc: string;
}

export interface Base extends BaseHead {
  readonly file: string;
  /** What is left of the removed records, in order: enough for whoever has to know the past. */
  records(): Generator<JournalRecord>;
}

/**
 * Writes a base under a name that nobody reads yet, and puts it on disk.
 * @param fill adds one record after another
 */
export function writeBase(
  disk: FileSystem,
  file: string,
  { seq, at, crc: previous }: BaseHead,
  fill: (add: (record: JournalRecord) => void) => void,
): void {
  disk.remove(file);
  const fd = disk.open(file, 'create');
  let [crc, lines, block] = [0, 0, ''];
  const flush = (): void => {
    const bytes = Buffer.from(block);
    crc = crc32(bytes, crc);
    if (bytes.length > 0) writeAll(disk, fd, bytes);
    block = '';
  };
  const add = (value: unknown): void => {
    block += `${JSON.stringify(value)}\n`;
    lines++;
    if (block.length >= BLOCK_CHARS) flush();
  };
  try {
    add({ format: FORMAT, version: FORMAT_VERSION, seq, at, crc: previous });
    fill(add);
    flush();
    writeAll(disk, fd, Buffer.from(`${closingLine(lines, crc)}\n`));
    disk.syncNow(fd);
  } finally {
    disk.close(fd);
  }
}

/** The last line: how many there are before it, and the checksum of them all. */
const closingLine = (lines: number, crc: number): string =>
  `{"lines":${lines},"crc":"${formatCrc(crc)}"}`;

/**
 * The base of the journal in a folder; null where it begins with its first record.
 * @param names what is in the folder
 * @throws JournalError where it is torn, damaged, or of a newer version; or where the files behind
 *   it are gone
 */
export function baseOf(
  dir: string,
  disk: FileSystem,
  names: readonly string[] = disk.list(dir),
): Base | null {
  const seq = baseSeqIn(names);
  if (seq > 0) return readBase(path.join(dir, baseName(seq)), seq, disk);
  const orphan = names.find((name) => seqOfBase(name) !== null);
  if (orphan !== undefined && !names.some((name) => /^0{19}1\.jsonl(\.gz)?$/.test(name))) {
    throw new JournalError('The journal file behind this base is missing', {
      file: path.join(dir, orphan),
    });
  }
  return null;
}

/**
 * Proves the whole file by its checksum before anything of it is given.
 * @throws JournalError where it is torn, damaged, of another place, or of a newer version
 */
export function readBase(file: string, seq: number, disk: FileSystem): Base {
  const refused = (what: string): JournalError => new JournalError(what, { file });
  let [crc, lines, first] = [0, -1, ''];
  let last: Buffer = Buffer.alloc(0);
  for (const { bytes, whole } of rawLines(file, { disk })) {
    if (!whole) throw refused('The base of this journal is damaged');
    if (lines === -1) first = bytes.toString('utf8');
    else crc = crc32(NEWLINE, crc32(last, crc));
    last = bytes;
    lines++;
  }
  if (last.toString('latin1') !== closingLine(lines, crc)) {
    throw refused('The base of this journal is damaged');
  }
  const head = JSON.parse(first) as BaseHead & { format: string; version: number };
  if (head.format !== FORMAT || head.seq !== seq) throw refused('This is no base of this journal');
  if (!isReadable(head.version, FORMAT_VERSION)) {
    throw refused('The base of this journal was written by a newer version of the program');
  }
  const upcast = upcastFrom(head.version, FORMAT_VERSION);
  function* records(): Generator<JournalRecord> {
    let line = 0;
    for (const { bytes } of rawLines(file, { disk })) {
      if (line === lines) return;
      if (line++ === 0) continue;
      const record = JSON.parse(bytes.toString('utf8')) as JournalRecord;
      yield upcast?.(record) ?? record;
    }
  }
  return { seq, at: head.at, crc: head.crc, file, records };
}
