import type Anthropic from '@anthropic-ai/sdk';
import { finishError } from './errors/finish.ts';
import { hasNoList } from './errors/out-of-sight.ts';
import { fieldsOf, invalidResponse, textOf, type Wire } from './http.ts';
import { instructions, promptText, type Prompt, type ScriptWriter } from './prompt.ts';
import { Sdk } from './sdk.ts';

export interface AnthropicOptions extends Wire {
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

/** Anthropic's messages, through Anthropic's own client. */
export class AnthropicClient implements ScriptWriter {
  readonly #options: AnthropicOptions;
  readonly #sdk: Sdk<Anthropic>;

  constructor(options: AnthropicOptions) {
    this.#options = options;
    const { baseUrl: baseURL, apiKey } = options;
    this.#sdk = new Sdk({
      service,
      provider: 'anthropic',
      wire: options,
      name: '@anthropic-ai/sdk',
      prefix: 'ANTHROPIC_',
      load: async () => {
        const { Anthropic: Client } = await import('@anthropic-ai/sdk');
        // The API's own header for a key ("API overview"): what stands in front of it may know no other.
        const defaultHeaders = { 'x-api-key': apiKey, authorization: null };
        const own = { baseURL, apiKey, defaultHeaders, openTelemetry: false } as const;
        return (common) => new Client({ ...common, ...own });
      },
    });
  }

  async load(): Promise<void> {
    await this.#sdk.load();
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { model, template } = this.#options;
    const answer = await this.#sdk.ask('POST', signal, (client) =>
      client.messages.create(
        {
          model,
          max_tokens: MAX_TOKENS,
          system: instructions,
          messages: [{ role: 'user', content: promptText(prompt, template) }],
        },
        { signal },
      ),
    );
    const { content, stop_reason: reason } = fieldsOf(answer);
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

  async check(signal: AbortSignal): Promise<boolean> {
    const options = { query: { limit: 1 }, signal };
    try {
      const answer = await this.#sdk.ask('GET', signal, (client) =>
        client.get('/v1/models', options),
      );
      if (typeof answer === 'object' && answer !== null) return true;
    } catch (error) {
      if (hasNoList(error)) return false;
      throw error;
    }
    throw invalidResponse(service, 'no models');
  }
}
