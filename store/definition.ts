import { createHash } from 'node:crypto';
import type { Logic } from './fold.ts';

/**
 * A hash of what a machine's statechart says: states, events, targets, guards and actions by name.
 * It tells a journal written by another version of a machine before it can be misread.
 */
function definitionHash(machine: Logic[string]): string {
  const text = JSON.stringify(machine.definition, (_key, value: unknown) =>
    typeof value === 'function' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export function definitionHashes(logic: Logic): { [machine: string]: string } {
  return Object.fromEntries(
    Object.entries(logic).map(([name, machine]) => [name, definitionHash(machine)]),
  );
}
