import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../store/make-folder.ts';

function place(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'make-folder-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('a folder', () => {
  test('is made with those above it, for its owner alone', () => {
    const dir = place();
    makeFolder(path.join(dir, 'a', 'b', 'c'));
    for (const made of ['a', 'a/b', 'a/b/c'])
      expect(fs.statSync(path.join(dir, made)).mode & 0o777).toBe(0o700);
  });

  test('that is there stays as it is', () => {
    const dir = place();
    fs.chmodSync(dir, 0o755);
    makeFolder(dir);
    makeFolder('/');
    makeFolder('.');
    expect(fs.statSync(dir).mode & 0o777).toBe(0o755);
  });

  test('that can’t be made is refused by the file system', () => {
    const dir = place();
    fs.writeFileSync(path.join(dir, 'file'), '');
    expect(() => makeFolder(path.join(dir, 'file'))).toThrow(/EEXIST/);
    expect(() => makeFolder(path.join(dir, 'file', 'below'))).toThrow(/ENOTDIR/);
  });

  test.runIf(process.platform === 'linux')(
    'is not waited for below a place that takes none',
    () => {
      expect(() => makeFolder('/proc/call-agent/data')).toThrow(/ENOENT|EACCES|EPERM/);
    },
  );
});
