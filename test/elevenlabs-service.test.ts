import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SpeechClient } from '../actors/providers/speech.ts';
import { isProviderError, type ProviderError } from '../errors.ts';
import { ada } from '../scenarios/people.ts';
import type { Fault } from '../scenarios/world/faults.ts';
import { openAgent, requestTimes } from './support/agent.ts';
import { openWorld, rejectionOf } from './scenarios/world/support.ts';

const never = new AbortController().signal;

function clientOf(baseUrl: string): SpeechClient {
  const options = { apiKey: 'a-secret-key', voiceId: 'rachel/1', model: 'eleven_multilingual_v2' };
  return new SpeechClient({ fetch, baseUrl, ...options });
}

interface Provider {
  readonly url: string;
  /** The next request that arrives. */
  next(): Promise<{ request: IncomingMessage; response: ServerResponse }>;
}

/** A server of our own, for what must be seen from the other end of the socket. */
async function provide(): Promise<Provider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async next() {
      const [request, response] = (await once(server, 'request')) as [
        IncomingMessage,
        ServerResponse,
      ];
      return { request, response };
    },
  };
}

/** A client that gives up resets the connection, which is an error at this end. */
function closed({ socket }: IncomingMessage): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error = await rejectionOf(work);
  if (!isProviderError(error)) throw error;
  return error;
}

describe('the ElevenLabs client, over real sockets', () => {
  test('gets real MPEG audio for a text', async () => {
    const { world } = await openWorld('sockets');
    const audio = await clientOf(world.urls.ElevenLabs ?? '').speak('Good morning.', never);
    expect([audio[0], (audio[1] ?? 0) & 0xe0]).toEqual([0xff, 0xe0]);
    expect(audio.length).toBeGreaterThan(1_000);
    expect(world.counts.ElevenLabs?.work).toBe(1);
  });

  test('asks as ElevenLabs wants to be asked', async () => {
    const provider = await provide();
    const spoken = clientOf(provider.url).speak('Good morning.', never);
    const { request, response } = await provider.next();
    expect([request.method, request.url]).toEqual(['POST', '/v1/text-to-speech/rachel%2F1']);
    expect(request.headers).toMatchObject({
      'xi-api-key': 'a-secret-key',
      'content-type': 'application/json',
      accept: 'audio/mpeg',
    });
    expect(JSON.parse(await bodyOf(request))).toEqual({
      text: 'Good morning.',
      model_id: 'eleven_multilingual_v2',
    });
    response.end(Buffer.from('ID3 and so on'));
    expect(Buffer.from(await spoken).toString()).toBe('ID3 and so on');
  });

  test('checks its health with a GET', async () => {
    const { world } = await openWorld('sockets');
    await clientOf(world.urls.ElevenLabs ?? '').check(never);
    expect(world.counts.ElevenLabs).toMatchObject({ work: 0, health: 1 });
  });

  test.for<[string, Fault, object]>([
    ['an empty 200', { empty: true }, { kind: 'InvalidResponse', status: null }],
    ['JSON in place of audio', { json: true }, { kind: 'InvalidResponse' }],
    ['a web page in place of audio', { body: '<html>' }, { kind: 'InvalidResponse' }],
    ['500', { status: 500 }, { kind: 'ServiceUnavailable', status: 500 }],
    ['503', { status: 503 }, { kind: 'ServiceUnavailable', status: 503, code: 'system_busy' }],
    ['a proxy’s 502 page', { html: true }, { kind: 'ServiceUnavailable', code: 502 }],
    ['429', { status: 429, retryAfterS: 7 }, { kind: 'RateLimit', retryAfterMs: 7_000 }],
    ['a reset connection', { reset: true }, { kind: 'Network' }],
    ['half an answer', { cut: true }, { kind: 'Network' }],
  ])('takes %s for a failure that may pass', async ([, fault, expected]) => {
    const { world } = await openWorld('sockets', { plans: { ElevenLabs: [{ fault }] } });
    const error = await failureOf(clientOf(world.urls.ElevenLabs ?? '').speak('Hello.', never));
    expect(error).toMatchObject({
      name: 'TransientError',
      category: 'TRANSIENT_ERROR',
      service: 'ElevenLabs',
      scope: null,
      ...expected,
    });
  });

  test.for<[number, object]>([
    [401, { kind: 'Authentication', scope: 'account', code: 'invalid_api_key' }],
    [402, { kind: 'Quota', scope: 'account' }],
    [403, { kind: 'Authentication', scope: 'account' }],
    [404, { kind: 'InvalidPayload', message: 'ElevenLabs answered 404: Not Found' }],
    [422, { kind: 'InvalidPayload', message: 'ElevenLabs answered 422: Field required' }],
  ])('takes %i for a failure for good', async ([status, expected]) => {
    const { world } = await openWorld('sockets', {
      plans: { ElevenLabs: [{ fault: { status } }] },
    });
    const error = await failureOf(clientOf(world.urls.ElevenLabs ?? '').speak('Hello.', never));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', status, ...expected });
  });

  test('knows that a request to a closed port never left', async () => {
    const { world } = await openWorld('sockets');
    const url = world.urls.ElevenLabs ?? '';
    await world.close();
    const error = await failureOf(clientOf(url).speak('Hello.', never));
    expect(error).toMatchObject({ kind: 'Network', code: 'ECONNREFUSED', ambiguous: false });
  });

  test('follows no redirect with its key', async () => {
    const provider = await provide();
    const spoken = failureOf(clientOf(provider.url).speak('Hello.', never));
    const { response } = await provider.next();
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    expect(await spoken).toMatchObject({ kind: 'Network' });
  });

  test.for(['before the answer', 'in the middle of the body'])(
    'ends the socket when it is aborted %s',
    async (when) => {
      const provider = await provide();
      const caller = new AbortController();
      const spoken = rejectionOf(clientOf(provider.url).speak('Hello.', caller.signal));
      const { request, response } = await provider.next();
      request.resume();
      const ended = closed(request);
      if (when !== 'before the answer') {
        response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 100 });
        await new Promise<void>((resolve) => response.write('ID3', () => resolve()));
      }
      const reason = new Error('enough');
      caller.abort(reason);
      expect(await spoken).toBe(reason);
      await ended;
      expect(request.socket.destroyed).toBe(true);
    },
  );
});

describe('ElevenLabs as an agent uses it', () => {
  test('is given REQUEST_TIMEOUT to the millisecond, and then its socket ends', async () => {
    const provider = await provide();
    const v = await openAgent({
      simulateAll: false,
      env: { ELEVENLABS_API_KEY: 'key', ELEVENLABS_BASE_URL: provider.url, REQUEST_TIMEOUT: '12' },
      world: { listen: true },
    });
    expect(v.agent.simulated).toEqual(['LLM', 'Telephony', 'CRM']);
    const arrived = provider.next();
    void v.agent.makeSingleCall(ada);
    const { request } = await arrived;
    request.resume();
    const ended = closed(request);
    await v.clock.advance(11_999);
    expect(request.socket.destroyed).toBe(false);
    await v.clock.advance(1);
    await ended;
    const last = v.agent.status().services['ElevenLabs'];
    expect(last).toMatchObject({ breaker: 'CLOSED', failures: 0 });
  });

  test('is asked again 5 seconds after its time was up', async () => {
    const v = await openAgent({
      world: {
        plans: { ElevenLabs: [{ match: 'work', times: 1, fault: { hang: 'headers' } }] },
      },
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(requestTimes(v, 'ElevenLabs')).toEqual([0, 35_000]);
    expect(result).toMatchObject({ status: 'completed', attempts: { ElevenLabs: 2 } });
  });

  test.for<[fault: Fault & { status: number }, becomes: string, scope: string]>([
    [{ status: 401 }, 'deferred', 'account'],
    [{ status: 422 }, 'deferred', 'config'],
    [{ status: 400, code: 'max_character_limit_exceeded' }, 'failed', 'contact'],
  ])('is asked once when it answers %o', async ([fault, becomes, scope]) => {
    const v = await openAgent({ world: { plans: { ElevenLabs: [{ fault }] } } });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({
      status: becomes,
      error: { scope },
      attempts: { ElevenLabs: 1 },
    });
    expect(v.agent.world?.dials).toEqual([]);
  });

  test('leaves the audio on disk, and only its name in the journal', async () => {
    const v = await openAgent();
    let audio = '';
    v.agent.journal.on('record', ({ context }) => {
      const speech = context?.['speech'] as { artefact: string } | undefined;
      if (speech) audio = speech.artefact;
    });
    await v.drive(v.agent.makeSingleCall(ada));
    expect(audio).toMatch(/^[0-9a-f]{64}\.mp3$/);
    expect(v.agent.artefacts.text(audio)?.length).toBeGreaterThan(1_000);
  });
});
