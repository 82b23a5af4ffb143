import path from 'node:path';
import { machines } from '../../machines/registry.ts';
import { realFileSystem } from '../../store/file-system.ts';
import { Journal } from '../../store/journal.ts';
import { pruneJournal } from '../../store/prune.ts';

const DAY_MS = 86_400_000;

/** Ends the file that is being written: what comes now begins another. */
export function beginFile(dir: string): void {
  const journal = Journal.open(path.join(dir, 'journal'));
  journal.beginFile();
  journal.close();
}

/**
 * Removes what can be removed, as somebody does it weeks later.
 * @param at of the last line, epoch ms
 * @returns how many files went
 */
export function pruneWeeksLater(dir: string, at: number): number {
  const { removed } = pruneJournal({
    dir: path.join(dir, 'journal'),
    disk: realFileSystem,
    logic: machines,
    now: at + 30 * DAY_MS,
    maxAgeMs: 7 * DAY_MS,
    maxBytes: null,
  });
  return removed.length;
}
