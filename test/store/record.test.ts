import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  checkLine,
  encodeHeader,
  encodeRecord,
  FORMAT,
  FORMAT_VERSION,
  formatCrc,
  rootOf,
} from '../../store/record.ts';
import { anyLine, START } from './support.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text.slice(0, -1));

describe('a record', () => {
  test('begins with its version, number and time, and ends in its checksum', () => {
    const { text } = encodeRecord(anyLine(1), 1, START, 0);
    expect(text).toMatch(/^\{"v":1,"seq":1,"at":1790000000000,"actor":"call:0001",/);
    expect(text).toMatch(/,"crc":"[0-9a-f]{8}"\}\n$/);
    expect(JSON.parse(text)).toMatchObject({ v: 1, seq: 1, at: START, ...anyLine(1) });
  });

  test('has the CRC-32 of its UTF-8 bytes up to the checksum, seeded with the one before', () => {
    const { text, crc } = encodeRecord(anyLine(1), 1, START, 0xdead_beef);
    const open = text.slice(0, text.indexOf(',"crc"'));
    expect(crc).toBe(crc32(Buffer.from(open, 'utf8'), 0xdead_beef));
    expect(text.endsWith(`,"crc":"${formatCrc(crc)}"}\n`)).toBe(true);
  });

  test('is one line, whatever stands in it', () => {
    const event = { type: 'x', text: 'a\nb\r\n\u2028 \ud800 ,"crc":"00000000"}' };
    const { text, crc } = encodeRecord(anyLine(1, { event }), 1, START, 7);
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(JSON.parse(text)).toMatchObject({ event });
    expect(checkLine(bytesOf(text), 7)).toBe(crc);
  });
});

describe('checking a line', () => {
  const { text, crc } = encodeRecord(anyLine(1), 1, START, 5);

  test('gives the checksum that seeds the next line', () => {
    expect(checkLine(bytesOf(text), 5)).toBe(crc);
  });

  test('refuses another seed: the line before was another one', () => {
    expect(checkLine(bytesOf(text), 6)).toBeNull();
  });

  test('refuses a checksum in capitals', () => {
    const loud = text.replace(/[0-9a-f]{8}"\}\n$/, (tail) => tail.toUpperCase());
    expect(loud).not.toBe(text);
    expect(checkLine(bytesOf(loud), 5)).toBeNull();
  });

  test.each(['', '{}', ',"crc":"00000000"}', 'x'])('refuses %j', (bytes) => {
    expect(checkLine(Buffer.from(bytes), 0)).toBeNull();
  });
});

test('a checksum is always eight digits', () => {
  expect([0, 1, 0xffff_ffff].map(formatCrc)).toEqual(['00000000', '00000001', 'ffffffff']);
});

test('a header has a shape of its own, without a number, and a checksum outside the chain', () => {
  const text = encodeHeader(43, 0xabc);
  expect(JSON.parse(text)).toEqual({
    format: FORMAT,
    version: FORMAT_VERSION,
    first: 43,
    previous: '00000abc',
    crc: expect.stringMatching(/^[0-9a-f]{8}$/) as unknown,
  });
  expect(checkLine(bytesOf(text), 0)).not.toBeNull();
});

test.each([
  ['call:0007', 'call:0007'],
  ['call:0007/speech', 'call:0007'],
  ['call:0007/speech/attempt', 'call:0007'],
])('the root of %s is %s', (actor, root) => {
  expect(rootOf(actor)).toBe(root);
});
