import path from 'node:path';
import { machines } from '../machines/registry.ts';
import { realFileSystem } from '../store/file-system.ts';
import { Journal } from '../store/journal.ts';
import { lockFolder } from '../store/lock.ts';
import { pruneJournal, type PruneOptions, type PruneReport } from '../store/prune.ts';

/** What retention asks for, who has not read everything yet, and who wants to watch. */
export type Pruning = Pick<PruneOptions, 'maxAgeMs' | 'maxBytes' | 'readers' | 'onStage'>;

/**
 * Removes from the journal of a folder that no agent works on what retention asks for.
 * @throws LockedError when another process works on the folder
 * @throws JournalError when the journal is damaged or does not verify: nothing is removed
 */
export function pruneOffline(dataDir: string, pruning: Pruning): PruneReport {
  const lock = lockFolder(dataDir);
  try {
    const options = optionsFor(dataDir);
    return pruneJournal({
      ...options,
      ...pruning,
      beginFile(tail) {
        const journal = Journal.open(options.dir, { tail });
        journal.beginFile();
        journal.close();
      },
    });
  } finally {
    lock.release();
  }
}

/** What {@link pruneOffline} would remove; changes nothing, and works beside an agent. */
export const plannedPruning = (dataDir: string, pruning: Pruning): PruneReport =>
  pruneJournal({ ...optionsFor(dataDir), ...pruning, isDry: true });

const optionsFor = (dataDir: string) => ({
  dir: path.join(dataDir, 'journal'),
  disk: realFileSystem,
  logic: machines,
  now: Date.now(),
});
