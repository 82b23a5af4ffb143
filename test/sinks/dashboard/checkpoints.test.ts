import { expect, onTestFinished, test } from 'vitest';
import { Book } from '../../../sinks/dashboard/model/book.ts';
import { Checkpoints } from '../../../sinks/dashboard/server/checkpoints.ts';
import { JournalSource } from '../../../sinks/dashboard/server/journal-source.ts';
import { golden, journalFolder } from './support.ts';

const records = golden('recovery');

/** All that a book says, in plain JSON. */
const saidBy = (book: Book): unknown =>
  JSON.parse(JSON.stringify([book.page(), [...book.model.calls], book.metrics.snapshot()]));

function foldTo(book: Book, seq: number): Book {
  for (const record of records) {
    if (record.seq > book.model.seq && record.seq <= seq) book.apply(record);
  }
  return book;
}

test('folding on from a checkpoint says the same as folding from the beginning, at every cut', () => {
  const whole = saidBy(foldTo(new Book(), Infinity));
  for (const { seq } of records) {
    const copy = new Book();
    copy.restore(JSON.parse(JSON.stringify(foldTo(new Book(), seq).snapshot())));
    expect(saidBy(foldTo(copy, Infinity)), `cut at ${seq}`).toEqual(whole);
  }
});

test('a checkpoint stays as it was, whatever is folded on behind it, and is the same when kept', () => {
  const checkpoints = new Checkpoints(10);
  const book = new Book();
  for (const record of records) {
    book.apply(record);
    checkpoints.note(book);
  }
  const saved = JSON.parse(JSON.stringify(checkpoints.save())) as unknown;
  const loaded = new Checkpoints(10, () => saved);
  for (const seq of [45, 81, 160, records.length]) {
    const { model } = checkpoints.bookBefore(seq);
    expect(seq - model.seq).toBeLessThan(40);
    foldTo(checkpoints.bookBefore(seq), Infinity);
    const told = saidBy(foldTo(new Book(), model.seq));
    expect(saidBy(checkpoints.bookBefore(seq)), `before ${seq}`).toEqual(told);
    expect(saidBy(loaded.bookBefore(seq)), `kept, before ${seq}`).toEqual(told);
  }
});

test('a million records keep no more than a dozen states, and stepping back folds few records', () => {
  const checkpoints = new Checkpoints(10);
  const book = new Book();
  const [first] = records;
  if (!first) throw new Error('no record');
  for (let seq = 1; seq <= 100_000; seq++) {
    book.apply({ ...first, seq });
    checkpoints.note(book);
  }
  const distances = [100_000, 77_777, 50_000, 12_345].map(
    (seq) => seq - checkpoints.bookBefore(seq).model.seq,
  );
  for (const distance of distances) expect(distance).toBeLessThan(100_000 / 6);
  const near = checkpoints.bookBefore(99_500);
  near.model.seq = 99_500;
  checkpoints.keepNear(near);
  expect(checkpoints.bookBefore(99_998).model.seq).toBe(99_500);
});

test('any moment of a followed journal is what its records say', async () => {
  const source = new JournalSource(journalFolder('recovery').dir);
  onTestFinished(() => source.close());
  await source.open();
  for (const seq of [1, 40, records.length - 1, records.length]) {
    const book = await source.momentAt(seq);
    expect(book && saidBy(book)).toEqual(saidBy(foldTo(new Book(), seq)));
  }
});
