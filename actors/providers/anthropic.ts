import { PermanentError } from '../../errors.ts';
import {
  ask,
  codeIn,
  fieldsOf,
  invalidResponse,
  jsonOf,
  textOf,
  type Complaint,
  type Fetch,
} from './http.ts';
import { instructions, promptText, type Prompt, type ScriptWriter } from './prompt.ts';

export interface AnthropicOptions {
  readonly fetch: Fetch;
  /** Without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** With `{name}` and `{column}`. */
  readonly template?: string | undefined;
}

const service = 'LLM';
/** A script is four short sentences. */
const MAX_TOKENS = 400;

const complain = (body: unknown): Complaint => {
  const error = fieldsOf(fieldsOf(body)['error']);
  const code = codeIn(fieldsOf(error['details'])['error_code']) ?? codeIn(error['type']);
  return { code, message: textOf(error['message']) };
};

/** Anthropic's messages. */
export class AnthropicClient implements ScriptWriter {
  readonly #options: AnthropicOptions;

  constructor(options: AnthropicOptions) {
    this.#options = options;
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { fetch, baseUrl, model, template } = this.#options;
    const messages = [{ role: 'user', content: promptText(prompt, template) }];
    const answer = await ask(
      fetch,
      {
        service,
        method: 'POST',
        url: `${baseUrl}/v1/messages`,
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify({ model, max_tokens: MAX_TOKENS, system: instructions, messages }),
        signal,
      },
      complain,
    );
    const { content, stop_reason: reason } = fieldsOf(jsonOf(answer));
    if (reason === 'refusal') {
      throw new PermanentError('LLM declined to write a script', {
        service,
        kind: 'InvalidPayload',
        scope: 'contact',
        code: 'refusal',
      });
    }
    const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
    const text = blocks
      .flatMap((block) => textOf(block['text']) ?? [])
      .join('')
      .trim();
    if (text === '') throw invalidResponse(service, 'no script');
    return text;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { fetch, baseUrl } = this.#options;
    const url = `${baseUrl}/v1/models?limit=1`;
    await ask(fetch, { service, method: 'GET', url, headers: this.#headers(), signal }, complain);
  }

  #headers(): Record<string, string> {
    return { 'x-api-key': this.#options.apiKey, 'anthropic-version': '2023-06-01' };
  }
}
