import type { Clock } from '../../runtime/clock.ts';
import { llmErrorBody } from './llm-errors.ts';
import { type Incoming, Provider, readJsonObject, Refusal } from './provider.ts';
import { type Random, randomHex, randomUuid } from './random.ts';
import { promptIn, scriptFor, tokensIn } from './script.ts';

export interface LlmOptions {
  readonly clock: Clock;
  readonly random: Random;
}

const MODEL = 'gpt-4o-mini';

/** Chat completions as at OpenAI: a short script that greets the contact by name. */
export function createLlm({ clock, random }: LlmOptions): Provider {
  const created = (): number => Math.floor(clock.now() / 1000);
  return new Provider({
    errorBody: llmErrorBody,
    hasCredentials: (headers) => /^Bearer \S/.test(headers.get('authorization') ?? ''),
    requestIdHeader: 'x-request-id',
    newRequestId: () => `req_${randomHex(random, 32)}`,
    routes: [
      {
        method: 'POST',
        path: /^\/v1\/chat\/completions$/,
        kind: 'work',
        answer: (incoming) => complete(incoming, `chatcmpl-${randomUuid(random)}`, created()),
      },
      {
        method: 'GET',
        path: /^\/v1\/models$/,
        kind: 'health',
        answer: () =>
          Response.json({
            object: 'list',
            data: [{ id: MODEL, object: 'model', created: 1_721_172_741, owned_by: 'system' }],
          }),
      },
    ],
  });
}

async function complete({ request }: Incoming, id: string, created: number): Promise<Response> {
  const { model, messages } = await readJsonObject(request);
  if (typeof model !== 'string') throw missing('model');
  if (!Array.isArray(messages) || messages.length === 0) throw missing('messages');
  const prompt = promptIn(messages);
  const content = scriptFor(prompt);
  const usage = { prompt_tokens: tokensIn(prompt), completion_tokens: tokensIn(content) };
  return Response.json({
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  });
}

function missing(param: string): Refusal {
  const message = `Missing required parameter: '${param}'.`;
  return new Refusal(400, 'missing_required_parameter', message, param);
}
