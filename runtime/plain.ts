import type { Ref } from '../machines/results.ts';

/** Where something in a value is no JSON; null when all of it is. */
function strangerIn(value: unknown, path: string, above: readonly unknown[]): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value !== 'object' || above.includes(value)) return path;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null || Array.isArray(value);
  if (!isPlain) return path;
  for (const [name, part] of Object.entries(value)) {
    // As `JSON.stringify` does: what is left out is not there.
    if (part === undefined && !Array.isArray(value)) continue;
    const stranger = strangerIn(part, `${path}.${name}`, [...above, value]);
    if (stranger !== null) return stranger;
  }
  return null;
}

/**
 * A copy that nobody can change later. What a machine is given stands in the journal, and what
 * can't stand there would end the agent.
 * @throws RangeError for what does not survive JSON: a cycle, a date, a function, a BigInt
 */
export function plainCopy(option: string, value: Ref): Ref {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const stranger = isObject ? strangerIn(value, option, []) : option;
  if (stranger === null) return JSON.parse(JSON.stringify(value)) as Ref;
  throw new RangeError(
    `${option} must be an object of plain JSON, got something else at ${stranger}`,
  );
}
