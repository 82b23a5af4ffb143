import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../../sinks/dashboard/page/src/unpack.ts';
import { gzBlock } from '../../../store/gz-blocks.ts';

const lines = ['{"seq":1}\n', '{"seq":2,"text":"ä"}\n', '{"seq":3}\n'].map((it) => Buffer.from(it));
const whole = Buffer.concat(lines);

describe('a file that is dropped on the page', () => {
  test('is read as it is', async () => {
    expect(await textOf(new Blob([whole]))).toBe(whole.toString());
  });

  test('is unpacked member by member when journal archive has made it', async () => {
    expect(await textOf(new Blob(lines.map((it) => gzBlock(it))))).toBe(whole.toString());
  });

  test('is unpacked when somebody else has compressed it', async () => {
    expect(await textOf(new Blob([gzipSync(whole)]))).toBe(whole.toString());
  });

  test('is refused when it is torn', async () => {
    const torn = gzBlock(whole).subarray(0, -9);
    await expect(textOf(new Blob([torn]))).rejects.toThrow(TypeError);
  });
});
