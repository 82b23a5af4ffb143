import path from 'node:path';
import { UserError } from '../errors.ts';
import { machines } from '../machines/registry.ts';
import { Journal } from '../store/journal.ts';
import { lockFolder } from '../store/lock.ts';
import type { RecordedEvent } from '../store/record.ts';
import { LiveRoots, recover } from './restore.ts';

/**
 * Resets breakers in a journal that no agent works on: the lines are written, nothing is started.
 * @param services all that the journal knows when null
 * @throws LockedError when another process works on the folder
 * @throws UserError when the journal knows no such service
 */
export function resetOffline(
  dataDir: string,
  services: readonly string[] | null,
  by: string,
): void {
  const lock = lockFolder(dataDir);
  try {
    const live = new LiveRoots();
    const dir = path.join(dataDir, 'journal');
    const journal = Journal.open(dir, { onRecord: (record) => live.apply(record) });
    const now = (): number => Math.max(Date.now(), journal.at);
    const { fold, feed } = recover({ dir, logic: machines, journal, live, now });
    const known = fold.roots().filter((id) => id.startsWith('breaker:'));
    const wanted = services?.map((service) => `breaker:${service}`) ?? known;
    for (const id of wanted) {
      if (!known.includes(id)) throw unknownService(id, known);
    }
    for (const id of wanted) {
      feed(id, { type: 'breaker.reset', at: now(), by } satisfies RecordedEvent);
    }
    journal.close();
  } finally {
    lock.release();
  }
}

function unknownService(id: string, known: readonly string[]): UserError {
  const name = (breaker: string): string => breaker.slice('breaker:'.length);
  const list = known.length === 0 ? 'none yet' : known.map(name).join(', ');
  return new UserError(`There is no service called ${name(id)}: known are ${list}.`);
}
