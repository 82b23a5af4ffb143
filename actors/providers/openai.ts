import type OpenAI from 'openai';
import type { ProviderError } from '../../errors.ts';
import { finishError } from './errors/finish.ts';
import { hasNoList } from './errors/out-of-sight.ts';
import { fieldsOf, invalidResponse, textOf, type Wire } from './http.ts';
import { instructions, promptText, type Prompt, type ScriptWriter } from './prompt.ts';
import { Sdk } from './sdk.ts';

export interface OpenAIOptions extends Wire {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** With `{name}` and `{column}`. */
  readonly template?: string | undefined;
}

const service = 'LLM';

/** A model that will not write the script says so in words of its own, and ends as if all were well. */
const refusedWith = (refusal: unknown): ProviderError | null =>
  textOf(refusal) === null ? null : finishError(service, 'refusal');

/** OpenAI's chat completions, or anything that speaks them, through OpenAI's own client. */
export class OpenAIClient implements ScriptWriter {
  readonly #options: OpenAIOptions;
  readonly #sdk: Sdk<OpenAI>;

  constructor(options: OpenAIOptions) {
    this.#options = options;
    const { baseUrl: baseURL, apiKey } = options;
    this.#sdk = new Sdk({
      service,
      provider: 'openai',
      wire: options,
      name: 'openai',
      prefix: 'OPENAI_',
      load: async () => {
        const { OpenAI: Client } = await import('openai');
        return (common) => new Client({ ...common, baseURL, apiKey });
      },
      bodyOf: (said) => (Array.isArray(said) ? said : { error: said }),
    });
  }

  async load(): Promise<void> {
    await this.#sdk.load();
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { model, template } = this.#options;
    const answer = await this.#sdk.ask('POST', signal, (client) =>
      client.chat.completions.create(
        {
          model,
          messages: [
            { role: 'system', content: instructions },
            { role: 'user', content: promptText(prompt, template) },
          ],
        },
        { signal },
      ),
    );
    const { choices } = fieldsOf(answer);
    const first = Array.isArray(choices) ? fieldsOf(choices[0]) : {};
    const unfinished = finishError(service, first['finish_reason']);
    if (unfinished) throw unfinished;
    const { content, refusal } = fieldsOf(first['message']);
    const text = textOf(content)?.trim();
    if (text) return text;
    throw refusedWith(refusal) ?? invalidResponse(service, 'no script');
  }

  async check(signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.#sdk.ask('GET', signal, (client) =>
        client.get('/models', { signal }),
      );
      if (typeof answer === 'object' && answer !== null) return true;
    } catch (error) {
      if (hasNoList(error)) return false;
      throw error;
    }
    throw invalidResponse(service, 'no models');
  }
}
