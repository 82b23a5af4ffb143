import type { AnyMachineSnapshot } from 'xstate';
import { migrations, type Life } from '../machines/migrations.ts';
import { definitionHashes } from '../store/definition.ts';
import { JournalError } from '../store/journal-error.ts';
import { stateName } from '../store/line.ts';
import type { EarlierRoot } from '../store/live-roots.ts';
import { migrated, migrationLine, type Migrated } from '../store/rebirth.ts';
import { rootOf, type Line } from '../store/record.ts';
import { Replay } from '../store/replay.ts';
import { readJournal } from '../store/segments.ts';
import type { RestoreOptions } from './restore.ts';

/** An actor of an earlier version, and how this one goes on with it. */
interface TakeOver {
  readonly root: string;
  readonly machine: string;
  readonly event: Migrated;
  readonly line: Line;
}

/** By root. */
export type TakeOvers = ReadonlyMap<string, TakeOver>;

/**
 * How the live actors that an earlier version of the program has left are gone on with, from what
 * their lines alone say. Nothing is changed yet.
 * @throws JournalError when some can only be gone on with by that version
 */
export function takeOvers(options: RestoreOptions): TakeOvers {
  const { live, logic, now } = options;
  const definitions = definitionHashes(logic);
  const earlier = live.earlier(definitions);
  if (earlier.length === 0) return new Map();
  const lives = livesOf(earlier, options);
  const at = now();
  const taken = new Map<string, TakeOver>();
  const stuck = new Set<string>();
  for (const { root, machine, changed, definition } of earlier) {
    const old = lives.get(root);
    const next = (old && migrations.get(machine)?.(old, at)) ?? null;
    if (!old || !next) for (const name of changed) stuck.add(name);
    else {
      const event = migrated(at, definition ?? '', definitions[machine] ?? '', next);
      taken.set(root, { root, machine, event, line: migrationLine(root, machine, old, event) });
    }
  }
  if (stuck.size > 0) throw refusal([...stuck], options.dir);
  return taken;
}

const refusal = (machines: readonly string[], dir: string): JournalError =>
  new JournalError(
    `The ${machines.join(' and ')} machine has changed since this journal was written, and it has ` +
      'unfinished work: finish that with the version that began it, or use another data folder',
    { file: dir },
  );

function livesOf(
  earlier: readonly EarlierRoot[],
  { dir, disk, live, after }: RestoreOptions,
): Replay {
  const replay = new Replay();
  const wanted = new Set(earlier.map(({ root }) => root));
  for (const { id, machine, state } of live.states) {
    if (!after || !wanted.has(id)) continue;
    const { value, context } = state as AnyMachineSnapshot;
    replay.set(id, { machine, state: stateName(value), context: context as Life['context'] });
  }
  readJournal(
    dir,
    (record) => {
      if (wanted.has(record.actor) && rootOf(record.actor) === record.actor) replay.apply(record);
    },
    { ...(disk && { disk }), ...(after && { after }) },
  );
  return replay;
}
