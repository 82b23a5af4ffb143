import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { isJournalError, type JournalError } from '../../store/journal-error.ts';
import { Journal, type JournalOptions } from '../../store/journal.ts';
import { encodeHeader, encodeRecord, type JournalRecord, type Line } from '../../store/record.ts';
import { listSegments, readJournal, segmentName } from '../../store/segments.ts';

export const START = 1_790_000_000_000;

/** Hundreds of openings wait for the disk longer than for anything else; memory does as well here. */
const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

/** A folder that is gone when the test ends. */
export function tempDir(): string {
  const dir = fs.mkdtempSync(path.join(base, 'call-agent-store-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A line that nobody has to understand. Its text is not ASCII, so that bytes are not characters. */
export function anyLine(n: number, more: Partial<Line> = {}): Line {
  return {
    actor: `call:${String(n).padStart(4, '0')}`,
    machine: 'call',
    event: { type: 'call.begin', at: START + n, note: 'Ärger 🙂' },
    from: 'queued',
    to: 'scripting',
    context: { n },
    corr: `call:${String(n).padStart(4, '0')}`,
    ...more,
  };
}

/** Opened, and closed when the test ends, unless the test has done so. */
export function openJournal(dir: string, options: JournalOptions = {}): Journal {
  const journal = Journal.open(dir, options);
  onTestFinished(() => {
    try {
      journal.close();
    } catch {
      // The test has closed it.
    }
  });
  return journal;
}

export function append(journal: Journal, count: number): JournalRecord[] {
  return Array.from({ length: count }, () => {
    const n = journal.seq + 1;
    return journal.append(anyLine(n), START + n);
  });
}

/** A closed journal of `count` lines in a new folder. */
export function writtenJournal(count: number, options: JournalOptions = {}): string {
  const dir = tempDir();
  const journal = Journal.open(dir, options);
  append(journal, count);
  journal.close();
  return dir;
}

export function recordsIn(dir: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  readJournal(dir, (record) => void records.push(record));
  return records;
}

/** As read back from disk. */
export const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Every file of the journal with its content: proves that a reader changed nothing. */
export function filesIn(dir: string): { [name: string]: string } {
  const names = fs
    .readdirSync(dir)
    .filter((name) => !name.startsWith('.'))
    .toSorted();
  return Object.fromEntries(
    names.map((name) => [name, fs.readFileSync(path.join(dir, name), 'latin1')]),
  );
}

export function lastFile(dir: string): string {
  const file = listSegments(dir).at(-1);
  if (!file) throw new Error(`no journal in ${dir}`);
  return file;
}

/** What `work` threw, which has to be a JournalError. */
export function journalErrorOf(work: () => unknown): JournalError {
  try {
    work();
  } catch (error) {
    if (isJournalError(error)) return error;
    throw error;
  }
  throw new Error('expected a JournalError, nothing was thrown');
}

/** A line with the place in time that it is to have. */
export type Stamped = Line & { readonly at: number };

export const stripped = ({ v: _v, seq: _seq, crc: _crc, ...line }: JournalRecord): Stamped => line;

export const lineOf = ({ v: _v, seq: _seq, at: _at, crc: _crc, ...line }: JournalRecord): Line =>
  line;

/** Writes a journal of one file whose checksums and numbers are right, whatever its lines say. */
export function writeValid(dir: string, lines: readonly Stamped[]): void {
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir);
  let crc = 0;
  const texts = [encodeHeader(1, 0)];
  for (const [index, { at, ...line }] of lines.entries()) {
    const sealed = encodeRecord(line, index + 1, at, crc);
    crc = sealed.crc;
    texts.push(sealed.text);
  }
  fs.writeFileSync(path.join(dir, segmentName(1)), texts.join(''));
}

/** The journal in `dir` with `edit` applied and every later checksum and number made to fit. */
export function forge(dir: string, edit: (lines: Stamped[]) => readonly Stamped[]): void {
  writeValid(dir, edit(recordsIn(dir).map(stripped)));
}
