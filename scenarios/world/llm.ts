import type { Clock } from '../../runtime/clock.ts';
import { llmErrorBody } from './llm-errors.ts';
import { type Incoming, Provider, readJsonObject, Refusal } from './provider.ts';
import { type Random, randomHex, randomUuid } from './random.ts';

export interface LlmOptions {
  readonly clock: Clock;
  readonly random: Random;
}

const MODEL = 'gpt-4o-mini';

const NAME_LINE = /^\W*name:[ \t]*(\S[^\r\n]*)/im;
/** "Contact name: Ada", but not before a line of its own ("Company name: Acme" may come first). */
const NAME_ANYWHERE = /\bname:[ \t]*(\S[^\r\n]*)/i;

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
  const prompt = messages.map(textOf).join('\n');
  const content = scriptFor(nameIn(prompt));
  const usage = { prompt_tokens: tokens(prompt), completion_tokens: tokens(content) };
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

/** A message's content is a string or a list of parts, of which those with text count. */
function textOf(message: unknown): string {
  const content = (message as { content?: unknown } | null)?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : ''))
    .join('\n');
}

function nameIn(prompt: string): string | null {
  const found = NAME_LINE.exec(prompt) ?? NAME_ANYWHERE.exec(prompt);
  return found?.[1]?.trim() ?? null;
}

function scriptFor(name: string | null): string {
  const greeting = name === null ? 'Hello' : `Hello ${name}`;
  return `${greeting}, this is the call agent. I am calling about your appointment tomorrow. Please call us back if the time does not suit you. Thank you, and goodbye.`;
}

/** English has about four characters to a token. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
