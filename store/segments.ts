import fs from 'node:fs';
import path from 'node:path';
import { JournalError } from './journal-error.ts';
import { rawLines, type RawLine } from './raw-lines.ts';
import {
  FORMAT,
  FORMAT_VERSION,
  checkLine,
  formatCrc,
  type Header,
  type JournalRecord,
} from './record.ts';

export const segmentName = (firstSeq: number): string =>
  `${String(firstSeq).padStart(20, '0')}.jsonl`;

export const firstSeqOf = (file: string): number => Number(path.basename(file, '.jsonl'));

/** The journal's files, oldest first; none where there is no journal yet. */
export function listSegments(dir: string): string[] {
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir)
    .filter((name) => /^\d{20}\.jsonl$/.test(name))
    .toSorted()
    .map((name) => path.join(dir, name));
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
}

const emptyTail: Tail = { seq: 0, at: 0, crc: 0, file: null, bytes: 0, tornBytes: 0 };

function checkHeader(raw: RawLine, file: string, tail: Tail): void {
  const damaged = (what: string): JournalError =>
    new JournalError(what, { file, line: 1, byte: 0 });
  if (checkLine(raw.bytes, 0) === null) throw damaged('The header of this journal file is damaged');
  const header = JSON.parse(raw.bytes.toString('utf8')) as Omit<Header, 'format'> & {
    format: unknown;
  };
  if (header.format !== FORMAT)
    throw damaged(`This is not a journal: its format is ${JSON.stringify(header.format)}`);
  if (header.version > FORMAT_VERSION) {
    throw damaged(`This journal was written by a newer version (format ${header.version})`);
  }
  if (header.first !== tail.seq + 1 || header.previous !== formatCrc(tail.crc)) {
    throw damaged('A journal file before this one is missing or incomplete');
  }
}

function parseRecord(bytes: Buffer): JournalRecord | null {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as JournalRecord | null;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function checkRecord(raw: RawLine, file: string, line: number, tail: Tail): JournalRecord {
  const place = { file, line, seq: tail.seq + 1, byte: raw.byte };
  if (checkLine(raw.bytes, tail.crc) === null) {
    throw new JournalError('A journal line is damaged: its checksum does not match', place);
  }
  const record = parseRecord(raw.bytes);
  if (!record) throw new JournalError('A journal line is no JSON object', place);
  if (record.seq !== tail.seq + 1) {
    throw new JournalError(`Expected seq ${tail.seq + 1}, found ${record.seq}`, place);
  }
  return record;
}

function readSegment(
  file: string,
  before: Tail,
  isLast: boolean,
  visit: (record: JournalRecord) => boolean | void,
): { tail: Tail; stopped: boolean } {
  let tail: Tail = { ...before, file, bytes: 0, tornBytes: 0 };
  let line = 0;
  for (const raw of rawLines(file)) {
    line++;
    if (!raw.whole) {
      if (isLast) return { tail: { ...tail, tornBytes: raw.bytes.length }, stopped: false };
      throw new JournalError('A journal file ends in the middle of a line', {
        file,
        line,
        byte: raw.byte,
      });
    }
    const bytes = raw.byte + raw.bytes.length + 1;
    if (line === 1) {
      checkHeader(raw, file, before);
      tail = { ...tail, bytes };
      continue;
    }
    const record = checkRecord(raw, file, line, tail);
    tail = {
      seq: record.seq,
      at: record.at,
      crc: Number.parseInt(record.crc, 16),
      file,
      bytes,
      tornBytes: 0,
    };
    if (visit(record) === false) return { tail, stopped: true };
  }
  return { tail, stopped: false };
}

/**
 * Reads every record of a journal folder in order, its checksums proven, and says where it ends.
 * Nothing is changed on disk. `visit` ends the reading by returning false.
 * @throws JournalError naming file, line, seq and byte of the first damage
 */
export function readJournal(
  dir: string,
  visit: (record: JournalRecord) => boolean | void = () => {},
): Tail {
  const files = listSegments(dir);
  let tail = emptyTail;
  for (const [index, file] of files.entries()) {
    const read = readSegment(file, tail, index === files.length - 1, visit);
    tail = read.tail;
    if (read.stopped) break;
  }
  return tail;
}
