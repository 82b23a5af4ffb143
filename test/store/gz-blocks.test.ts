import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { realFileSystem } from '../../store/file-system.ts';
import { JournalFollower } from '../../store/follow.ts';
import { gunzipped, gzBlock } from '../../store/gz-blocks.ts';
import { Journal } from '../../store/journal.ts';
import { isJournalError } from '../../store/journal-error.ts';
import { listSegments, readJournal } from '../../store/segments.ts';
import { append, journalErrorOf, recordsIn, tempDir, writtenJournal } from './support.ts';

const BLOCK_BYTES = 700;

const blocksOf = (bytes: Buffer): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, index) =>
      gzBlock(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)),
    ),
  );

/** As the archive makes it, and as somebody makes it with gzip. */
const compressors = { 'in blocks': blocksOf, 'by gzip': (bytes: Buffer) => gzipSync(bytes) };

function compressFile(file: string, compress: (bytes: Buffer) => Buffer): string {
  fs.writeFileSync(`${file}.gz`, compress(fs.readFileSync(file)));
  fs.rmSync(file);
  return `${file}.gz`;
}

/** A journal of three files whose first one is compressed. */
function journalWith(compress: (bytes: Buffer) => Buffer): { dir: string; file: string } {
  const dir = writtenJournal(12, { segmentBytes: 1_300 });
  const [file = ''] = listSegments(dir);
  return { dir, file: compressFile(file, compress) };
}

/** What is read, or the file that is named as damaged. */
function textOrPlace(dir: string): string {
  try {
    return JSON.stringify(recordsIn(dir));
  } catch (error) {
    if (isJournalError(error)) return error.file;
    throw error;
  }
}

const seqs = (records: Iterable<{ seq: number }>): number[] => [...records].map(({ seq }) => seq);
const upTo = (last: number, after = 0): number[] =>
  Array.from({ length: last - after }, (_, index) => after + index + 1);

test('gunzip reads what stands in blocks', () => {
  const bytes = Buffer.from('Ärger 🙂\n'.repeat(500));
  expect(gunzipSync(blocksOf(bytes))).toEqual(bytes);
});

test('a compressed file can be read from any byte on', () => {
  const bytes = Buffer.from('0123456789'.repeat(160));
  const file = path.join(tempDir(), 'x.gz');
  fs.writeFileSync(file, blocksOf(bytes));
  for (let from = 0; from <= bytes.length; from += 7) {
    const read = Buffer.concat([...gunzipped(realFileSystem, file, from)]);
    expect(read.equals(bytes.subarray(from))).toBe(true);
  }
});

describe.for(Object.entries(compressors))('a file compressed %s', ([, compress]) => {
  test('is read with the others', () => {
    expect(seqs(recordsIn(journalWith(compress).dir))).toEqual(upTo(12));
  });

  test('is followed, from any record on', () => {
    const { dir } = journalWith(compress);
    for (let after = 0; after <= 12; after++) {
      expect(seqs(new JournalFollower(dir, { after }).read())).toEqual(upTo(12, after));
    }
  });

  test('is followed alone', () => {
    const { file } = journalWith(compress);
    const read = seqs(new JournalFollower(file).read());
    expect(read.length).toBeGreaterThan(2);
    expect(read).toEqual(upTo(read.length));
  });

  test('is followed by the next file when it is the last', () => {
    const dir = writtenJournal(4);
    compressFile(listSegments(dir)[0] ?? '', compress);
    const journal = Journal.open(dir);
    append(journal, 2);
    journal.close();
    expect(listSegments(dir).map((file) => path.basename(file))).toEqual([
      '00000000000000000001.jsonl.gz',
      '00000000000000000005.jsonl',
    ]);
    expect(seqs(recordsIn(dir))).toEqual(upTo(6));
  });

  test('is refused, naming it, wherever it is cut', () => {
    const { dir, file } = journalWith(compress);
    const bytes = fs.readFileSync(file);
    for (let length = 0; length < bytes.length; length++) {
      fs.writeFileSync(file, bytes.subarray(0, length));
      const names = [
        journalErrorOf(() => readJournal(dir)),
        journalErrorOf(() => [...new JournalFollower(dir).read()]),
      ].map((error) => error.file);
      // Cut between two blocks, it is the next file that does not follow.
      for (const name of names) expect(listSegments(dir).slice(0, 2)).toContain(name);
    }
  });

  test('is refused or reads the same, whichever bit of it flips', () => {
    const { dir, file } = journalWith(compress);
    const bytes = fs.readFileSync(file);
    const wanted = JSON.stringify(recordsIn(dir));
    for (let bit = 0; bit < bytes.length * 8; bit += 11) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      fs.writeFileSync(file, flipped);
      expect([wanted, ...listSegments(dir)]).toContain(textOrPlace(dir));
    }
  });
});

test('a compressed last file that ends in the middle of a line is damaged, not torn', () => {
  const dir = writtenJournal(3);
  const [file = ''] = listSegments(dir);
  compressFile(file, (bytes) => gzBlock(bytes.subarray(0, -9)));
  expect(journalErrorOf(() => readJournal(dir)).message).toMatch(/middle of a line/);
  expect(journalErrorOf(() => [...new JournalFollower(dir).read()]).message).toMatch(
    /middle of a line/,
  );
});

test('something behind a compressed file is not taken for the end of it', () => {
  const { dir, file } = journalWith((bytes) => gzipSync(bytes));
  fs.appendFileSync(file, Buffer.alloc(40));
  expect(journalErrorOf(() => readJournal(dir)).message).toMatch(/something else follows/);
});

describe('a file that is compressed while somebody follows it', () => {
  test('is gone on with where the follower was', () => {
    const dir = writtenJournal(4);
    const follower = new JournalFollower(dir);
    expect(seqs(follower.read())).toEqual(upTo(4));
    const journal = Journal.open(dir);
    append(journal, 2);
    journal.beginFile();
    append(journal, 1);
    journal.close();
    compressFile(listSegments(dir)[0] ?? '', blocksOf);
    expect(seqs(follower.read())).toEqual([5, 6, 7]);
  });

  test('is read from a remembered position', () => {
    const dir = writtenJournal(9);
    const follower = new JournalFollower(dir);
    for (const { seq } of follower.read()) if (seq === 5) break;
    const from = follower.position;
    compressFile(listSegments(dir)[0] ?? '', blocksOf);
    // The record that was being given when the follower was left is given again.
    expect(seqs(new JournalFollower(dir, { from }).read()).at(-1)).toBe(9);
  });

  test('is read on from a known end', () => {
    const dir = writtenJournal(9);
    const after = readJournal(dir, ({ seq }) => seq < 5);
    compressFile(listSegments(dir)[0] ?? '', blocksOf);
    const read: number[] = [];
    readJournal(dir, ({ seq }) => void read.push(seq), { after });
    expect(read).toEqual([6, 7, 8, 9]);
  });
});
