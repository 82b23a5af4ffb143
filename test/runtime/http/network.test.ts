import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyNetwork } from '../../../runtime/http/network.ts';

const judged = (error: unknown, sent = true) =>
  classifyNetwork({ service: 'Telephony', error, sent });

const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });
const coded = (code: string, more: object = {}) =>
  Object.assign(new Error(code), { code, ...more });

describe('an error from before the request left', () => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'is worth another try and leaves no doubt: %s',
    (code) => {
      expect(judged(fetchFailed(coded(code)))).toMatchObject({
        category: 'TRANSIENT_ERROR',
        kind: 'Network',
        scope: null,
        code,
        ambiguous: false,
        message: `Telephony could not be reached: it failed with ${code}`,
      });
    },
  );

  it('is told by the connection that never stood', () => {
    for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET']) {
      expect(judged(fetchFailed(coded(code, { syscall: 'connect' }))).ambiguous).toBe(false);
      expect(judged(fetchFailed(coded(code, { syscall: 'read' }))).ambiguous).toBe(true);
    }
    const both = [
      coded('ECONNREFUSED', { syscall: 'connect' }),
      coded('ENETUNREACH', { syscall: 'connect' }),
    ];
    expect(judged(fetchFailed(new AggregateError(both)))).toMatchObject({
      code: 'ECONNREFUSED',
      ambiguous: false,
    });
    const said = 'Client network socket disconnected before secure TLS connection was established';
    const early = Object.assign(new Error(said), { code: 'ECONNRESET' });
    expect(judged(fetchFailed(early))).toMatchObject({ code: 'ECONNRESET', ambiguous: false });
  });

  it.each([
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_INVALID_URL',
    'UND_ERR_INVALID_ARG',
  ])("is the configuration's problem: %s", (code) => {
    expect(judged(fetchFailed(coded(code)))).toMatchObject({
      category: 'PERMANENT_ERROR',
      scope: 'config',
      code,
      ambiguous: false,
    });
  });

  it.each(['bad port', 'unknown scheme', 'unexpected redirect'])(
    "is the configuration's problem: %s",
    (said) => {
      expect(judged(fetchFailed(new Error(said)))).toMatchObject({
        category: 'PERMANENT_ERROR',
        scope: 'config',
        ambiguous: false,
      });
    },
  );
});

describe('an error from when the request may have arrived', () => {
  it.each([
    ['ECONNRESET', 'Network'],
    ['EPIPE', 'Network'],
    ['ETIMEDOUT', 'Network'],
    ['UND_ERR_SOCKET', 'Network'],
    ['UND_ERR_HEADERS_TIMEOUT', 'Timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'Timeout'],
    ['EWHATEVER', 'Network'],
  ])('is worth another try and leaves doubt: %s', (code, kind) => {
    expect(judged(fetchFailed(coded(code)))).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind,
      code,
      ambiguous: true,
    });
    expect(judged(fetchFailed(coded(code)), false).ambiguous).toBe(false);
  });

  it('is a body that ended too early, or was none', () => {
    expect(judged(new TypeError('terminated'))).toMatchObject({
      kind: 'Network',
      code: null,
      ambiguous: true,
      message: 'Telephony could not be reached: the connection was lost',
    });
    expect(judged(new SyntaxError('Unexpected end of JSON input'))).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind: 'InvalidResponse',
      ambiguous: true,
    });
  });
});

describe('any error', () => {
  it('is judged without a throw, also when it is none or goes in circles', () => {
    const circle = new Error('round');
    circle.cause = circle;
    const wide = new AggregateError(Array.from({ length: 1_000 }, () => circle));
    for (const error of [circle, wide, null, undefined, 'timeout', 7, {}, [], { code: 'EPIPE' }]) {
      expect(judged(error)).toMatchObject({ category: 'TRANSIENT_ERROR', ambiguous: true });
    }
  });

  it('keeps the key to itself that a header can not hold', async () => {
    const headers = { authorization: 'Bearer sk-verysecret\nx' };
    const error: unknown = await fetch('http://127.0.0.1:1/', { headers }).catch((e: unknown) => e);
    expect(String(error)).toContain('verysecret');
    expect(judged(error)).toMatchObject({ scope: 'config', ambiguous: false });
    expect(judged(error).message).not.toContain('verysecret');
  });
});

describe("Node's own fetch", () => {
  const servers: net.Server[] = [];
  const listen = async (server: net.Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as net.AddressInfo).port;
  };
  const onData = (act: (socket: net.Socket) => void): net.Server =>
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => act(socket));
    });
  const fails = async (url: string): Promise<unknown> => {
    try {
      const response = await fetch(url, { method: 'POST', redirect: 'error' });
      return await response.text();
    } catch (error) {
      return error;
    }
  };

  let ports: { [name: string]: number };
  beforeAll(async () => {
    const gone = net.createServer();
    ports = {
      reset: await listen(onData((socket) => socket.resetAndDestroy())),
      closed: await listen(onData((socket) => socket.end())),
      cut: await listen(
        onData((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
      ),
      junk: await listen(onData((socket) => socket.end('hello\r\n\r\n'))),
      plain: await listen(http.createServer((_, answer) => answer.end('ok'))),
      moved: await listen(
        http.createServer((_, answer) => answer.writeHead(308, { location: '/b' }).end()),
      ),
      gone: await listen(gone),
    };
    await new Promise((resolve) => gone.close(resolve));
  });
  afterAll(() => servers.forEach((server) => server.close()));

  it.each([
    ['reset', 'http', { kind: 'Network', scope: null, ambiguous: true, code: 'ECONNRESET' }],
    ['closed', 'http', { kind: 'Network', scope: null, ambiguous: true, code: 'UND_ERR_SOCKET' }],
    ['cut', 'http', { kind: 'Network', scope: null, ambiguous: true, code: 'UND_ERR_SOCKET' }],
    ['junk', 'http', { kind: 'Network', scope: null, ambiguous: true }],
    ['gone', 'http', { kind: 'Network', scope: null, ambiguous: false, code: 'ECONNREFUSED' }],
    ['closed', 'https', { kind: 'Network', scope: null, ambiguous: false }],
    ['plain', 'https', { scope: 'config', ambiguous: false }],
    ['moved', 'http', { scope: 'config', ambiguous: false }],
    ['plain', 'ftp', { scope: 'config', ambiguous: false }],
  ])('is understood: %s over %s', async (name, scheme, expected) => {
    const error = await fails(`${scheme}://127.0.0.1:${ports[name]}/`);
    expect(error).toBeInstanceOf(Error);
    expect(judged(error)).toMatchObject(expected);
  });
});
