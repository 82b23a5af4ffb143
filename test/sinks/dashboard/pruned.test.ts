import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { baseName } from '../../../store/base-name.ts';
import { writeBase } from '../../../store/base.ts';
import { realFileSystem } from '../../../store/file-system.ts';
import { listSegments } from '../../../store/segments.ts';
import { Journal } from '../../../store/journal.ts';
import type { Book } from '../../../sinks/dashboard/model/book.ts';
import {
  JournalSource,
  type SourceOptions,
} from '../../../sinks/dashboard/server/journal-source.ts';
import { append, tempDir } from '../../store/support.ts';
import { diskOf, folderFrom, prune, threeLives } from '../../support/pruned.ts';

vi.setConfig({ testTimeout: 25_000, hookTimeout: 15_000 });

let original: string;

beforeAll(async () => {
  original = await threeLives();
});

afterAll(() => fs.rmSync(original, { recursive: true, force: true }));

const copied = (): string => path.join(folderFrom(original, diskOf(original)), 'journal');

async function opened(journal: string, options: SourceOptions = {}): Promise<JournalSource> {
  const source = new JournalSource(journal, options);
  onTestFinished(() => source.close());
  await source.open();
  return source;
}

/** What a page shows of it, but for what is measured, and when a service moved last. */
function shown(book: Book): object {
  const { seq, calls, campaigns, alerts, silences, services, isRunning } = book.page();
  return {
    seq,
    calls,
    campaigns,
    alerts,
    silences,
    isRunning,
    services: services.map(({ name, breaker, failures, checker, health, options }) => {
      return { name, breaker, failures, checker, health, options };
    }),
  };
}

test('a dashboard of a pruned journal shows how things stand, and begins where it does', async () => {
  const whole = await opened(copied());
  const journal = copied();
  const { from } = prune(journal);
  const source = await opened(journal);
  expect([source.problem, source.first, whole.first]).toEqual([null, from, 1]);
  expect(shown(source.book)).toEqual(shown(whole.book));
  expect([...source.after(0)].map(({ seq }) => seq)[0]).toBe(from);
});

test('moments behind the removed records are shown as ever, those before are refused', async () => {
  const whole = await opened(copied());
  const journal = copied();
  const running = await opened(journal);
  await running.momentAt(20);
  const { from } = prune(journal);
  for (const source of [running, await opened(journal)]) {
    expect(source.first).toBe(from);
    for (const seq of [from - 1, from, from + 7]) {
      const [now, before] = [await source.momentAt(seq), await whole.momentAt(seq)];
      if (!now || !before) throw new Error('no such moment');
      expect({ ...shown(now), seq }, `${seq}`).toEqual({ ...shown(before), seq });
    }
    await expect(source.momentAt(from - 2)).rejects.toThrow(
      `What was before seq ${from} was removed from this journal: choose a later moment.`,
    );
    expect(source.problem).toBeNull();
  }
});

test('a dashboard that is open goes on beside a pruning', async () => {
  const journal = copied();
  const source = await opened(journal);
  const before = shown(source.book);
  prune(journal);
  await source.advance();
  expect(source.problem).toBeNull();
  expect(shown(source.book)).toEqual(before);
});

test('what was kept of before a pruning is gone on with only where it knows all that was removed', async () => {
  const journal = copied();
  const keepIn = path.join(journal, '..', 'kept');
  const pace = { every: 1, atEnd: 1 };
  // One that has read all there is, and one that has read the first file alone.
  const early = path.join(journal, '..', 'early');
  const first = copied();
  for (const name of fs.readdirSync(first)) {
    if (Number(name.slice(0, 20)) > 1) fs.rmSync(path.join(first, name));
  }
  for (const [place, dir] of [
    [journal, keepIn],
    [first, early],
  ] as const) {
    const kept = new JournalSource(place, { keepIn: dir, keepPace: pace });
    await kept.open();
    kept.close();
  }
  expect([keepIn, early].map((dir) => fs.readdirSync(dir).length)).toEqual([2, 2]);
  const { from } = prune(journal);
  const whole = await opened(copied());
  const known = await opened(journal, { keepIn, keepPace: pace });
  const anew = await opened(journal, { keepIn: early, keepPace: pace });
  for (const source of [known, anew]) {
    expect(source.problem).toBeNull();
    expect(source.first).toBe(from);
    expect(shown(source.book)).toEqual(shown(whole.book));
  }
  expect(known.book.metrics.figures()).toEqual(whole.book.metrics.figures());
});

test('no moment is told by what was noted before the removed records', async () => {
  // More than lie between two noted moments.
  const live = 10_010;
  const dir = tempDir();
  const journal = Journal.open(dir);
  const lines = append(journal, live);
  journal.beginFile();
  append(journal, 20);
  journal.close();
  const running = await opened(dir);
  const last = lines.at(-1);
  if (!last) throw new Error('no line');
  const { seq, at, crc } = last;
  const base = path.join(dir, baseName(seq));
  writeBase(realFileSystem, base, { seq, at, crc }, (add) => add({ ...last, condensed: true }));
  const moment = await running.momentAt(live + 5);
  expect(moment && Object.values(moment.model.summary().calls)).toEqual([6]);
});

test('a file alone, with others before it, knows nothing of before, and says so', async () => {
  const journal = copied();
  const file = listSegments(journal).at(-1) ?? '';
  const source = await opened(file);
  const { first } = source;
  expect(first).toBeGreaterThan(1);
  expect((await source.momentAt(first))?.model.seq).toBe(first);
  await expect(source.momentAt(first - 1)).rejects.toThrow(/does not stand in this file/);
});
