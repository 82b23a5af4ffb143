import path from 'node:path';
import { UserError } from '../errors.ts';
import { machines } from '../machines/registry.ts';
import { ContactTable } from '../store/contacts.ts';
import { Journal } from '../store/journal.ts';
import { Ledger } from '../store/ledger.ts';
import { lockFolder } from '../store/lock.ts';
import { isRoot, type RecordedEvent } from '../store/record.ts';
import { copyOfNote } from '../store/writer-note.ts';
import { LiveRoots } from '../store/live-roots.ts';
import { recover, type Recovered } from './restore.ts';

/** A data folder that no agent works on, open for a few lines of journal. */
export interface OfflineFolder extends Recovered {
  readonly dir: string;
  readonly ledger: Ledger;
  readonly contacts: ContactTable;
  /** Epoch ms, never before the journal's last line. */
  readonly now: () => number;
}

/**
 * Changes something in a journal that no agent works on: the lines are written, nothing is started.
 * @throws LockedError when another process works on the folder
 */
export function writeOffline<T>(dataDir: string, work: (folder: OfflineFolder) => T): T {
  const lock = lockFolder(dataDir);
  try {
    const live = new LiveRoots();
    const ledger = new Ledger();
    const dir = path.join(dataDir, 'journal');
    const contacts = ContactTable.open(path.join(dataDir, 'contacts'));
    const journal = Journal.open(dir, {
      noteCopy: copyOfNote(dir),
      // Neither wants to know of what is below a root.
      isWanted: isRoot,
      onRecord: (record) => {
        live.apply(record);
        ledger.apply(record);
      },
    });
    journal.on('record', (record) => ledger.apply(record));
    try {
      const now = (): number => Math.max(Date.now(), journal.at);
      const recovered = recover({ dir, logic: machines, journal, live, now });
      return work({ ...recovered, dir: dataDir, ledger, contacts, now });
    } finally {
      journal.close();
    }
  } finally {
    lock.release();
  }
}

/**
 * Resets breakers in a journal that no agent works on.
 * @param services all that the journal knows when null
 * @throws LockedError when another process works on the folder
 * @throws UserError when the journal knows no such service
 */
export function resetOffline(
  dataDir: string,
  services: readonly string[] | null,
  by: string,
): void {
  writeOffline(dataDir, ({ fold, feed, now }) => {
    const known = fold.roots().filter((id) => id.startsWith('breaker:'));
    const wanted = services?.map((service) => `breaker:${service}`) ?? known;
    for (const id of wanted) {
      if (!known.includes(id)) throw unknownService(id, known);
    }
    for (const id of wanted) {
      feed(id, { type: 'breaker.reset', at: now(), by } satisfies RecordedEvent);
    }
  });
}

function unknownService(id: string, known: readonly string[]): UserError {
  const name = (breaker: string): string => breaker.slice('breaker:'.length);
  const list = known.length === 0 ? 'none yet' : known.map(name).join(', ');
  return new UserError(`There is no service called ${name(id)}: known are ${list}.`);
}
