import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isJournalError } from '../../store/journal-error.ts';
import { Journal } from '../../store/journal.ts';
import type { JournalRecord, Line } from '../../store/record.ts';
import { listSegments, readJournal, segmentName } from '../../store/segments.ts';
import {
  filesIn,
  journalErrorOf,
  lastFile,
  recordsIn,
  START,
  tempDir,
  writtenJournal,
} from './support.ts';

// What a crash can leave behind has to open to a prefix; what it can't leave has to be found.

const options = { segmentBytes: 300 };

/** Short, and a function of its number: a line that was lost and is written again is the same. */
const shortLine = (n: number): Line => ({
  actor: `b:${n}`,
  machine: 'b',
  event: { type: 'JÜ*', at: START + n },
  from: 'a',
  to: 'b',
});

function appendShort(journal: Journal, count: number): void {
  for (let end = journal.seq + count; journal.seq < end;) {
    const n = journal.seq + 1;
    journal.append(shortLine(n), START + n);
  }
}

function shortJournal(count: number): string {
  const dir = tempDir();
  const journal = Journal.open(dir, options);
  appendShort(journal, count);
  journal.close();
  return dir;
}

/** The records as one text, which is quicker to compare. */
const textOf = (records: readonly unknown[]): string => JSON.stringify(records);

/** Offsets behind each newline. */
const lineEnds = (bytes: Buffer): number[] =>
  [...bytes.entries()].flatMap(([offset, byte]) => (byte === 10 ? [offset + 1] : []));

describe.each([0, 1])('a journal cut at every byte of its file %i', (which) => {
  /** Cuts a journal of two files at every length of one of them, longest first. */
  function cutEverywhere(
    visit: (dir: string, cut: { kept: number; tornBytes: number; length: number }) => void,
  ): void {
    const dir = shortJournal(3);
    const files = listSegments(dir);
    expect(files).toHaveLength(2);
    const file = files[which]!;
    const before = which === 0 ? 0 : Number.parseInt(path.basename(file), 10) - 1;
    const whole = fs.readFileSync(file);
    const ends = lineEnds(whole);
    if (which === 0) fs.rmSync(files[1]!);
    for (let length = whole.length; length >= 0; length--) {
      for (const later of listSegments(dir)) if (later > file) fs.rmSync(later);
      fs.writeFileSync(file, whole.subarray(0, length));
      const ended = ends.filter((end) => end <= length);
      const kept = before + Math.max(0, ended.length - 1);
      visit(dir, { kept, tornBytes: length - (ended.at(-1) ?? 0), length });
    }
  }

  test('gives readers a prefix, and they change nothing', () => {
    const records = recordsIn(shortJournal(3));
    cutEverywhere((dir, { kept, tornBytes, length }) => {
      const found: JournalRecord[] = [];
      expect(readJournal(dir, (record) => void found.push(record)).tornBytes).toBe(tornBytes);
      expect(textOf(found)).toBe(textOf(records.slice(0, kept)));
      expect(fs.statSync(listSegments(dir)[which]!).size).toBe(length);
    });
  });

  test('opens to that prefix, tells what it cut off, and goes on', () => {
    const records = recordsIn(shortJournal(5));
    cutEverywhere((dir, { kept, tornBytes }) => {
      const journal = Journal.open(dir);
      expect(journal.recoveredBytes).toBe(tornBytes);
      expect(journal.seq).toBe(kept);
      appendShort(journal, 2);
      journal.close();
      expect(textOf(recordsIn(dir))).toBe(textOf(records.slice(0, kept + 2)));
    });
  });
});

describe('a torn tail', () => {
  test('is gone after opening, and the next opening has nothing to recover', () => {
    const dir = writtenJournal(3);
    const before = filesIn(dir);
    fs.appendFileSync(lastFile(dir), '{"v":1,"se');
    const journal = Journal.open(dir);
    expect(journal.recoveredBytes).toBe(10);
    journal.close();
    expect(filesIn(dir)).toEqual(before);
    const again = Journal.open(dir);
    onTestFinished(() => again.close());
    expect(again.recoveredBytes).toBe(0);
  });

  test('of zeros without a newline is one too', () => {
    const dir = writtenJournal(3);
    fs.appendFileSync(lastFile(dir), Buffer.alloc(512));
    const journal = Journal.open(dir);
    onTestFinished(() => journal.close());
    expect(journal.recoveredBytes).toBe(512);
    expect(recordsIn(dir)).toHaveLength(3);
  });

  test('is not what a whole line with a wrong checksum is', () => {
    const dir = writtenJournal(3);
    fs.appendFileSync(lastFile(dir), 'rubbish that is longer than a checksum\n');
    const before = filesIn(dir);
    expect(journalErrorOf(() => Journal.open(dir))).toMatchObject({ line: 5, seq: 4 });
    expect(filesIn(dir)).toEqual(before);
  });
});

describe('a flipped bit at every byte', () => {
  type Outcome =
    | string
    | { file: string; line: number | null; byte: number | null; named: boolean };

  /** What reading came to: the records as text, or the damage. */
  function outcomeOf(dir: string): Outcome {
    try {
      return textOf(recordsIn(dir));
    } catch (error) {
      if (!isJournalError(error)) throw error;
      const { file, line, byte, message } = error;
      return { file, line, byte, named: message.includes(`${file}, line ${line},`) };
    }
  }

  /** One bit of each byte in turn; all bits where a newline is lost or made. */
  const bitsOf = (byte: number, offset: number): number[] =>
    byte === 10 || Number.isInteger(Math.log2(byte ^ 10)) ? [0, 1, 2, 3, 4, 5, 6, 7] : [offset % 8];

  function flipEach(file: string, visit: (offset: number) => void): void {
    const whole = fs.readFileSync(file);
    for (const [offset, byte] of whole.entries()) {
      for (const bit of bitsOf(byte, offset)) {
        whole[offset] = byte ^ (1 << bit);
        fs.writeFileSync(file, whole);
        visit(offset);
      }
      whole[offset] = byte;
    }
    fs.writeFileSync(file, whole);
  }

  test('is found and named, or costs the one line whose newline it was', () => {
    const dir = shortJournal(3);
    const records = recordsIn(dir);
    const files = listSegments(dir);
    expect(files.map((file) => path.basename(file))).toEqual([segmentName(1), segmentName(3)]);
    for (const file of files) {
      const ends = lineEnds(fs.readFileSync(file));
      flipEach(file, (offset) => {
        const found = outcomeOf(dir);
        const isLastNewline = file === files.at(-1) && offset === ends.at(-1)! - 1;
        const before = ends.filter((end) => end <= offset);
        expect(found, `${path.basename(file)} byte ${offset}`).toEqual(
          isLastNewline
            ? textOf(records.slice(0, -1))
            : { file, line: before.length + 1, byte: before.at(-1) ?? 0, named: true },
        );
      });
    }
    expect(outcomeOf(dir)).toBe(textOf(records));
  });
});

describe('whole lines', () => {
  /** Rewrites the only file of a journal of four lines; line 0 is the header. */
  function edited(edit: (lines: string[]) => string[]): string {
    const dir = writtenJournal(4);
    const lines = fs.readFileSync(lastFile(dir), 'utf8').split('\n');
    fs.writeFileSync(lastFile(dir), edit(lines).join('\n'));
    return dir;
  }

  test.each([
    ['removed', (lines: string[]) => lines.toSpliced(2, 1), 3],
    ['doubled', (lines: string[]) => lines.toSpliced(2, 0, lines[2]!), 4],
    ['swapped', (lines: string[]) => lines.toSpliced(2, 2, lines[3]!, lines[2]!), 3],
    ['emptied', (lines: string[]) => lines.toSpliced(2, 0, ''), 3],
  ])('that were %s are found', (_how, edit, line) => {
    const dir = edited(edit);
    expect(journalErrorOf(() => readJournal(dir)).line).toBe(line);
    expect(journalErrorOf(() => Journal.open(dir)).line).toBe(line);
  });
});
