import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JournalFollower } from '../../store/follow.ts';
import { Journal } from '../../store/journal.ts';
import { encodeHeader, encodeRecord, type JournalRecord, type Line } from '../../store/record.ts';
import { replayJournal } from '../../store/replay.ts';
import { listSegments, readJournal, segmentName } from '../../store/segments.ts';
import { upcasts } from '../../store/upcast.ts';
import { anyLine, append, journalErrorOf, recordsIn, START, tempDir } from './support.ts';

/** A format that never was: what is `to` today was called `state` in it. */
beforeEach(() => {
  upcasts.set(0, (record) => {
    const { state, ...rest } = record as unknown as JournalRecord & { state: string };
    return { ...rest, to: state };
  });
});

afterEach(() => {
  upcasts.clear();
});

/** A journal of that format. */
function oldJournal(count: number, version = 0): string {
  const dir = tempDir();
  const texts = [encodeHeader(1, 0, 0, version)];
  let crc = 0;
  for (let seq = 1; seq <= count; seq++) {
    const { to, ...line } = anyLine(seq);
    const sealed = encodeRecord({ ...line, state: to } as unknown as Line, seq, START + seq, crc);
    crc = sealed.crc;
    texts.push(sealed.text);
  }
  fs.writeFileSync(path.join(dir, segmentName(1)), texts.join(''));
  return dir;
}

const states = (records: Iterable<JournalRecord>): string[] => [...records].map(({ to }) => to);
const three = ['scripting', 'scripting', 'scripting'];

describe('a journal of an older format', () => {
  test('is read as one of today', () => {
    expect(states(recordsIn(oldJournal(3)))).toEqual(three);
  });

  test('is followed as one of today, from the middle too', () => {
    const dir = oldJournal(3);
    const follower = new JournalFollower(dir);
    for (const { seq } of follower.read()) if (seq === 2) break;
    expect(states(new JournalFollower(dir).read())).toEqual(three);
    const rest = new JournalFollower(dir, { from: follower.position, after: 2 });
    expect(states(rest.read())).toEqual(['scripting']);
  });

  test('is read on from a known end as one of today', () => {
    const dir = oldJournal(3);
    const after = readJournal(dir, ({ seq }) => seq < 2);
    const read: JournalRecord[] = [];
    readJournal(dir, (record) => void read.push(record), { after });
    expect(states(read)).toEqual(['scripting']);
  });

  test('has the lines of an actor picked out by what they say today, and always the last', () => {
    // In that format, actors had a letter less.
    upcasts.set(0, (record) => {
      const { state, actor, ...rest } = record as unknown as JournalRecord & { state: string };
      return { ...rest, actor: `c${actor}`, to: state };
    });
    const dir = tempDir();
    let [text, crc] = [encodeHeader(1, 0, 0, 0), 0];
    for (const [index, actor] of ['all:0001', 'all:0002', 'all:0001', 'all:0003'].entries()) {
      const { to, ...line } = { ...anyLine(1), actor };
      const old = { ...line, state: to } as unknown as Line;
      const sealed = encodeRecord(old, index + 1, START + index, crc);
      [text, crc] = [text + sealed.text, sealed.crc];
    }
    fs.writeFileSync(path.join(dir, segmentName(1)), text);
    const wanted = (only: string): (readonly [number, string])[] => {
      const seen: (readonly [number, string])[] = [];
      const isWanted = (actor: string): boolean => actor === only;
      readJournal(dir, ({ seq, actor }) => void seen.push([seq, actor]), { isWanted });
      return seen;
    };
    expect(wanted('call:0001')).toEqual([
      [1, 'call:0001'],
      [3, 'call:0001'],
      [4, 'call:0003'],
    ]);
    expect(wanted('all:0001')).toEqual([[4, 'call:0003']]);
  });

  test('is replayed', () => {
    const { actors } = replayJournal(oldJournal(3));
    expect(actors['call:0002']?.state).toBe('scripting');
  });

  test('has its checksums proven as they were written', () => {
    const dir = oldJournal(3);
    const file = listSegments(dir)[0] ?? '';
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"n":2', '"n":7'));
    expect(journalErrorOf(() => recordsIn(dir))).toMatchObject({ seq: 2 });
  });

  test('is gone on with in a new file, of today', () => {
    const dir = oldJournal(3);
    const journal = Journal.open(dir);
    append(journal, 2);
    journal.close();
    const headers = listSegments(dir).map((file) => fs.readFileSync(file, 'utf8').slice(0, 60));
    expect(headers).toEqual([
      expect.stringContaining('"version":0,"first":1,'),
      expect.stringContaining('"version":1,"first":4,'),
    ]);
    expect(states(recordsIn(dir))).toHaveLength(5);
  });

  test.for([0, 3])('has a torn line behind %i records cut off', (count) => {
    const dir = oldJournal(count);
    fs.appendFileSync(listSegments(dir)[0] ?? '', '{"v":1,"seq"');
    const journal = Journal.open(dir);
    expect(journal.recoveredBytes).toBe(12);
    append(journal, 1);
    journal.close();
    expect(recordsIn(dir)).toHaveLength(count + 1);
  });
});

test('steps are taken one after another', () => {
  upcasts.set(-1, (record) => {
    const { where, ...rest } = record as unknown as JournalRecord & { where: string };
    return { ...rest, state: where } as unknown as JournalRecord;
  });
  const dir = oldJournal(0, -1);
  const { to, ...line } = anyLine(1);
  const { text } = encodeRecord({ ...line, where: to } as unknown as Line, 1, START, 0);
  fs.appendFileSync(listSegments(dir)[0] ?? '', text);
  expect(states(recordsIn(dir))).toEqual(['scripting']);
});

test.for([
  [2, /newer version \(format 2\)/],
  [-3, /never released \(-3\)/],
  [0.5, /never released \(0.5\)/],
] as const)('format %d is refused by every reader', ([version, message]) => {
  const dir = oldJournal(1, version);
  expect(journalErrorOf(() => recordsIn(dir)).message).toMatch(message);
  expect(journalErrorOf(() => [...new JournalFollower(dir).read()]).message).toMatch(message);
});
