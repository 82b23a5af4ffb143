/** What the LLM is told of a contact. */
export interface Prompt {
  readonly name: string;
  readonly variables: { readonly [name: string]: string };
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
  /** A cheap authenticated GET. */
  check(signal: AbortSignal): Promise<void>;
}

export const instructions =
  'You write what a friendly caller says on the phone. Answer with the spoken words alone: ' +
  'no stage directions, at most four short sentences.';

const opening = 'Write the opening of a call to this contact.';

/**
 * The question put to the LLM: a template with `{name}` and `{column}` filled in, else a plain
 * request; the contact's name and variables follow either.
 */
export function promptText({ name, variables }: Prompt, template = opening): string {
  const values: { readonly [key: string]: string } = { ...variables, name };
  const filled = template.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  const facts = Object.entries(variables).map(([key, value]) => `${key}: ${value}`);
  return [filled, `Name: ${name}`, ...facts].join('\n');
}
