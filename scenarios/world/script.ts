const NAME_LINE = /^\W*name:[ \t]*(\S[^\r\n]*)/im;
/** "Contact name: Ada", but not before a line of its own ("Company name: Acme" may come first). */
const NAME_ANYWHERE = /\bname:[ \t]*(\S[^\r\n]*)/i;

/** What the simulated models are asked: the texts of all messages. */
export const promptIn = (messages: readonly unknown[]): string => messages.map(textOf).join('\n');

/** A message's content is a string or a list of parts, of which those with text count. */
function textOf(message: unknown): string {
  const content = (message as { content?: unknown } | null)?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : ''))
    .join('\n');
}

/** What they answer. */
export function scriptFor(prompt: string): string {
  const found = NAME_LINE.exec(prompt) ?? NAME_ANYWHERE.exec(prompt);
  const name = found?.[1]?.trim() ?? null;
  const greeting = name === null ? 'Hello' : `Hello ${name}`;
  return `${greeting}, this is the call agent. I am calling about your appointment tomorrow. Please call us back if the time does not suit you. Thank you, and goodbye.`;
}

/** English has about four characters to a token. */
export const tokensIn = (text: string): number => Math.ceil(text.length / 4);
