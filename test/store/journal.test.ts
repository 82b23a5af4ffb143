import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Journal } from '../../store/journal.ts';
import type { Header, JournalRecord } from '../../store/record.ts';
import { listSegments } from '../../store/segments.ts';
import {
  anyLine,
  append,
  asJson,
  filesIn,
  journalErrorOf,
  lastFile,
  openJournal,
  recordsIn,
  START,
  tempDir,
  writtenJournal,
} from './support.ts';

describe('appending', () => {
  test('gives the record that a reader finds', () => {
    const dir = tempDir();
    const written = append(openJournal(dir), 5);
    expect(written.map(({ v, seq, at }) => [v, seq, at])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [1, n, START + n]),
    );
    expect(recordsIn(dir)).toEqual(asJson(written));
  });

  test('is seen by a reader before it returns', () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    for (let n = 1; n <= 5; n++) {
      append(journal, 1);
      expect(recordsIn(dir)).toHaveLength(n);
    }
  });

  test('never lets time go back', () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    const given = [START + 5, START + 3, START + 5, 0, START + 6];
    const times = given.map((now, n) => journal.append(anyLine(n), now).at);
    expect(times).toEqual([START + 5, START + 5, START + 5, START + 5, START + 6]);
    expect(recordsIn(dir).map(({ at }) => at)).toEqual(times);
    expect(journal.at).toBe(START + 6);
  });

  test.each([Number.NaN, Infinity, -Infinity, undefined as never])(
    'at the time %s is an error that costs nothing',
    (now) => {
      const dir = tempDir();
      const journal = openJournal(dir);
      const written = append(journal, 2);
      const before = filesIn(dir);
      const told: JournalRecord[] = [];
      journal.on('record', (record) => void told.push(record));
      expect(() => journal.append(anyLine(3), now)).toThrow(RangeError);
      expect(filesIn(dir)).toEqual(before);
      expect([journal.seq, journal.at, told.length]).toEqual([2, START + 2, 0]);
      written.push(...append(journal, 1));
      expect(recordsIn(dir)).toEqual(asJson(written));
    },
  );

  test('at no time does not begin another file', () => {
    const dir = tempDir();
    const journal = openJournal(dir, { segmentBytes: 400 });
    append(journal, 2);
    expect(fs.statSync(lastFile(dir)).size).toBeGreaterThanOrEqual(400);
    const before = filesIn(dir);
    expect(() => journal.append(anyLine(3), Number.NaN)).toThrow(RangeError);
    expect(filesIn(dir)).toEqual(before);
  });

  test('begins another file when one is full, and no line is split', () => {
    const dir = tempDir();
    const written = append(openJournal(dir, { segmentBytes: 1000 }), 20);
    const files = listSegments(dir);
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect(fs.readFileSync(file, 'utf8')).toMatch(/\}\n$/);
    for (const file of files.slice(0, -1)) {
      expect(fs.statSync(file).size).toBeGreaterThanOrEqual(1000);
    }
    expect(recordsIn(dir)).toEqual(asJson(written));
  });

  test('makes files that nobody else may read', () => {
    const dir = path.join(tempDir(), 'journal');
    append(openJournal(dir), 1);
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(fs.statSync(lastFile(dir)).mode & 0o777).toBe(0o600);
  });
});

describe('opening', () => {
  test('an empty folder writes a header and nothing else', () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    expect([journal.seq, journal.at, journal.recoveredBytes]).toEqual([0, 0, 0]);
    expect(Object.keys(filesIn(dir))).toEqual(['00000000000000000001.jsonl']);
    expect(recordsIn(dir)).toEqual([]);
  });

  test('again changes nothing on disk, and tells all records in order', () => {
    const dir = writtenJournal(12, { segmentBytes: 1000 });
    const before = filesIn(dir);
    const told: JournalRecord[] = [];
    const journal = openJournal(dir, { onRecord: (record) => void told.push(record) });
    expect(filesIn(dir)).toEqual(before);
    expect(told).toEqual(recordsIn(dir));
    expect([journal.seq, journal.at]).toEqual([12, START + 12]);
  });

  test.each([false, true, 0, undefined])('reads on when the listener returns %s', (answer) => {
    const dir = writtenJournal(12, { segmentBytes: 1000 });
    const before = filesIn(dir);
    const told: number[] = [];
    const onRecord = ({ seq }: JournalRecord): unknown => {
      told.push(seq);
      return answer;
    };
    const journal = openJournal(dir, { onRecord: onRecord as () => void });
    expect(told).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect([journal.seq, journal.at]).toEqual([12, START + 12]);
    expect(filesIn(dir)).toEqual(before);
    const [next] = append(journal, 1);
    expect(recordsIn(dir).at(-1)).toEqual(asJson(next));
    expect(recordsIn(dir)).toHaveLength(13);
  });

  test('goes on with numbers, time and chain', () => {
    const dir = tempDir();
    const written: JournalRecord[] = [];
    for (let life = 0; life < 7; life++) {
      const journal = Journal.open(dir, { segmentBytes: 1000 });
      written.push(...append(journal, 3));
      journal.close();
    }
    expect(written.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(recordsIn(dir)).toEqual(asJson(written));
    const journal = openJournal(dir);
    expect(journal.append(anyLine(1), 0).at).toBe(START + 21);
  });

  test('gives the same lines as one that was never closed, and in each header its epoch', () => {
    const dir = tempDir();
    for (let life = 0; life < 4; life++) {
      const journal = Journal.open(dir, { segmentBytes: 1000 });
      expect(journal.epoch).toBe(life + 1);
      append(journal, 3);
      journal.close();
    }
    const headers = listSegments(dir).map((file) => fs.readFileSync(file, 'utf8').split('\n')[0]);
    expect(headers.map((text) => (JSON.parse(text!) as Header).epoch)).toEqual([1, 2, 3]);
    expect(recordsIn(dir)).toEqual(recordsIn(writtenJournal(12, { segmentBytes: 1000 })));
  });

  test('finishes a new file that a crash left without its header', () => {
    const dir = writtenJournal(3, { segmentBytes: 1000 });
    const records = recordsIn(dir);
    fs.writeFileSync(path.join(dir, '00000000000000000004.jsonl'), '');
    const written = append(openJournal(dir, { segmentBytes: 1000 }), 2);
    expect(recordsIn(dir)).toEqual([...records, ...asJson(written)]);
  });

  test('refuses a damaged journal and leaves it as it is', () => {
    const dir = writtenJournal(3);
    const text = fs.readFileSync(lastFile(dir), 'utf8');
    fs.writeFileSync(lastFile(dir), text.replace('"n":2', '"n":3'));
    const before = filesIn(dir);
    expect(journalErrorOf(() => Journal.open(dir))).toMatchObject({ seq: 2, line: 3 });
    expect(filesIn(dir)).toEqual(before);
  });
});

describe('subscribers', () => {
  test('get every record after it is written, in order', () => {
    const dir = tempDir();
    const journal = openJournal(dir, { segmentBytes: 1000 });
    const told: string[] = [];
    for (const name of ['a', 'b']) {
      journal.on('record', (record) => {
        expect(recordsIn(dir).at(-1)).toEqual(asJson(record));
        told.push(`${name}${record.seq}`);
      });
    }
    append(journal, 3);
    expect(told).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  test('get the very record that append returns', () => {
    const journal = openJournal(tempDir());
    const told: JournalRecord[] = [];
    journal.on('record', (record) => void told.push(record));
    expect(append(journal, 1)[0]).toBe(told[0]);
  });

  test('that append let the others see the records in order', () => {
    const dir = tempDir();
    const journal = openJournal(dir, { segmentBytes: 1000 });
    const told: string[] = [];
    const note = (name: string) => (record: JournalRecord) => {
      told.push(`${name}${record.seq}`);
    };
    journal.on('record', note('a'));
    journal.on('record', ({ seq }) => {
      if (seq === 1) append(journal, 2);
      if (seq === 3) append(journal, 1);
    });
    journal.on('record', note('b'));
    const [first] = append(journal, 1);
    expect(first?.seq).toBe(1);
    expect(told).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4']);
    append(journal, 1);
    expect(told.slice(8)).toEqual(['a5', 'b5']);
    expect(recordsIn(dir).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('that throw are heard of, and the next record is told again', () => {
    const journal = openJournal(tempDir());
    const told: number[] = [];
    journal.once('record', () => {
      throw new Error('defect');
    });
    journal.on('record', ({ seq }) => void told.push(seq));
    expect(() => append(journal, 1)).toThrow('defect');
    append(journal, 2);
    expect(told).toEqual([2, 3]);
  });

  test('that append and then throw do not keep later records from the others', () => {
    const journal = openJournal(tempDir());
    const told: number[] = [];
    journal.once('record', () => {
      append(journal, 1);
      throw new Error('defect');
    });
    journal.on('record', ({ seq }) => void told.push(seq));
    expect(() => append(journal, 1)).toThrow('defect');
    append(journal, 2);
    expect(told).toEqual(expect.arrayContaining([3, 4]));
  });

  test('find the journal ahead of them: its seq and time are those of their record', () => {
    const journal = openJournal(tempDir());
    const ahead: boolean[] = [];
    journal.on('record', ({ seq, at }) => {
      ahead.push(journal.seq === seq && journal.at === at);
    });
    append(journal, 2);
    expect(ahead).toEqual([true, true]);
  });
});

describe('closing', () => {
  test('refuses what comes later, and tells nobody', async () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    append(journal, 1);
    const told: JournalRecord[] = [];
    journal.on('record', (record) => void told.push(record));
    journal.close();
    const error = journalErrorOf(() => append(journal, 1));
    expect(error.message).toContain('The journal is closed');
    expect(error.file).toBe(lastFile(dir));
    await expect(journal.onDisk()).rejects.toThrow('The journal is closed');
    expect(told).toEqual([]);
    expect(recordsIn(dir)).toHaveLength(1);
  });

  test('twice is harmless, and a journal that failed may be closed', () => {
    const dir = tempDir();
    const journal = openJournal(dir);
    append(journal, 1);
    journal.close();
    expect(() => journal.close()).not.toThrow();
    expect(recordsIn(dir)).toHaveLength(1);
    const again = openJournal(dir);
    expect(() => journal.close()).not.toThrow();
    append(again, 1);
    expect(recordsIn(dir)).toHaveLength(2);
  });
});
