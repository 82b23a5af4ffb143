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

export interface LlmOptions {
  readonly fetch: Fetch;
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** With `{name}` and `{column}`. */
  readonly template?: string | undefined;
}

const service = 'LLM';

const complain = (body: unknown): Complaint => {
  const error = fieldsOf(fieldsOf(body)['error']);
  return {
    code: codeIn(error['code']) ?? codeIn(error['type']),
    message: textOf(error['message']),
  };
};

/** OpenAI's chat completions, or anything that speaks them. */
export class LlmClient implements ScriptWriter {
  readonly #options: LlmOptions;

  constructor(options: LlmOptions) {
    this.#options = options;
  }

  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { fetch, baseUrl, model, template } = this.#options;
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: promptText(prompt, template) },
    ];
    const answer = await ask(
      fetch,
      {
        service,
        method: 'POST',
        url: `${baseUrl}/chat/completions`,
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages }),
        signal,
      },
      complain,
    );
    const { choices } = fieldsOf(jsonOf(answer));
    const first = Array.isArray(choices) ? fieldsOf(choices[0]) : {};
    if (first['finish_reason'] === 'content_filter') {
      throw new PermanentError('LLM declined to write a script', {
        service,
        kind: 'InvalidPayload',
        scope: 'contact',
        code: 'content_filter',
      });
    }
    const text = textOf(fieldsOf(first['message'])['content'])?.trim();
    if (!text) throw invalidResponse(service, 'no script');
    return text;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { fetch, baseUrl } = this.#options;
    const url = `${baseUrl}/models`;
    await ask(fetch, { service, method: 'GET', url, headers: this.#headers(), signal }, complain);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.apiKey}`, accept: 'application/json' };
  }
}
