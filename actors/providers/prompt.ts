import { columnKey, nameKeys } from '../contacts/columns.ts';

/** What the LLM is told of a contact. */
export interface Prompt {
  readonly name: string;
  readonly variables: { readonly [name: string]: string };
  /** What else a template may name; without that the LLM is not told it. */
  readonly named?: { readonly [name: string]: string };
}

/** Something that writes what the caller is to say. */
export interface ScriptWriter {
  /**
   * Loads what it needs, to be done before a request's time begins to run; it is done once, and
   * by the first request if nobody has done it before.
   */
  load(): Promise<void>;
  /** @returns the words, as they go to speech */
  writeScript(prompt: Prompt, signal: AbortSignal): Promise<string>;
  /** A cheap authenticated GET. @returns false when it is there, but does not answer that question */
  check(signal: AbortSignal): Promise<boolean>;
}

export const instructions =
  'You write what a friendly caller says on the phone. Answer with the spoken words alone: ' +
  'no stage directions, at most four short sentences.';

const opening = 'Write the opening of a call to this contact.';

const PLACEHOLDER = /\{([^{}]+)\}/g;

/** By their own spelling first, then by what the columns of a list are known by. */
function valuesOf({ name, variables, named }: Prompt): ReadonlyMap<string, string> {
  const cells = [...Object.entries({ ...named }), ...Object.entries(variables)];
  return new Map([
    ...nameKeys.map((key) => [key, name] as const),
    // Of two columns that differ in case alone the first one is meant.
    ...cells.toReversed().map(([column, cell]) => [columnKey(column), cell] as const),
    ...cells,
    ['name', name] as const,
  ]);
}

/**
 * The question put to the LLM: a template with `{name}` and `{column}` filled in, else a plain
 * request; the contact's name and variables follow either. What no column fills stays as it is.
 */
export function promptText(prompt: Prompt, template = opening): string {
  const values = valuesOf(prompt);
  const filled = template.replace(
    PLACEHOLDER,
    (whole, column: string) => values.get(column.trim()) ?? values.get(columnKey(column)) ?? whole,
  );
  const facts = Object.entries(prompt.variables).map(([key, value]) => `${key}: ${value}`);
  return [filled, `Name: ${prompt.name}`, ...facts].join('\n');
}

/**
 * The placeholders of a template that nothing fills, braces included.
 * @param columns that fill something, by any spelling
 */
export function unfilled(template: string, columns: readonly string[]): string[] {
  const keys = new Set(columns.map(columnKey));
  if (keys.has('name')) for (const key of nameKeys) keys.add(key);
  const found = [...template.matchAll(PLACEHOLDER)];
  const missing = found.filter(([, column = '']) => !keys.has(columnKey(column)));
  return [...new Set(missing.map(([whole]) => whole))];
}

/** A sentence about a template's placeholders that nothing fills, without a full stop; or null. */
export function promptProblem(
  template: string | undefined,
  columns: readonly string[],
): string | null {
  const missing = unfilled(template ?? '', columns);
  if (missing.length === 0) return null;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `${missing.join(', ')} ${verb} filled by no column`;
}
