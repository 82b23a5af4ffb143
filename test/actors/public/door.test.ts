import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PublicAddresses } from '../../../actors/public/addresses.ts';
import { PublicDoor } from '../../../actors/public/door.ts';
import type { Told } from '../../../actors/public/reports.ts';
import { twilioSignature } from '../../../actors/public/twilio-signature.ts';
import { Artefacts } from '../../../store/artefacts.ts';
import { dataFolder } from '../../support/agent.ts';

const NOW = 1_790_000_000_000;
const authToken = 'tw1lioSecretOfTheTest';
const audio = randomBytes(10_000);
const SID = `CA${'0'.repeat(32)}`;

let now = NOW;
let door: PublicDoor;
let artefacts: Artefacts;
let heard: unknown[] = [];
let told: Told = 'news';

const addresses = new PublicAddresses({
  baseUrl: 'https://calls.example.com/agent',
  accountSid: 'AC01',
  authToken,
  playsAudio: true,
  now: () => now,
});

beforeEach(async () => {
  [now, heard, told] = [NOW, [], 'news'];
  artefacts = new Artefacts(dataFolder());
  door = await PublicDoor.open({
    addresses,
    host: '127.0.0.1',
    port: 0,
    authToken,
    artefacts,
    tell: (dial, report) => {
      heard.push({ ...dial, ...report });
      return told;
    },
  });
});
afterEach(() => door.close());

interface Asked {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the path as it stands: `fetch` would tidy it up. */
function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: door.port, path, method, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: got } = response;
        resolve({ status: statusCode, headers: got, body: Buffer.concat(chunks) });
      });
    });
    request.end(body);
  });
}

const pathOf = (url: string): string => url.replace('https://calls.example.com', '');
const audioPath = (): string => pathOf(addresses.audioUrl(artefacts.put(audio, 'mp3')));

describe('audio', () => {
  test('is served to whoever has its address', async () => {
    const { status, headers, body } = await ask(audioPath());
    expect([status, headers['content-type']]).toEqual([200, 'audio/mpeg']);
    expect(headers).toMatchObject({ 'content-length': '10000', 'cache-control': 'no-store' });
    expect(body.equals(audio)).toBe(true);
  });

  test('is there also when the proxy strips the path of the public address', async () => {
    const { status } = await ask(audioPath().replace('/agent', ''));
    expect(status).toBe(200);
  });

  test('answers HEAD with its length and no body', async () => {
    const { status, headers, body } = await ask(audioPath(), { method: 'HEAD' });
    expect([status, headers['content-length'], body.length]).toEqual([200, '10000', 0]);
  });

  test('can be had in parts', async () => {
    const { status, headers, body } = await ask(audioPath(), {
      headers: { range: 'bytes=100-199' },
    });
    expect([status, headers['content-range']]).toEqual([206, 'bytes 100-199/10000']);
    expect(body.equals(audio.subarray(100, 200))).toBe(true);
    const beyond = await ask(audioPath(), { headers: { range: 'bytes=10000-' } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10000']);
  });

  test('is gone when its address has expired, and nobody is told why', async () => {
    const path = audioPath();
    now += 25 * 3_600_000;
    expect(await ask(path)).toMatchObject({ status: 404, body: Buffer.alloc(0) });
    expect(Object.fromEntries(door.counts)).toEqual({ 'audio that has expired': 1 });
  });

  test('is gone when it was erased', async () => {
    const hash = createHash('sha256').update('never made').digest('hex');
    expect((await ask(pathOf(addresses.audioUrl(`${hash}.mp3`)))).status).toBe(404);
  });

  test('can’t be written', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers } = await ask(audioPath(), { method });
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe('nothing else', () => {
  test('is reachable, whatever is asked for', async () => {
    artefacts.put('the script', 'txt');
    const audioAt = audioPath();
    const token = audioAt.slice(-76, -4);
    const paths = [
      '/',
      '/agent',
      '/agent/',
      '/audio/',
      `/audio/${token}`,
      `/audio/${token}.txt`,
      `/audio/${token}.mp3/`,
      `/audio/${token}.mp3?x=1`,
      `/audio/${'A'.repeat(72)}.mp3`,
      `/audio/../audio/${token}.mp3`,
      `/audio/%2e%2e/${token}.mp3`,
      '/audio/../../../../etc/passwd',
      '/audio/..%2f..%2f..%2fetc%2fpasswd.mp3',
      `/audio//${token}.mp3`,
      `//audio/${token}.mp3`,
      '/agent/agent/',
      '/journal/00000000000000000001.jsonl',
      '/twilio/status/',
      '/twilio/status/0007',
      '/twilio/status/../1',
      '/twilio/status/0007/1/2',
      '/twilio/status/0007/one',
      '/probe/',
      `/probe/${'n'.repeat(21)}`,
    ];
    for (const path of paths) {
      expect({ path, ...(await ask(path)) }).toMatchObject({ path, status: 404 });
    }
    expect((await ask(audioAt)).status).toBe(200);
  });

  test('a probe is answered with what only this account’s agent knows', async () => {
    const nonce = randomBytes(16).toString('base64url');
    const { status, body } = await ask(`/agent/probe/${nonce}`);
    expect([status, body.toString()]).toEqual([200, addresses.proof(nonce)]);
    expect((await ask(`/probe/${nonce}`, { method: 'POST' })).status).toBe(405);
  });
});

/** A status callback as Twilio sends it. */
function callback(
  fields: Record<string, string> = {},
  { path = '/agent/twilio/status/0007.2/1', signedBy = authToken, headers = {} } = {},
): Promise<Answer> {
  const form = new URLSearchParams({
    CallSid: SID,
    CallStatus: 'completed',
    To: '+14155550101',
    ...fields,
  });
  const url = addresses.statusUrl({ root: 'call:0007.2', dial: 1 });
  return ask(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': twilioSignature(signedBy, url, form),
      ...headers,
    },
    body: form.toString(),
  });
}

describe('a status callback', () => {
  test('is passed on when Twilio has signed it over the public address', async () => {
    expect((await callback()).status).toBe(204);
    expect(heard).toEqual([{ root: 'call:0007.2', dial: 1, sid: SID, stage: 'ended' }]);
  });

  test('may come by a proxy that strips the path and names another host', async () => {
    const answer = await callback(
      {},
      { path: '/twilio/status/0007.2/1', headers: { host: 'inside:1' } },
    );
    expect(answer.status).toBe(204);
    expect(heard).toHaveLength(1);
  });

  test.each([
    ['another key', { signedBy: 'tw1lioSecretOfSomebody' }],
    ['another call', { path: '/agent/twilio/status/0008/1' }],
    ['another dial', { path: '/agent/twilio/status/0007.2/2' }],
    ['no signature', { headers: { 'x-twilio-signature': '' } }],
  ])('signed with or for %s is refused, and nothing happens', async (_, more) => {
    expect((await callback({}, more)).status).toBe(403);
    expect(heard).toEqual([]);
    expect(door.counts.get('callback with a wrong signature')).toBe(1);
  });

  test.each([
    ['queued', 'initiated'],
    ['initiated', 'initiated'],
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['busy', 'ended'],
    ['no-answer', 'ended'],
    ['failed', 'ended'],
    ['canceled', 'ended'],
  ])('that says %s tells of a call that is %s', async (CallStatus, stage) => {
    expect((await callback({ CallStatus })).status).toBe(204);
    expect(heard).toMatchObject([{ stage }]);
  });

  test.each([{ CallStatus: 'levitating' }, { CallSid: 'CA1' }, { CallSid: '../../x' }])(
    'that says %o is taken, and tells nothing',
    async (fields) => {
      expect((await callback(fields)).status).toBe(204);
      expect(heard).toEqual([]);
      expect(door.counts.get('callback that tells nothing')).toBe(1);
    },
  );

  test.each([
    ['news', 204],
    ['repeated', 204],
    ['over', 204],
    ['unknown', 404],
  ] as const)('that is %s is answered %i and counted', async (verdict, status) => {
    told = verdict;
    expect((await callback()).status).toBe(status);
    expect(door.counts.get(`callback: ${verdict}`)).toBe(1);
  });

  test('is a POST of a form', async () => {
    expect((await ask('/agent/twilio/status/0007.2/1')).status).toBe(405);
    const json = await callback({}, { headers: { 'content-type': 'application/json' } });
    expect(json.status).toBe(415);
    expect(heard).toEqual([]);
  });

  test.each([
    ['says so', { 'content-length': String(65 * 1024) }],
    ['does not say so', { 'transfer-encoding': 'chunked' }],
  ])('that is too long is refused, whether it %s', async (_, headers) => {
    const form = `CallSid=${SID}&x=${'x'.repeat(65 * 1024)}`.slice(0, 65 * 1024);
    const answer = await ask('/agent/twilio/status/0007.2/1', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: form,
    });
    expect([answer.status, answer.headers.connection]).toEqual([413, 'close']);
    expect(heard).toEqual([]);
  });
});

test('what is no HTTP ends its own connection only', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect(door.port, '127.0.0.1', () => socket.write('\u0000\u0001\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect((await callback()).status).toBe(204);
});

test('a port that is taken is told in one sentence', async () => {
  const second = PublicDoor.open({
    addresses,
    host: '127.0.0.1',
    port: door.port,
    authToken,
    artefacts,
    tell: () => 'news',
  });
  await expect(second).rejects.toThrow(
    `The agent can't listen on 127.0.0.1:${door.port} for PUBLIC_BASE_URL: it is in use. Set PUBLIC_PORT to another port, and lead the public address there.`,
  );
});
