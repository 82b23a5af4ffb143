import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cursor } from '../../sinks/cursor.ts';
import { attach, type Sink } from '../../sinks/sink.ts';
import type { Journal } from '../../store/journal.ts';
import { listSegments } from '../../store/segments.ts';
import { append, openJournal, tempDir } from '../store/support.ts';
import { deferred } from '../support/agent.ts';

/** Counts what it is given, and remembers the count as its state. */
class Counter implements Sink {
  readonly name = 'counter';
  readonly isDurable = true;
  readonly seen: number[] = [];
  count = 0;

  take({ seq }: { seq: number }): void | Promise<void> {
    this.seen.push(seq);
    this.count++;
  }

  snapshot(): unknown {
    return { count: this.count };
  }

  restore(state: unknown): void {
    this.count = (state as { count: number }).count;
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A journal in files of a few lines each. */
const opened = (dir: string): Journal =>
  openJournal(path.join(dir, 'journal'), { segmentBytes: 1200 });

const cursorIn = (dir: string): Cursor => new Cursor(path.join(dir, 'cursors'), 'counter');
const cursorFile = (dir: string): string => path.join(dir, 'cursors', 'counter.json');

/** Attaches a counter, records `count` more lines, and lets go of it. */
async function lived(dir: string, count: number): Promise<Counter> {
  const journal = opened(dir);
  const sink = new Counter();
  const attachment = attach(journal, sink, { cursor: cursorIn(dir) });
  append(journal, count);
  await attachment.detach();
  journal.close();
  return sink;
}

describe('a durable sink', () => {
  test('that is added later is given everything from the first record on', async () => {
    const dir = tempDir();
    const journal = opened(dir);
    append(journal, 50);
    journal.close();
    expect((await lived(dir, 3)).seen).toEqual(range(1, 53));
  });

  test('goes on at the next start behind what it has had, with the state it had', async () => {
    const dir = tempDir();
    await lived(dir, 20);
    const journal = opened(dir);
    append(journal, 10);
    journal.close();
    const second = await lived(dir, 5);
    expect(second.seen).toEqual(range(21, 35));
    expect(second.count).toBe(35);
  });

  test('is given again what came behind its cursor when the process was killed', async () => {
    const dir = tempDir();
    await lived(dir, 20);
    const asOfTheKill = fs.readFileSync(cursorFile(dir));
    await lived(dir, 7);
    fs.writeFileSync(cursorFile(dir), asOfTheKill);
    const third = await lived(dir, 0);
    expect(third.seen).toEqual(range(21, 27));
    expect(third.count).toBe(27);
  });

  test.for([
    ['is damaged', '{"seq":'],
    ['is no number', '{"seq":"3"}'],
    ['is that of a journal that is no more', '{"seq":1000}'],
  ])('starts from the first record when its cursor %s', async ([, text]) => {
    const dir = tempDir();
    fs.mkdirSync(path.join(dir, 'cursors'));
    fs.writeFileSync(cursorFile(dir), text ?? '');
    expect((await lived(dir, 4)).seen).toEqual([1, 2, 3, 4]);
  });

  test('goes on without its state when that is of another version', async () => {
    const dir = tempDir();
    await lived(dir, 4);
    const saved = JSON.parse(fs.readFileSync(cursorFile(dir), 'utf8')) as object;
    fs.writeFileSync(cursorFile(dir), JSON.stringify({ ...saved, version: 9 }));
    const second = await lived(dir, 2);
    expect(second.seen).toEqual([5, 6]);
    expect(second.count).toBe(2);
  });

  test('whose queue is full is given the rest from disk, in order and without a gap', async () => {
    const dir = tempDir();
    const journal = opened(dir);
    const sink = new Counter();
    const answer = deferred();
    const take = sink.take.bind(sink);
    sink.take = (record) => {
      void take(record);
      return sink.seen.length === 1 ? answer.promise : undefined;
    };
    const attachment = attach(journal, sink, { cursor: cursorIn(dir), maxQueued: 5 });
    append(journal, 40);
    await Promise.resolve();
    expect(attachment.queued).toBe(5);
    append(journal, 10);
    answer.resolve();
    await attachment.flush();
    append(journal, 3);
    await attachment.flush();
    expect(sink.seen).toEqual(range(1, 53));
    expect(attachment).toMatchObject({ dropped: 0, failed: 0, queued: 0, behind: 0 });
  });

  test('keeps its cursor back while something it took is not yet told', async () => {
    const dir = tempDir();
    const journal = opened(dir);
    const sink = Object.assign(new Counter(), { settle: () => ({ seq: 2, state: { count: 2 } }) });
    const attachment = attach(journal, sink, { cursor: cursorIn(dir) });
    append(journal, 9);
    await attachment.detach();
    expect(cursorIn(dir).start).toBe(2);
  });

  test('that a start finds far behind is let go of in time, and goes on at the next', async () => {
    const dir = tempDir();
    const journal = opened(dir);
    append(journal, 100);
    const sink = new Counter();
    const answer = deferred();
    sink.take = ({ seq }) => {
      sink.seen.push(seq);
      return seq === 10 ? answer.promise : undefined;
    };
    const attachment = attach(journal, sink, { cursor: cursorIn(dir) });
    await attachment.detach(0);
    expect(sink.seen).toEqual(range(1, 10));
    // It never said that it was done with the tenth.
    expect(cursorIn(dir).start).toBe(9);
    answer.resolve();
    await attachment.flush();
    expect(sink.seen).toEqual(range(1, 10));
    journal.close();
    expect((await lived(dir, 0)).seen).toEqual(range(10, 100));
  });

  test('counts as missed what damage in the journal hides, and goes on live', async () => {
    const dir = tempDir();
    const journal = opened(dir);
    append(journal, 10);
    const [file = ''] = listSegments(journal.dir);
    const bytes = fs.readFileSync(file);
    bytes.write('?', bytes.length - 100);
    fs.writeFileSync(file, bytes);
    const sink = new Counter();
    const attachment = attach(journal, sink, { cursor: cursorIn(dir) });
    await attachment.flush();
    const missed = 10 - sink.seen.length;
    expect(attachment.dropped).toBe(missed);
    expect(String(attachment.error)).toMatch(/damaged/);
    append(journal, 2);
    await attachment.flush();
    expect(sink.seen.slice(-2)).toEqual([11, 12]);
  });
});

test('a cursor that can’t be written is told, and costs nothing else', async () => {
  const dir = tempDir();
  fs.writeFileSync(path.join(dir, 'cursors'), 'a file where the folder should be');
  const journal = opened(dir);
  const sink = new Counter();
  const cursor = new Cursor(path.join(dir, 'elsewhere'), 'counter');
  fs.writeFileSync(path.join(dir, 'elsewhere'), 'in the way');
  const attachment = attach(journal, sink, { cursor });
  append(journal, 2);
  await attachment.detach();
  expect(sink.seen).toEqual([1, 2]);
  expect(attachment.cursorError).toBeInstanceOf(Error);
  expect(attachment.failed).toBe(0);
});
