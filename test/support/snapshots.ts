import fs from 'node:fs';
import { machines } from '../../machines/registry.ts';
import { recover } from '../../runtime/restore.ts';
import { AlertFold } from '../../sinks/alerts/fold.ts';
import { defaultAlertSettings } from '../../sinks/alerts/settings.ts';
import { realFileSystem, type FileSystem } from '../../store/file-system.ts';
import { Fold } from '../../store/fold.ts';
import type { Journal } from '../../store/journal.ts';
import { Ledger } from '../../store/ledger.ts';
import { LiveRoots, type RootState } from '../../store/live-roots.ts';
import type { JournalRecord, Line } from '../../store/record.ts';
import { readJournal, type Tail } from '../../store/segments.ts';

export const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** All that a start knows of a journal: with a snapshot, or without one. */
export interface Known {
  readonly roots: readonly RootState[];
  readonly ledger: unknown;
  readonly alerts: unknown;
}

const byId = (a: RootState, b: RootState): number => (a.id < b.id ? -1 : 1);

const statesIn = (fold: Fold): RootState[] =>
  fold
    .roots()
    .map((id) => ({ id, machine: fold.machineOf(id), state: asJson(fold.compose(id)) }))
    .toSorted(byId);

/** The journal up to each record in turn, folded from its beginning. */
export function* knownAtEach(
  records: readonly JournalRecord[],
): Generator<Known & { readonly seq: number; readonly isOwing: boolean }> {
  const fold = new Fold(machines);
  const ledger = new Ledger();
  const alerts = new AlertFold(defaultAlertSettings);
  for (const record of records) {
    const difference = fold.apply(record);
    if (difference) throw new Error(`seq ${record.seq}: ${difference.reason}`);
    ledger.apply(record);
    alerts.apply(record);
    yield {
      seq: record.seq,
      roots: statesIn(fold),
      ledger: asJson(ledger.snapshot()),
      alerts: asJson(alerts.snapshot()),
      isOwing: fold.isOwing,
    };
  }
}

/** What a start recovers of a journal, and the lines it adds on the way. */
export interface RecoveredState extends Known {
  readonly lines: readonly Line[];
}

/** Recovers what a journal holds as a start does it: behind a place, from what was known there. */
export function recovered(
  dir: string,
  from: { readonly place: Tail; readonly known: Known } | null,
): RecoveredState {
  const live = new LiveRoots();
  const ledger = new Ledger();
  const alerts = new AlertFold(defaultAlertSettings);
  if (from) {
    live.restore(asJson(from.known.roots));
    ledger.restore(asJson(from.known.ledger));
    alerts.restore(asJson(from.known.alerts));
  }
  const after = from?.place ?? null;
  const visit = (record: JournalRecord): void => {
    live.apply(record);
    ledger.apply(record);
    alerts.apply(record);
  };
  const { at } = readJournal(dir, visit, after ? { after } : {});
  const lines: Line[] = [];
  const append = (line: Line): void => void lines.push(line);
  const journal = { append } as unknown as Journal;
  const { fold } = recover({ dir, logic: machines, journal, live, after, now: () => at });
  return {
    roots: statesIn(fold),
    ledger: asJson(ledger.snapshot()),
    alerts: asJson(alerts.snapshot()),
    lines,
  };
}

/** The place behind each record of a journal. */
export function placesIn(dir: string): Tail[] {
  const places: Tail[] = [];
  for (let after: Tail | undefined; ;) {
    const tail = readJournal(dir, () => false, after ? { after } : {});
    if (tail.seq === (after?.seq ?? 0)) return places;
    places.push(tail);
    after = tail;
  }
}

/** The real disk, and a copy of every snapshot that gets its name on it. */
export function keepingSnapshots(): { readonly disk: FileSystem; readonly kept: string[] } {
  const kept: string[] = [];
  const disk: FileSystem = {
    ...realFileSystem,
    rename(from, to) {
      if (to.includes('snapshots')) kept.push(fs.readFileSync(from, 'utf8'));
      realFileSystem.rename(from, to);
    },
  };
  return { disk, kept };
}
