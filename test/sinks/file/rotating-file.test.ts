import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { RotatingFile, type RotatingFileOptions } from '../../../sinks/file/rotating-file.ts';
import { tempDir } from '../../store/support.ts';

const DAY_MS = 86_400_000;
const MONDAY = Date.parse('2026-09-21T10:00:00Z');

const lineAt = (at: number, message: string): string =>
  JSON.stringify({ timestamp: new Date(at).toISOString(), message });

interface Desk {
  readonly dir: string;
  readonly file: string;
  readonly log: RotatingFile;
  readonly say: (at: number, message: string) => void;
  readonly files: () => string[];
  readonly messages: (name?: string) => string[];
}

function desk(options: RotatingFileOptions = {}, dir = tempDir()): Desk {
  const file = path.join(dir, 'errors.json');
  const log = new RotatingFile(file, options);
  return {
    dir,
    file,
    log,
    say: (at, message) => log.write(lineAt(at, message), at),
    files: () => fs.readdirSync(dir).toSorted(),
    messages: (name = 'errors.json') =>
      fs
        .readFileSync(path.join(dir, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { message: string }).message),
  };
}

describe('a rotating file', () => {
  test('goes on in a new one on each UTC day', () => {
    const { say, files, messages } = desk();
    say(MONDAY, 'monday');
    say(MONDAY + DAY_MS, 'tuesday');
    say(MONDAY + 3 * DAY_MS, 'thursday');
    expect(files()).toEqual(['errors.2026-09-21.json', 'errors.2026-09-22.json', 'errors.json']);
    expect(messages('errors.2026-09-21.json')).toEqual(['monday']);
    expect(messages()).toEqual(['thursday']);
  });

  test('knows the day of its last line after a restart', () => {
    const first = desk();
    first.say(MONDAY, 'monday');
    first.log.close();
    const second = desk({}, first.dir);
    second.say(MONDAY + 1000, 'monday, too');
    second.log.close();
    const third = desk({}, first.dir);
    third.say(MONDAY + DAY_MS, 'tuesday');
    expect(third.messages('errors.2026-09-21.json')).toEqual(['monday', 'monday, too']);
    expect(third.messages()).toEqual(['tuesday']);
  });

  test('goes on in a new one when a line would make it too long', () => {
    const { say, files, messages } = desk({ maxBytes: 150 });
    for (const n of [1, 2, 3, 4, 5]) say(MONDAY, `message ${n}`);
    expect(files()).toEqual(['errors.2026-09-21.1.json', 'errors.2026-09-21.json', 'errors.json']);
    expect(messages('errors.2026-09-21.json')).toEqual(['message 1', 'message 2']);
    expect(messages('errors.2026-09-21.1.json')).toEqual(['message 3', 'message 4']);
    expect(messages()).toEqual(['message 5']);
  });

  test('takes a line that is longer than a file may be', () => {
    const { say, messages } = desk({ maxBytes: 10 });
    say(MONDAY, 'a');
    say(MONDAY, 'b');
    expect(messages()).toEqual(['b']);
  });

  test('stays where it is when a clock goes back', () => {
    const { say, files, messages } = desk();
    say(MONDAY, 'monday');
    say(MONDAY - 3 * DAY_MS, 'from a folder with another clock');
    say(MONDAY + 1, 'monday');
    expect(files()).toEqual(['errors.json']);
    expect(messages()).toHaveLength(3);
  });

  test('removes what is too old by the wall clock, and nothing else', () => {
    const { dir, say, files } = desk({ maxDays: 2, now: () => MONDAY + DAY_MS });
    const old = ['errors.2026-09-01.json', 'errors.2026-09-02.3.json', 'errors.2026-09-20.json'];
    const others = ['errors.notes.json', 'other.2026-09-01.json', 'errors.2026-09-01.json.bak'];
    for (const name of [...old, ...others]) fs.writeFileSync(path.join(dir, name), '');
    for (const name of [...old.slice(0, 2), ...others]) {
      fs.utimesSync(path.join(dir, name), 0, (MONDAY - 9 * DAY_MS) / 1000);
    }
    fs.utimesSync(path.join(dir, 'errors.2026-09-20.json'), 0, (MONDAY - 1000) / 1000);
    say(MONDAY, 'monday');
    say(MONDAY + DAY_MS, 'tuesday');
    expect(files()).toEqual(
      [...others, 'errors.2026-09-20.json', 'errors.2026-09-21.json', 'errors.json'].toSorted(),
    );
  });

  test('keeps no more files than it may', () => {
    const { say, files } = desk({ maxFiles: 2 });
    for (let day = 0; day < 6; day++) say(MONDAY + day * DAY_MS, `day ${day}`);
    expect(files()).toHaveLength(3);
    expect(files()).toContain('errors.json');
  });

  test('begins a new line behind one that a crash cut short', () => {
    const { file, say } = desk();
    fs.writeFileSync(file, `${lineAt(MONDAY, 'whole')}\n{"timestamp":"2026-09-2`);
    say(MONDAY, 'next');
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    expect(lines[2]).toBe(lineAt(MONDAY, 'next'));
  });

  test('is made again when somebody has moved it away', () => {
    let now = MONDAY;
    const { dir, file, say, messages } = desk({ now: () => now });
    say(MONDAY, 'before');
    fs.renameSync(file, path.join(dir, 'moved'));
    now += 5000;
    say(MONDAY, 'after');
    expect(messages()).toEqual(['after']);
    expect(messages('moved')).toEqual(['before']);
  });
});
