import { finishError } from './errors/finish.ts';
import { ask, fieldsOf, invalidResponse, jsonOf, textOf, type Wire } from './http.ts';
import { instructions, promptText, type Prompt, type ScriptWriter } from './prompt.ts';

export interface LlmOptions extends Wire {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** With `{name}` and `{column}`. */
  readonly template?: string | undefined;
}

const service = 'LLM';
const provider = 'openai';

/** OpenAI's chat completions, or anything that speaks them. */
export class LlmClient implements ScriptWriter {
  readonly #options: LlmOptions;

  constructor(options: LlmOptions) {
    this.#options = options;
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { baseUrl, model, template } = this.#options;
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: promptText(prompt, template) },
    ];
    const answer = await ask(this.#options, {
      service,
      provider,
      method: 'POST',
      url: `${baseUrl}/chat/completions`,
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages }),
      signal,
    });
    const { choices } = fieldsOf(jsonOf(answer));
    const first = Array.isArray(choices) ? fieldsOf(choices[0]) : {};
    const unfinished = finishError(service, first['finish_reason']);
    if (unfinished) throw unfinished;
    const text = textOf(fieldsOf(first['message'])['content'])?.trim();
    if (!text) throw invalidResponse(service, 'no script');
    return text;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { baseUrl } = this.#options;
    const url = `${baseUrl}/models`;
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
    return { authorization: `Bearer ${this.#options.apiKey}`, accept: 'application/json' };
  }
}
