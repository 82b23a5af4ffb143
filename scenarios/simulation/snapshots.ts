import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { machines } from '../../machines/registry.ts';
import { Fold } from '../../store/fold.ts';
import type { RootState } from '../../store/live-roots.ts';
import { Ledger } from '../../store/ledger.ts';
import { readJournal } from '../../store/segments.ts';
import { SnapshotStore } from '../../store/snapshots.ts';

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/**
 * Holds the newest snapshot of a data folder against what the whole journal comes to at that place:
 * live roots, and the contacts. An empty list when they are the same; null where there is none.
 */
export function problemsOfSnapshot(dir: string): string[] | null {
  if (!fs.existsSync(path.join(dir, 'snapshots'))) return null;
  const journalDir = path.join(dir, 'journal');
  const parts = [
    { name: 'roots', version: 1 },
    { name: 'ledger', version: new Ledger().version },
  ];
  const found = new SnapshotStore(path.join(dir, 'snapshots')).newest({ journalDir, parts });
  if (!found) return null;
  const fold = new Fold(machines);
  const ledger = new Ledger();
  readJournal(journalDir, (record) => {
    if (record.seq > found.place.seq) return false;
    fold.apply(record);
    ledger.apply(record);
    return true;
  });
  const roots = found.parts['roots']?.state as readonly RootState[];
  const folded = fold.roots().map((id) => ({
    id,
    machine: fold.machineOf(id),
    state: asJson(fold.compose(id)),
  }));
  const byId = (a: RootState, b: RootState): number => a.id.localeCompare(b.id);
  const different = folded.filter(({ id, state }) => {
    const kept = roots.find((root) => root.id === id);
    return !isDeepStrictEqual(kept?.state, state);
  });
  const names = (all: readonly RootState[]): string =>
    all
      .toSorted(byId)
      .map(({ id }) => id)
      .join();
  const where = `the snapshot at ${found.place.seq}`;
  return [
    ...(names(roots) === names(folded) ? [] : [`${where} has roots ${names(roots)}`]),
    ...different.map(({ id }) => `${where} has another ${id}`),
    ...(isDeepStrictEqual(found.parts['ledger']?.state, asJson(ledger.snapshot()))
      ? []
      : [`${where} has another ledger`]),
  ];
}
