import { describe, expect, test, vi } from 'vitest';
import { isProviderError, type ProviderError } from '../../../errors.ts';
import { AnthropicClient } from '../../../actors/providers/anthropic.ts';
import { OpenAIClient } from '../../../actors/providers/openai.ts';
import { clientsAt, keys, type Clients } from './clients.ts';
import { startRecording, type Scripted } from './recording-server.ts';

const never = new AbortController().signal;
const prompt = { name: 'Ada Lovelace', variables: { topic: 'delivery' } };

const vendors = [
  {
    name: 'openai',
    path: '/v1/chat/completions',
    auth: { authorization: `Bearer ${keys.openai}` },
    good: { choices: [{ message: { content: ' Hello Ada. ' }, finish_reason: 'stop' }] },
    empty: { choices: [] },
    models: '/v1/models',
    refused: { error: { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' } },
    code: 'rate_limit_exceeded',
    idHeader: 'x-request-id',
  },
  {
    name: 'anthropic',
    path: '/v1/messages',
    auth: { 'x-api-key': keys.anthropic },
    good: { content: [{ type: 'text', text: ' Hello Ada. ' }], stop_reason: 'end_turn' },
    empty: { content: [], stop_reason: 'end_turn' },
    models: '/v1/models?limit=1',
    refused: { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } },
    code: 'rate_limit_error',
    idHeader: 'request-id',
  },
] as const;

type Vendor = (typeof vendors)[number];

const clientOf = ({ name }: Vendor, clients: Clients): OpenAIClient | AnthropicClient =>
  clients[name];

async function askingFor(vendor: Vendor, scripted: Scripted) {
  const server = await startRecording(scripted);
  const client = clientOf(vendor, clientsAt(server.origin));
  return { ...server, client };
}

async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error = await work.then(
    () => new Error('expected a rejection'),
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) throw error;
  return error;
}

describe.for(vendors)('$name’s own client', (vendor) => {
  test('asks for a script with the key, the instructions, the prompt and nothing else', async () => {
    const { client, seen } = await askingFor(vendor, { body: vendor.good });
    expect(await client.writeScript(prompt, never)).toBe('Hello Ada.');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: vendor.path, headers: vendor.auth });
    const { headers } = seen[0] ?? { headers: {} };
    expect(JSON.stringify(headers).split(keys[vendor.name])).toHaveLength(2);
    const sent = JSON.parse(seen[0]?.body ?? '') as { messages: unknown[] };
    expect(sent.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringContaining('topic: delivery'),
    });
  });

  test('checks its health with a GET of the list of models', async () => {
    const { client, seen } = await askingFor(vendor, { body: { data: [] } });
    await client.check(never);
    expect(seen).toMatchObject([{ method: 'GET', url: vendor.models, headers: vendor.auth }]);
  });

  test('keeps status, code, request id and hint, and tries once whatever it is told', async () => {
    const headers = {
      'retry-after': '7',
      'retry-after-ms': '0',
      'x-should-retry': 'true',
      [vendor.idHeader]: 'req_17',
    };
    const { client, seen } = await askingFor(vendor, {
      status: 429,
      headers,
      body: vendor.refused,
    });
    expect(await failureOf(client.writeScript(prompt, never))).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind: 'RateLimit',
      status: 429,
      code: vendor.code,
      requestId: 'req_17',
      retryAfterMs: 7_000,
      message: 'LLM answered 429: Slow down.',
    });
    expect(seen).toHaveLength(1);
  });

  test.for<[string, Scripted, object]>([
    ['no choice', { body: vendor.empty }, { kind: 'InvalidResponse' }],
    ['an empty 200', { headers: { 'content-length': '0' } }, { kind: 'InvalidResponse' }],
    ['an empty 200 in chunks', {}, { kind: 'InvalidResponse' }],
    ['broken JSON', { body: '{"choices":[' }, { kind: 'InvalidResponse' }],
    ['JSON null', { body: 'null' }, { kind: 'InvalidResponse' }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, {}],
    ['an endless body', { body: ' '.repeat(5_000_000) }, { kind: 'InvalidResponse' }],
    ['a 502 page', { status: 502, body: '<html>502</html>' }, { kind: 'ServiceUnavailable' }],
    ['a 503 without a body', { status: 503 }, { message: 'LLM answered 503', code: 503 }],
    [
      'a 503 with a sentence',
      { status: 503, headers: { 'content-type': 'text/plain' }, body: 'model is loading' },
      { message: 'LLM answered 503: model is loading' },
    ],
    ['a 500 with broken JSON', { status: 500, body: '{"error":' }, { status: 500 }],
  ])('takes %s for a failure that may pass', async ([, scripted, expected]) => {
    const { client } = await askingFor(vendor, scripted);
    const error = await failureOf(client.writeScript(prompt, never));
    expect(error).toMatchObject({ category: 'TRANSIENT_ERROR', scope: null, ...expected });
  });

  test('follows no redirect with its key', async () => {
    const { client, seen } = await askingFor(vendor, {
      status: 307,
      headers: { location: '/elsewhere' },
    });
    const error = await failureOf(client.writeScript(prompt, never));
    expect(error).toMatchObject({ kind: 'Network', scope: 'config', ambiguous: false });
    expect(seen).toHaveLength(1);
  });

  test('knows that a request to a closed port never left, and what stopped it', async () => {
    const client = clientOf(vendor, clientsAt('http://127.0.0.1:1'));
    const error = await failureOf(client.writeScript(prompt, never));
    expect(error).toMatchObject({ kind: 'Network', ambiguous: false });
  });

  test('keeps the code of a connection that timed out', async () => {
    const cause = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
    const options = { baseUrl: 'http://provider.test', apiKey: 'key-0123456', model: 'any' };
    const wire = { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) };
    const Client = vendor.name === 'openai' ? OpenAIClient : AnthropicClient;
    const error = await failureOf(new Client({ ...wire, ...options }).writeScript(prompt, never));
    expect(error).toMatchObject({ kind: 'Network', code: 'ETIMEDOUT' });
  });

  test('keeps to itself a key that no header can hold', async () => {
    const options = { baseUrl: 'http://127.0.0.1:1', apiKey: 'sk-verysecret\nx', model: 'any' };
    const Client = vendor.name === 'openai' ? OpenAIClient : AnthropicClient;
    const error = await failureOf(new Client({ fetch, ...options }).writeScript(prompt, never));
    expect(error).toMatchObject({ scope: 'config', ambiguous: false });
    expect(error.message).not.toContain('verysecret');
  });
});

describe('the environment', () => {
  const strange = {
    OPENAI_ORG_ID: 'org-strange',
    OPENAI_PROJECT_ID: 'proj-strange',
    OPENAI_BASE_URL: 'http://127.0.0.1:9/strange',
    OPENAI_ADMIN_KEY: 'sk-strange-admin',
    OPENAI_LOG: 'debug',
    OPENAI_CUSTOM_HEADERS: 'authorization: Bearer strange\nx-strange: yes',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/strange',
    ANTHROPIC_AUTH_TOKEN: 'strange-token',
    ANTHROPIC_LOG: 'debug',
    ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: strange\nx-strange: yes',
    DEBUG: '1',
  };

  test.for(vendors)('says nothing to the client of $name', async (vendor) => {
    for (const [name, value] of Object.entries(strange)) vi.stubEnv(name, value);
    const talk = (['log', 'debug', 'info', 'warn', 'error'] as const).map((how) =>
      vi.spyOn(console, how).mockImplementation(() => {}),
    );
    const { client, seen } = await askingFor(vendor, { body: vendor.good });
    await client.writeScript(prompt, never);
    const [{ headers } = { headers: {} }] = seen;
    expect(headers).toMatchObject(vendor.auth);
    expect(JSON.stringify(headers)).not.toContain('strange');
    for (const spy of talk) expect(spy).not.toHaveBeenCalled();
    for (const [name, value] of Object.entries(strange)) expect(process.env[name]).toBe(value);
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
});

test('OpenAI’s words of refusal are about this contact, and are asked for once', async () => {
  const message = { role: 'assistant', content: null, refusal: 'I cannot help.' };
  const body = { choices: [{ message, finish_reason: 'stop' }] };
  const { client } = await askingFor(vendors[0], { body });
  expect(await failureOf(client.writeScript(prompt, never))).toMatchObject({
    category: 'PERMANENT_ERROR',
    kind: 'InvalidPayload',
    scope: 'contact',
    code: 'refusal',
  });
});

test('a script with an empty refusal beside it is a script', async () => {
  const choice = { message: { content: 'Hello Ada.', refusal: null }, finish_reason: 'stop' };
  const { client } = await askingFor(vendors[0], { body: { choices: [choice] } });
  expect(await client.writeScript(prompt, never)).toBe('Hello Ada.');
});

test('a compatible server takes whatever stands for a key', async () => {
  const server = await startRecording({ body: vendors[0].good });
  const options = { baseUrl: `${server.origin}/openai/v1`, apiKey: 'none', model: 'llama3.2' };
  const client = new OpenAIClient({ fetch, ...options });
  expect(await client.writeScript(prompt, never)).toBe('Hello Ada.');
  expect(server.seen).toMatchObject([
    { url: '/openai/v1/chat/completions', headers: { authorization: 'Bearer none' } },
  ]);
});
