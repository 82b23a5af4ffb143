import { PermanentError, TransientError, type ProviderError } from '../../../errors.ts';

/** OpenAI's and Anthropic's words for "this will not be said". */
const refusals = new Set(['content_filter', 'refusal']);
/** And for a script that breaks off in the middle. */
const cuts = new Set(['length', 'max_tokens', 'model_context_window_exceeded']);

/**
 * What is wrong with a good answer of an LLM by its own account: `finish_reason` of OpenAI's chat
 * completions, `stop_reason` of Anthropic's messages. A refusal is about this contact's prompt and
 * would come again; a cut script may be shorter next time, and half a script is not for speaking.
 * @returns null when it ended as it should
 */
export function finishError(service: string, reason: unknown): ProviderError | null {
  const code = typeof reason === 'string' ? reason : '';
  if (refusals.has(code)) {
    const said = `${service} refused to write the script: ${code}`;
    return new PermanentError(said, { service, kind: 'InvalidPayload', scope: 'contact', code });
  }
  if (!cuts.has(code)) return null;
  const said = `${service} cut the script short: ${code}`;
  return new TransientError(said, { service, kind: 'InvalidResponse', code });
}
