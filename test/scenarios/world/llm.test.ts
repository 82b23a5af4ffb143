import { describe, expect, test } from 'vitest';
import { llmErrorBody } from '../../../scenarios/world/llm-errors.ts';
import { askLlm, CHAT, openWorld, TRANSPORTS } from './support.ts';

describe.each(TRANSPORTS)('%s', (transport) => {
  test('writes a script that greets the contact by name', async () => {
    const opened = await openWorld(transport);
    const response = await askLlm(opened);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: opened.clock.now() / 1000,
      model: 'gpt-4o-mini',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: expect.stringMatching(/^Hello Ada Lovelace, /) },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: expect.any(Number),
        completion_tokens: expect.any(Number),
        total_tokens: expect.any(Number),
      },
    });
  });

  test('lists its models for a health check', async () => {
    const { world, fetch } = await openWorld(transport);
    const headers = { authorization: 'Bearer key' };
    const response = await fetch(`${world.urls.LLM}/v1/models`, { headers });
    expect(await response.json()).toMatchObject({ object: 'list', data: [{ object: 'model' }] });
    expect(world.counts.LLM).toEqual({ work: 0, health: 1, other: 0 });
  });

  test('refuses a request without a key, to a wrong address or by a wrong method', async () => {
    const { world, fetch } = await openWorld(transport);
    const post = { method: 'POST' };
    const noKey = await fetch(`${world.urls.LLM}/v1/chat/completions`, post);
    expect(noKey.status).toBe(401);
    expect(await noKey.json()).toMatchObject({ error: { code: 'invalid_api_key', param: null } });
    expect((await fetch(`${world.urls.LLM}/v2/none`, post)).status).toBe(404);
    expect((await fetch(`${world.urls.LLM}/v1/models`, post)).status).toBe(405);
    expect(world.counts.LLM).toEqual({ work: 1, health: 0, other: 2 });
  });
});

test.each([
  ['no name', [{ role: 'user', content: 'Call them.' }], /^Hello, /],
  ['a name in a part', [{ content: [{ type: 'text', text: '- Name: Bo' }] }], /^Hello Bo, /],
  ['another name only', [{ content: 'The contact name: Cy' }], /^Hello Cy, /],
  ['nothing that can be read', [null, { content: 5 }], /^Hello, /],
])('finds in messages with %s', async (_, messages, greeting) => {
  const opened = await openWorld('in process');
  const response = await askLlm(opened, { ...CHAT, messages });
  const { choices } = (await response.json()) as {
    choices: [{ message: { content: string } }];
  };
  expect(choices[0].message.content).toMatch(greeting);
});

test.each([
  ['messages', { model: 'm', messages: [] }],
  ['model', { messages: [{}] }],
])('names the missing parameter %s', async (param, body) => {
  const response = await askLlm(await openWorld('in process'), body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } });
});

test('refuses a body that is not a JSON object', async () => {
  const opened = await openWorld('in process');
  expect((await askLlm(opened, [1])).status).toBe(400);
});

test('tells a rate limit from an exhausted quota', () => {
  expect(llmErrorBody(429)).toMatchObject({
    error: { type: 'requests', code: 'rate_limit_exceeded' },
  });
  expect(llmErrorBody(429, 'insufficient_quota')).toMatchObject({
    error: { type: 'insufficient_quota', code: 'insufficient_quota' },
  });
  expect(llmErrorBody(502)).toMatchObject({ error: { type: 'server_error', code: null } });
});
