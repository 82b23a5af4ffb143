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

export interface LlmOptions {
  readonly fetch: Fetch;
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

export interface Prompt {
  readonly name: string;
  readonly variables: { readonly [name: string]: string };
}

const service = 'LLM';

const complain = (body: unknown): Complaint => {
  const error = fieldsOf(fieldsOf(body)['error']);
  return {
    code: codeIn(error['code']) ?? codeIn(error['type']),
    message: textOf(error['message']),
  };
};

const instructions =
  'You write what a friendly caller says on the phone. Answer with the spoken words alone: ' +
  'no stage directions, at most four short sentences.';

function promptFor({ name, variables }: Prompt): string {
  const facts = Object.entries(variables).map(([key, value]) => `${key}: ${value}`);
  return ['Write the opening of a call to this contact.', `Name: ${name}`, ...facts].join('\n');
}

/** OpenAI's chat completions, or anything that speaks them. */
export class LlmClient {
  readonly #options: LlmOptions;

  constructor(options: LlmOptions) {
    this.#options = options;
  }

  /** @returns what the caller is to say */
  async writeScript(prompt: Prompt, signal: AbortSignal): Promise<string> {
    const { fetch, baseUrl, model } = this.#options;
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: promptFor(prompt) },
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
