import { createHash } from 'node:crypto';
import type { Logic } from './fold.ts';

/** Machines do not change while the program runs, and it takes milliseconds to write one down. */
const known = new WeakMap<Logic[string], string>();

/**
 * A hash of what a machine's statechart says: states, events, targets, guards and actions by name.
 * It tells a journal written by another version of a machine before it can be misread.
 */
function definitionHash(machine: Logic[string]): string {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const text = JSON.stringify(machine.definition, (_key, value: unknown) =>
    typeof value === 'function' ? undefined : value,
  );
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  known.set(machine, hash);
  return hash;
}

export function definitionHashes(logic: Logic): { [machine: string]: string } {
  return Object.fromEntries(
    Object.entries(logic).map(([name, machine]) => [name, definitionHash(machine)]),
  );
}
