import { finishError } from './errors/finish.ts';
import { ask, fieldsOf, invalidResponse, jsonOf, textOf, type Wire } from './http.ts';
import { instructions, promptText, type Prompt, type ScriptWriter } from './prompt.ts';

export interface AnthropicOptions extends Wire {
  /** Without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** With `{name}` and `{column}`. */
  readonly template?: string | undefined;
}

const service = 'LLM';
const provider = 'anthropic';
/** A script is four short sentences. */
const MAX_TOKENS = 400;

/** Anthropic's messages. */
export class AnthropicClient implements ScriptWriter {
  readonly #options: AnthropicOptions;

  constructor(options: AnthropicOptions) {
    this.#options = options;
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { baseUrl, model, template } = this.#options;
    const messages = [{ role: 'user', content: promptText(prompt, template) }];
    const answer = await ask(this.#options, {
      service,
      provider,
      method: 'POST',
      url: `${baseUrl}/v1/messages`,
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ model, max_tokens: MAX_TOKENS, system: instructions, messages }),
      signal,
    });
    const { content, stop_reason: reason } = fieldsOf(jsonOf(answer));
    const unfinished = finishError(service, reason);
    if (unfinished) throw unfinished;
    const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
    const text = blocks
      .flatMap((block) => textOf(block['text']) ?? [])
      .join('')
      .trim();
    if (text === '') throw invalidResponse(service, 'no script');
    return text;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { baseUrl } = this.#options;
    const url = `${baseUrl}/v1/models?limit=1`;
    await ask(this.#options, {
      service,
      provider,
      method: 'GET',
      url,
      headers: this.#headers(),
      signal,
    });
  }

  #headers(): Record<string, string> {
    return { 'x-api-key': this.#options.apiKey, 'anthropic-version': '2023-06-01' };
  }
}
