import { describe, expect, test } from 'vitest';
import { anthropicErrorBody } from '../../../scenarios/world/anthropic-errors.ts';
import { type OpenedWorld, openWorld, TRANSPORTS } from './support.ts';

const MESSAGES = {
  model: 'claude-haiku-4-5',
  max_tokens: 400,
  system: 'Write a call script.',
  messages: [{ role: 'user', content: 'Name: Ada Lovelace' }],
};
const headers = { 'x-api-key': 'key', 'anthropic-version': '2026-10-21' };

const ask = ({ world, fetch }: OpenedWorld, body: object, more = headers): Promise<Response> =>
  fetch(`${world.urls.LLM}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  });

describe.each(TRANSPORTS)('%s', (transport) => {
  test('writes a script that greets the contact by name', async () => {
    const response = await ask(await openWorld(transport, { llm: 'anthropic' }), MESSAGES);
    expect(response.status).toBe(200);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await response.json()).toMatchObject({
      type: 'message',
      model: MESSAGES.model,
      content: [{ type: 'text', text: expect.stringMatching(/^Hello Ada Lovelace, /) }],
      stop_reason: 'end_turn',
    });
  });

  test('lists its models for a health check', async () => {
    const { world, fetch } = await openWorld(transport, { llm: 'anthropic' });
    const response = await fetch(`${world.urls.LLM}/v1/models?limit=1`, { headers });
    expect(await response.json()).toMatchObject({ data: [{ type: 'model' }] });
    expect(world.counts.LLM).toEqual({ work: 0, health: 1, other: 0 });
  });

  test.for([
    ['a key', 401, MESSAGES, { ...headers, 'x-api-key': undefined as never }],
    ['a version', 400, MESSAGES, { ...headers, 'anthropic-version': undefined as never }],
    ['a model', 400, { ...MESSAGES, model: undefined }, headers],
    ['a length', 400, { ...MESSAGES, max_tokens: undefined }, headers],
    ['messages', 400, { ...MESSAGES, messages: [] }, headers],
  ] as const)('refuses a request without %s', async ([, status, body, given]) => {
    const opened = await openWorld(transport, { llm: 'anthropic' });
    const present = Object.entries(given).filter(([, value]) => value !== undefined);
    const response = await ask(opened, body, Object.fromEntries(present) as typeof headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: {} });
  });
});

test('its errors have a type by the status, or the code that is asked for', () => {
  const errorOf = (status: number, code?: string): unknown =>
    (anthropicErrorBody(status, code) as { error: unknown }).error;
  expect(errorOf(529)).toMatchObject({ type: 'overloaded_error' });
  expect(errorOf(500)).toMatchObject({ type: 'api_error' });
  expect(errorOf(418)).toMatchObject({ type: 'invalid_request_error' });
  expect(errorOf(400, 'billing_error')).toMatchObject({ type: 'billing_error' });
  expect(errorOf(429, 'enforced_spend_limit_reached')).toMatchObject({
    type: 'rate_limit_error',
    details: { error_code: 'enforced_spend_limit_reached' },
  });
});
