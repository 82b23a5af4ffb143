import fs from 'node:fs';
import path from 'node:path';
import { readConfig } from '../../config.ts';
import type { Pruning } from '../../runtime/prune.ts';
import { Cursor } from '../../sinks/cursor.ts';
import type { PruneReport } from '../../store/prune.ts';
import type { Invocation } from '../command.ts';
import { dataDirOf } from '../session.ts';
import { counted } from '../summary.ts';

const DAY_MS = 86_400_000;
const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `417 bytes`, `1.2 MB`; a thousand is a thousand. */
export function size(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** What retention asks for; null when neither age nor size is limited. */
export function pruningOf(invocation: Invocation): Pruning | null {
  const config = readConfig(invocation.environment.values);
  const { JOURNAL_RETENTION_DAYS: days, JOURNAL_RETENTION_MB: megabytes } = config;
  if (days === undefined && megabytes === undefined) return null;
  return {
    maxAgeMs: days === undefined ? null : days * DAY_MS,
    maxBytes: megabytes === undefined ? null : megabytes * 1_000_000,
    readers: readersOf(path.join(dataDirOf(invocation), 'cursors')),
  };
}

/** Logs that go on where they have left off: what they have yet to read stays. */
function readersOf(dir: string): NonNullable<Pruning['readers']> {
  if (!fs.existsSync(dir)) return [];
  const names = fs.readdirSync(dir).filter((name) => name.endsWith('.json'));
  return names.map((name) => {
    const sink = name.slice(0, -'.json'.length);
    return { name: path.join(dir, name), seq: new Cursor(dir, sink).start ?? 0 };
  });
}

/** What `journal prune` would do, as a line of `journal stats`. */
export function tellPlan({ removed, left, from }: PruneReport): string {
  const bytes = removed.reduce((sum, file) => sum + file.bytes, 0);
  const [kept] = left;
  const stays = kept
    ? `; ${counted(left.length, 'file')} ${left.length === 1 ? 'stays' : 'stay'}, ${kept.file} because ${kept.why}`
    : '';
  if (removed.length === 0) return `Retention: nothing to remove${stays}`;
  return `Retention: journal prune would remove ${counted(removed.length, 'file')} (${size(bytes)}), all before seq ${from}${stays}`;
}
