import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** A Node on this machine that can't run the program itself. */
export function olderNode(): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = [...folders, '/usr/local/bin', '/usr/bin'].map((it) => path.join(it, 'node'));
  for (const node of new Set(candidates)) {
    try {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8' });
      if (Number.parseInt(version.slice(1), 10) < 24) return node;
    } catch {
      // Not there, or not a program.
    }
  }
  return null;
}
