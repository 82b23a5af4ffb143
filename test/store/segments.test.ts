import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeHeader, encodeRecord, formatCrc, type JournalRecord } from '../../store/record.ts';
import { listSegments, readJournal, segmentName } from '../../store/segments.ts';
import {
  anyLine,
  filesIn,
  journalErrorOf,
  lastFile,
  lineOf,
  recordsIn,
  START,
  tempDir,
  writtenJournal,
} from './support.ts';

/** A journal file of one line that says of itself what `header` says, with a right checksum. */
function journalWithHeader(header: object): string {
  const dir = tempDir();
  const open = JSON.stringify(header).slice(0, -1);
  const sealed = `${open},"crc":"${formatCrc(crc32(open))}"}\n`;
  fs.writeFileSync(path.join(dir, segmentName(1)), sealed);
  return dir;
}

const goodHeader = {
  format: 'ai-call-agent/journal',
  version: 1,
  first: 1,
  previous: '00000000',
};

describe('listing', () => {
  test('finds no files where there is no folder', () => {
    expect(listSegments(path.join(tempDir(), 'none'))).toEqual([]);
  });

  test('goes by first number, and leaves out what is no journal file', () => {
    const dir = tempDir();
    const names = [segmentName(10), segmentName(9), segmentName(100)];
    for (const name of [...names, 'notes.txt', '1.jsonl', `${segmentName(5)}.tmp`]) {
      fs.writeFileSync(path.join(dir, name), '');
    }
    expect(listSegments(dir).map((file) => path.basename(file))).toEqual([
      segmentName(9),
      segmentName(10),
      segmentName(100),
    ]);
  });
});

describe('reading', () => {
  test('gives an empty tail where there is no journal', () => {
    const empty = { seq: 0, at: 0, crc: 0, file: null, bytes: 0, tornBytes: 0, epoch: 0 };
    expect(readJournal(path.join(tempDir(), 'none'))).toEqual(empty);
  });

  test('runs the chain of checksums across files', () => {
    const dir = writtenJournal(20, { segmentBytes: 1000 });
    expect(listSegments(dir).length).toBeGreaterThan(4);
    const records = recordsIn(dir);
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    let crc = 0;
    for (const record of records) {
      ({ crc } = encodeRecord(lineOf(record), record.seq, record.at, crc));
      expect(record.crc).toBe(formatCrc(crc));
    }
  });

  test('names each file by its first record, and its header says the same', () => {
    const dir = writtenJournal(20, { segmentBytes: 1000 });
    for (const file of listSegments(dir)) {
      const [header, first] = fs.readFileSync(file, 'utf8').split('\n', 2).map(parsed);
      expect(path.basename(file)).toBe(segmentName(header?.['first'] as number));
      expect(first?.['seq']).toBe(header?.['first']);
    }
  });

  test('ends where the visitor says so', () => {
    const dir = writtenJournal(10);
    const seen: number[] = [];
    const tail = readJournal(dir, ({ seq }) => {
      seen.push(seq);
      return seq < 4;
    });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(tail.seq).toBe(4);
  });

  test('puts lines together that are longer than what is read at once', () => {
    const dir = tempDir();
    const context = { text: 'ü'.repeat(1 << 20) };
    const lines = [1, 2, 3].map((n) => anyLine(n, { context }));
    let crc = 0;
    const texts = lines.map((line, index) => {
      const sealed = encodeRecord(line, index + 1, START, crc);
      crc = sealed.crc;
      return sealed.text;
    });
    fs.writeFileSync(path.join(dir, segmentName(1)), encodeHeader(1, 0) + texts.join(''));
    expect(recordsIn(dir).map(lineOf)).toEqual(lines);
    const byte = Buffer.byteLength(encodeHeader(1, 0) + texts[0]! + texts[1]!);
    fs.writeFileSync(
      lastFile(dir),
      encodeHeader(1, 0) + texts.join('').replace('"seq":3', '"seq":4'),
    );
    expect(journalErrorOf(() => readJournal(dir))).toMatchObject({ line: 4, seq: 3, byte });
  });

  test('says where a torn last line begins, and leaves it on disk', () => {
    const dir = writtenJournal(3);
    const whole = fs.statSync(lastFile(dir)).size;
    fs.appendFileSync(lastFile(dir), '{"v":1,"seq":4');
    const before = filesIn(dir);
    expect(readJournal(dir)).toMatchObject({ seq: 3, bytes: whole, tornBytes: 14 });
    expect(filesIn(dir)).toEqual(before);
  });
});

const parsed = (text: string): Record<string, unknown> =>
  JSON.parse(text) as Record<string, unknown>;

describe('a file is refused', () => {
  test('with another format', () => {
    const dir = journalWithHeader({ ...goodHeader, format: 'somebody/else' });
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toMatch(/This is not a journal: .*somebody\/else/);
    expect(error).toMatchObject({ file: path.join(dir, segmentName(1)), line: 1, byte: 0 });
  });

  test('of a newer version', () => {
    const dir = journalWithHeader({ ...goodHeader, version: 2 });
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toMatch(/written by a newer version .*2/);
  });

  test.each([
    { ...goodHeader, first: 2 },
    { ...goodHeader, previous: '00000001' },
  ])('when it does not follow on what was read: %j', (header) => {
    const error = journalErrorOf(() => readJournal(journalWithHeader(header)));
    expect(error.message).toContain('A journal file before this one is missing or incomplete');
  });

  test.each(['first', 'middle'])('when the %s file is missing', (which) => {
    const dir = writtenJournal(20, { segmentBytes: 1000 });
    const files = listSegments(dir);
    const gone = which === 'first' ? 0 : 2;
    fs.rmSync(files[gone]!);
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toContain('A journal file before this one is missing or incomplete');
    expect(error.file).toBe(files[gone + 1]);
  });

  test('when a file before it has lost its end', () => {
    const dir = writtenJournal(20, { segmentBytes: 1000 });
    const [file, next] = listSegments(dir);
    const text = fs.readFileSync(file!, 'utf8');
    fs.writeFileSync(file!, text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
    expect(journalErrorOf(() => readJournal(dir)).file).toBe(next);
  });

  test('that ends in the middle of a line and is not the last', () => {
    const dir = writtenJournal(20, { segmentBytes: 1000 });
    const [file] = listSegments(dir);
    fs.truncateSync(file!, fs.statSync(file!).size - 5);
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toContain('A journal file ends in the middle of a line');
    expect(error.file).toBe(file);
  });

  test('when its header is damaged', () => {
    const dir = writtenJournal(2);
    const text = fs.readFileSync(lastFile(dir), 'utf8');
    fs.writeFileSync(lastFile(dir), text.replace('"version":1', '"version":0'));
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toContain('The header of this journal file is damaged');
    expect(error).toMatchObject({ file: lastFile(dir), line: 1, byte: 0 });
  });
});

describe('a line is refused', () => {
  test('that is damaged, naming file, line, seq and byte', () => {
    const dir = writtenJournal(5);
    const text = fs.readFileSync(lastFile(dir), 'utf8');
    const start = text.indexOf('{"v":1,"seq":3');
    fs.writeFileSync(lastFile(dir), text.replace('"n":3', '"n":4'));
    const read: JournalRecord[] = [];
    const error = journalErrorOf(() => readJournal(dir, (record) => void read.push(record)));
    const byte = Buffer.byteLength(text.slice(0, start));
    expect(error).toMatchObject({ file: lastFile(dir), line: 4, seq: 3, byte });
    expect(error.message).toBe(
      'A journal line is damaged: its checksum does not match ' +
        `(${lastFile(dir)}, line 4, seq 3, byte ${byte})`,
    );
    expect(read).toHaveLength(2);
  });

  test('that has a number other than the next', () => {
    const dir = tempDir();
    const first = encodeRecord(anyLine(1), 1, START, 0);
    const third = encodeRecord(anyLine(3), 3, START, first.crc);
    const text = encodeHeader(1, 0) + first.text + third.text;
    fs.writeFileSync(path.join(dir, segmentName(1)), text);
    const error = journalErrorOf(() => readJournal(dir));
    expect(error.message).toContain('Expected seq 2, found 3');
    expect(error).toMatchObject({ line: 3, seq: 2 });
  });
});

describe('a reader who wants the lines of some actors only', () => {
  test('sees those, and the very last line; the checksums of all are proven', () => {
    const dir = writtenJournal(9, { segmentBytes: 700 });
    expect(listSegments(dir).length).toBeGreaterThan(2);
    const seen: number[] = [];
    const isWanted = (actor: string): boolean => ['call:0002', 'call:0005'].includes(actor);
    const tail = readJournal(dir, ({ seq }) => void seen.push(seq), { isWanted });
    expect(seen).toEqual([2, 5, 9]);
    expect(tail).toEqual(readJournal(dir));
    const file = listSegments(dir)[0] ?? '';
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('call:0001', 'call:0007'));
    expect(journalErrorOf(() => readJournal(dir, () => {}, { isWanted })).seq).toBe(1);
  });

  test('sees the last line once when it is one of them', () => {
    const seen: number[] = [];
    const dir = writtenJournal(3);
    readJournal(dir, ({ seq }) => void seen.push(seq), { isWanted: (one) => one === 'call:0003' });
    expect(seen).toEqual([3]);
  });
});
