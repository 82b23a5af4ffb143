import fs from 'node:fs';
import { expect, test } from 'vitest';
import { JournalFollower } from '../../store/follow.ts';
import { firstSeqOf, listSegments } from '../../store/segments.ts';
import { journalErrorOf, writtenJournal } from './support.ts';

const seqsAfter = (dir: string, after: number): number[] =>
  [...new JournalFollower(dir, { after }).read()].map(({ seq }) => seq);

test('a follower that starts behind any seq gives exactly the records behind it', () => {
  const dir = writtenJournal(30, { segmentBytes: 1200 });
  expect(listSegments(dir).length).toBeGreaterThan(3);
  for (let after = 0; after <= 30; after++) {
    const rest = Array.from({ length: 30 - after }, (_, index) => after + index + 1);
    expect(seqsAfter(dir, after)).toEqual(rest);
  }
});

test('a follower does not open files that end before its start', () => {
  const dir = writtenJournal(30, { segmentBytes: 1200 });
  const [first = '', second = ''] = listSegments(dir);
  fs.rmSync(first);
  const start = firstSeqOf(second) - 1;
  expect(seqsAfter(dir, start)[0]).toBe(start + 1);
});

test('a follower that starts in a later file proves the checksums from there on', () => {
  const dir = writtenJournal(30, { segmentBytes: 1200 });
  const last = listSegments(dir).at(-1) ?? '';
  const text = fs.readFileSync(last, 'utf8');
  fs.writeFileSync(last, text.replace('"n":', '"m":'));
  const error = journalErrorOf(() => seqsAfter(dir, firstSeqOf(last)));
  expect(error.message).toMatch(/damaged/);
});
