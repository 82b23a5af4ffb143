import path from 'node:path';
import { Ledger } from '../store/ledger.ts';
import type { RootState } from '../store/live-roots.ts';
import { versionOf } from '../store/projection.ts';
import { Replay, type ActorState } from '../store/replay.ts';
import { readJournal } from '../store/segments.ts';
import { SnapshotStore } from '../store/snapshots.ts';
import { ROOTS } from './snapshots.ts';

/** How things stand in a folder. */
export interface Standing {
  readonly ledger: Ledger;
  /** A root that is alive, by its lines; what is below one may be missing. */
  readonly root: (id: string) => ActorState | undefined;
  /** Of all roots that are alive. */
  readonly roots: () => string[];
}

/**
 * How things stand at the end of a folder's journal, read beside whoever writes it: from the newest
 * snapshot and the records behind it, as at a start.
 * @throws JournalError where the journal is damaged
 */
export function readStanding(dataDir: string): Standing {
  const journalDir = path.join(dataDir, 'journal');
  const ledger = new Ledger();
  const replay = new Replay();
  const parts = [ROOTS, { name: ledger.name, version: versionOf(ledger) }];
  const found = new SnapshotStore(path.join(dataDir, 'snapshots')).newest({ journalDir, parts });
  if (found) {
    ledger.restore(found.parts[ledger.name]?.state);
    for (const root of (found.parts[ROOTS.name]?.state ?? []) as readonly RootState[]) {
      replay.set(root.id, asTold(root));
    }
  }
  readJournal(
    journalDir,
    (record) => {
      ledger.apply(record);
      replay.apply(record);
    },
    found ? { after: found.place } : {},
  );
  return {
    ledger,
    root: (id) => replay.get(id),
    roots: () => Object.keys(replay.moment().actors).filter((id) => !id.includes('/')),
  };
}

/** A machine's own snapshot, in the words of the journal. */
function asTold({ machine, state }: RootState): ActorState {
  const { value, context } = state as { value: string; context: ActorState['context'] };
  return { machine, state: value, context };
}
