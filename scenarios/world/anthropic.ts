import { anthropicErrorBody } from './anthropic-errors.ts';
import { type Incoming, Provider, readJsonObject, Refusal } from './provider.ts';
import { type Random, randomHex } from './random.ts';
import { promptIn, scriptFor, tokensIn } from './script.ts';

export interface AnthropicOptions {
  readonly random: Random;
}

const MODEL = 'claude-haiku-4-5';

/** Messages as at Anthropic: a short script that greets the contact by name. */
export function createAnthropic({ random }: AnthropicOptions): Provider {
  return new Provider({
    errorBody: anthropicErrorBody,
    hasCredentials: (headers) => headers.has('x-api-key'),
    requestIdHeader: 'request-id',
    newRequestId: () => `req_${randomHex(random, 24)}`,
    routes: [
      {
        method: 'POST',
        path: /^\/v1\/messages$/,
        kind: 'work',
        answer: (incoming) => answer(incoming, `msg_${randomHex(random, 24)}`),
      },
      {
        method: 'GET',
        path: /^\/v1\/models$/,
        kind: 'health',
        answer: () =>
          Response.json({ data: [{ type: 'model', id: MODEL }], has_more: false, first_id: MODEL }),
      },
    ],
  });
}

async function answer({ request }: Incoming, id: string): Promise<Response> {
  if (!request.headers.has('anthropic-version'))
    throw invalid('anthropic-version: header is required');
  const { model, max_tokens: most, system, messages } = await readJsonObject(request);
  if (typeof model !== 'string') throw invalid('model: Field required');
  if (typeof most !== 'number') throw invalid('max_tokens: Field required');
  if (!Array.isArray(messages) || messages.length === 0) throw invalid('messages: Field required');
  const prompt = promptIn([{ content: system }, ...(messages as unknown[])]);
  const text = scriptFor(prompt);
  return Response.json({
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: tokensIn(prompt), output_tokens: tokensIn(text) },
  });
}

const invalid = (message: string): Refusal => new Refusal(400, 'invalid_request_error', message);
