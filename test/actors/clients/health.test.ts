import { describe, expect, test } from 'vitest';
import { isProviderError, type ProviderError } from '../../../errors.ts';
import { openWorld } from '../../scenarios/world/support.ts';
import { checks, clientsAt } from './clients.ts';
import { startRecording, type Scripted } from './recording-server.ts';

const never = new AbortController().signal;

async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error = await work.then(
    () => new Error('expected a rejection'),
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) throw error;
  return error;
}

describe.for(checks)('$what', ({ provider, service, ask }) => {
  test('is one GET with the key, and fits the provider', async () => {
    const llm = provider === 'anthropic' ? 'anthropic' : 'openai';
    const { world } = await openWorld('sockets', { llm });
    await ask(clientsAt(world.urls[service] ?? ''), never);
    expect(world.counts[service]).toEqual({ work: 0, health: 1, other: 0 });
    expect(world.requests).toMatchObject([{ method: 'GET', status: 200 }]);
  });

  test('tells a wrong key from an outage', async () => {
    const llm = provider === 'anthropic' ? 'anthropic' : 'openai';
    const { world } = await openWorld('sockets', { llm });
    const clients = clientsAt(world.urls[service] ?? '');
    world.plan(service, [{ fault: { status: 401 } }]);
    expect(await failureOf(ask(clients, never))).toMatchObject({
      kind: 'Authentication',
      scope: 'account',
    });
    world.plan(service, [{ fault: { status: 503 } }]);
    const error = await failureOf(ask(clients, never));
    expect(error).toMatchObject({ kind: 'ServiceUnavailable', scope: null, ambiguous: false });
  });

  test('does not swallow an answer without an end', async () => {
    const server = await startRecording({ body: ' '.repeat(5_000_000) });
    const error = await failureOf(ask(clientsAt(server.origin), never));
    expect(error).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind: 'InvalidResponse',
      message: `${service} answered with an endless body`,
    });
  });
});

describe('what runs out is seen before a request meets it', () => {
  const checking = async (provider: 'elevenlabs' | 'twilio' | 'hubspot', scripted: Scripted) => {
    const server = await startRecording(scripted);
    return clientsAt(server.origin)[provider].check(never);
  };

  test('the characters of ElevenLabs', async () => {
    const left = { body: { character_count: 9_999, character_limit: 10_000 } };
    await checking('elevenlabs', left);
    const used = { body: { character_count: 10_000, character_limit: 10_000 } };
    expect(await failureOf(checking('elevenlabs', used))).toMatchObject({
      kind: 'Quota',
      scope: 'account',
      code: 'quota_exceeded',
    });
  });

  test.for([
    ['suspended', 'Quota'],
    ['closed', 'Authentication'],
  ] as const)('an account of Twilio that is %s', async ([status, kind]) => {
    await checking('twilio', { body: { status: 'active' } });
    expect(await failureOf(checking('twilio', { body: { status } }))).toMatchObject({
      kind,
      scope: 'account',
      code: status,
    });
  });

  test('the requests of the day at HubSpot', async () => {
    const header = 'x-hubspot-ratelimit-daily-remaining';
    const body = { results: [] };
    await checking('hubspot', { body, headers: { [header]: '1' } });
    const none = { body, headers: { [header]: '0' } };
    expect(await failureOf(checking('hubspot', none))).toMatchObject({
      kind: 'RateLimit',
      scope: null,
      code: 'DAILY',
    });
  });
});

describe('a service that is there, but may not be looked at', () => {
  test('is healthy with a key of ElevenLabs that may only speak', async () => {
    const status = 'missing_permissions';
    const message = 'The API key you used is missing the permission user_read.';
    const server = await startRecording({ status: 401, body: { detail: { status, message } } });
    expect(await clientsAt(server.origin).elevenlabs.charactersLeft(never)).toBeNull();
    const wrong = { detail: { status: 'invalid_api_key', message: 'Invalid API key' } };
    const other = await startRecording({ status: 401, body: wrong });
    await expect(clientsAt(other.origin).elevenlabs.check(never)).rejects.toThrow('Invalid');
  });

  const scopes = 'You have insufficient permissions. Missing scopes: api.model.read.';
  const region = 'Country, region, or territory not supported';
  test.for<[number, string, boolean]>([
    [403, scopes, true],
    [403, region, false],
    [404, 'Not Found', true],
    [405, 'Method Not Allowed', true],
    [401, 'Incorrect API key provided', false],
  ])('is so of an LLM: %i %s', async ([status, message, isFine]) => {
    const server = await startRecording({ status, body: { error: { message, code: null } } });
    const { openai } = clientsAt(server.origin);
    const said = await openai
      .check(never)
      .catch((error: unknown) => (error as ProviderError).status);
    expect(said).toBe(isFine ? false : status);
  });
});
