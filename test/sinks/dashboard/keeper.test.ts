import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { Book } from '../../../sinks/dashboard/model/book.ts';
import {
  JournalSource,
  type SourceOptions,
} from '../../../sinks/dashboard/server/journal-source.ts';
import type { Overview } from '../../../sinks/dashboard/model/overview.ts';
import { makeApi } from '../../../sinks/dashboard/server/api.ts';
import { Journal } from '../../../store/journal.ts';
import { golden, journalFolder, lonely } from './support.ts';

const records = golden('recovery');
const EAGER = { every: 60, atEnd: 1 };

/** All that a book says, in plain JSON. */
const saidBy = (book: Book): unknown =>
  JSON.parse(JSON.stringify([book.page(), [...book.model.calls], book.metrics.snapshot()]));

function folded(seq: number): Book {
  const book = new Book();
  for (const record of records) if (record.seq <= seq) book.apply(record);
  return book;
}

/** A played journal whose dashboard keeps its state beside it. */
function keptFolder(until = Infinity) {
  const folder = journalFolder('recovery', until);
  const keepIn = path.join(folder.dir, 'kept');
  const start = async (options: SourceOptions = {}): Promise<JournalSource> => {
    const source = new JournalSource(folder.dir, { keepIn, keepPace: EAGER, ...options });
    onTestFinished(() => source.close());
    await source.open();
    return source;
  };
  const files = (): string[] =>
    fs.existsSync(keepIn)
      ? fs
          .readdirSync(keepIn, { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.jsonl'))
          .map((name) => path.join(keepIn, name))
      : [];
  return { ...folder, keepIn, start, files };
}

/** Makes a line unreadable: whoever reads it finds damage. */
function damage(file: string, seq: number): void {
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replace(`"seq":${seq},`, `"seq":${seq + 1},`));
}

test('a later start reads only what is behind the state that was kept', async () => {
  const { start, file, total } = keptFolder();
  (await start()).close();
  damage(file, 20);
  const again = await start();
  expect(again.problem).toBeNull();
  expect(saidBy(again.book)).toEqual(saidBy(folded(total)));
  expect(again.first).toBe(1);
  expect((await start({ keepIn: null })).problem?.message).toMatch(/damaged/);
});

test('wherever it stopped, it goes on to the same', async () => {
  const whole = saidBy(folded(Infinity));
  for (const cut of [1, 37, 38, 90, 150, records.length]) {
    const { start, growTo, total } = keptFolder(cut);
    (await start()).close();
    growTo(total);
    const again = await start();
    expect(saidBy(again.book), `stopped at ${cut}`).toEqual(whole);
    const page = [...again.after(cut - 2)].map(({ seq }) => seq);
    expect(page[0]).toBe(Math.max(1, cut - 1));
  }
});

test('the moments before it are known after a restart, too', async () => {
  const { start, total } = keptFolder();
  (await start()).close();
  const again = await start();
  for (const seq of [1, 60, 61, 128, total - 1, total]) {
    const book = await again.momentAt(seq);
    expect(book && saidBy(book), `moment ${seq}`).toEqual(saidBy(folded(seq)));
  }
});

test('a state that is torn, damaged, of another journal or of other code is left aside', async () => {
  const spoil: { readonly [how: string]: (file: string) => void } = {
    torn: (file) => fs.truncateSync(file, fs.statSync(file).size - 10),
    damaged: (file) => {
      const text = fs.readFileSync(file, 'utf8');
      fs.writeFileSync(file, text.replace('ElevenLabs', 'ElevenLobs'));
    },
    empty: (file) => fs.truncateSync(file, 0),
    foreign: (file) => {
      const text = fs.readFileSync(file, 'utf8');
      fs.writeFileSync(file, text.replace(/"crc":"[0-9a-f]{8}"/, '"crc":"00000000"'));
    },
    other: (file) => {
      const text = fs.readFileSync(file, 'utf8');
      fs.writeFileSync(file, text.replaceAll('@index-', '@other-'));
    },
  };
  for (const [how, spoilOne] of Object.entries(spoil)) {
    const { start, files, total } = keptFolder();
    (await start()).close();
    expect(files().length).toBeGreaterThan(1);
    for (const file of files()) spoilOne(file);
    const again = await start();
    expect(saidBy(again.book), how).toEqual(saidBy(folded(total)));
    const moment = await again.momentAt(100);
    expect(moment && saidBy(moment), how).toEqual(saidBy(folded(100)));
  }
});

test('nothing is written where nothing is to be kept, and a disk that refuses is told of once', async () => {
  const { dir, file, start } = keptFolder();
  (await start({ keepIn: null })).close();
  expect(fs.readdirSync(dir)).toEqual([path.basename(file)]);
  const told: string[] = [];
  const source = await start({
    keepIn: path.join(file, 'below-a-file'),
    onNotKept: ({ message }) => told.push(message),
  });
  source.close();
  expect(saidBy(source.book)).toEqual(saidBy(folded(Infinity)));
  expect(told).toEqual([expect.stringMatching(/ENOTDIR|not a directory/)]);
});

test('how far there is to read is known before the first record has been read', () => {
  const { dir, file, total } = keptFolder();
  const goal = (): number => new JournalSource(dir).goal;
  expect(goal()).toBe(total);
  fs.appendFileSync(file, '{"v":1,"seq":999');
  expect(goal()).toBe(total);
  expect(new JournalSource(file).goal).toBe(total);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').split('\n')[0] ?? '');
  expect(goal()).toBe(0);
});

/** The played journal in several files. */
function longJournal(length: number, segmentBytes?: number): string {
  const dir = path.join(keptFolder(0).dir, 'long');
  const journal = Journal.open(dir, segmentBytes === undefined ? {} : { segmentBytes });
  for (let n = 0; n < length; n++) {
    const { v: _v, seq: _seq, crc: _crc, at, ...line } = records[n % records.length]!;
    journal.append(line, at);
  }
  journal.close();
  return dir;
}

test('files that were compressed since are read from where they were', async () => {
  const dir = longJournal(2_400, 300_000);
  const start = async (): Promise<JournalSource> => {
    const source = new JournalSource(dir, { keepIn: path.join(dir, 'kept'), keepPace: EAGER });
    onTestFinished(() => source.close());
    await source.open();
    return source;
  };
  const first = await start();
  const look = async (source: JournalSource): Promise<unknown> => {
    const moment = await source.momentAt(1_300);
    return [moment && saidBy(moment), [...source.after(1_290)].length];
  };
  const before = await look(first);
  first.close();
  const files = fs.readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  expect(files.length).toBeGreaterThan(2);
  for (const name of files.slice(0, -1)) {
    const file = path.join(dir, name);
    fs.writeFileSync(`${file}.gz`, gzipSync(fs.readFileSync(file)));
    fs.rmSync(file);
  }
  const again = await start();
  expect(again.problem).toBeNull();
  expect(again.seq).toBe(2_400);
  expect(await look(again)).toEqual(before);
});

test('while the journal is read for the first time, the page shows how far it is, and the state there', async () => {
  const LENGTH = 3_000;
  const dir = longJournal(LENGTH);
  const source = new JournalSource(dir);
  onTestFinished(() => source.close());
  const reading = source.open();
  const api = makeApi(source, lonely);
  const seen = async () => (await (await api.request('/api/overview')).json()) as Overview;
  const first = await seen();
  expect(first).toMatchObject({ isReading: true, goal: LENGTH });
  expect(first.lastSeq).toBeLessThan(LENGTH);
  expect(first.services.length).toBeGreaterThan(0);
  await reading;
  expect(await seen()).toMatchObject({ isReading: false, lastSeq: LENGTH });
});
