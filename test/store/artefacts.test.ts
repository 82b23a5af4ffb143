import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Artefacts } from '../../store/artefacts.ts';
import { filesIn, tempDir } from './support.ts';

const nameOf = (content: string, extension: string): string =>
  `${createHash('sha256').update(content).digest('hex')}.${extension}`;

describe('an artefact', () => {
  test('is kept under the hash of its content', () => {
    const dir = path.join(tempDir(), 'artefacts');
    const artefacts = new Artefacts(dir);
    expect(artefacts.put('Hello Ann', 'txt')).toBe(nameOf('Hello Ann', 'txt'));
    expect(filesIn(dir)).toEqual({ [nameOf('Hello Ann', 'txt')]: 'Hello Ann' });
    expect(artefacts.text(nameOf('Hello Ann', 'txt'))).toBe('Hello Ann');
  });

  test('may be bytes', () => {
    const artefacts = new Artefacts(tempDir());
    const bytes = new Uint8Array([0xff, 0xfb, 0x90, 0x00, 0x0a]);
    const name = artefacts.put(bytes, 'mp3');
    expect(new Uint8Array(fs.readFileSync(artefacts.path(name)))).toEqual(bytes);
  });

  test('is kept once, and a second put leaves the file alone', () => {
    const dir = tempDir();
    const artefacts = new Artefacts(dir);
    const name = artefacts.put('same', 'txt');
    const { ino } = fs.statSync(artefacts.path(name));
    expect(new Artefacts(dir).put('same', 'txt')).toBe(name);
    expect(fs.statSync(artefacts.path(name)).ino).toBe(ino);
    expect(fs.readdirSync(dir)).toEqual([name]);
  });

  test('is for its owner only', () => {
    const dir = path.join(tempDir(), 'artefacts');
    const artefacts = new Artefacts(dir);
    const name = artefacts.put('secret', 'txt');
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(fs.statSync(artefacts.path(name)).mode & 0o777).toBe(0o600);
  });

  test('that was cut short under its draft name is written again', () => {
    const dir = tempDir();
    const artefacts = new Artefacts(dir);
    fs.writeFileSync(path.join(dir, `${nameOf('whole', 'txt')}.${process.pid}.tmp`), 'who');
    expect(artefacts.text(artefacts.put('whole', 'txt'))).toBe('whole');
  });

  test('that is not there has no text', () => {
    expect(new Artefacts(tempDir()).text(nameOf('gone', 'txt'))).toBeNull();
  });

  test.each([
    '',
    '../contacts/_single.jsonl',
    'a.txt',
    `${'0'.repeat(64)}`,
    `${'0'.repeat(64)}./x`,
  ])('is never called %j', (name) => {
    const artefacts = new Artefacts(tempDir());
    expect(() => artefacts.path(name)).toThrow(RangeError);
    expect(artefacts.text(name)).toBeNull();
  });
});
