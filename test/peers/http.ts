import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a peer does in place of its work. */
export interface Trouble {
  /**
   * `reset`: no answer, the connection is cut; `cut`: in the middle of one; `hang`: neither. With
   * `taken` in front the work is done before that.
   */
  readonly does:
    | 'answer'
    | 'reset'
    | 'cut'
    | 'hang'
    | 'taken, reset'
    | 'taken, hang'
    | 'taken, 502';
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Only for requests whose path ends so. @default every one */
  readonly path?: string;
  /** @default every time */
  readonly times?: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, null when it is none. */
  readonly json: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

export const HTML = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>';

export const answering = (status: number, body = '', headers = {}): Trouble => ({
  does: 'answer',
  status,
  body,
  headers,
});

/** A server on loopback that plays a provider, and fails as it is told to. */
export class HttpPeer {
  readonly asked: Asked[] = [];
  /** Those that were answered well. */
  readonly taken: Asked[] = [];
  /** The statuses of those that were not, by the peer's own rules. */
  readonly refused: number[] = [];
  readonly origin: string;
  readonly #server: http.Server;
  #troubles: { trouble: Trouble; left: number }[] = [];

  private constructor(server: http.Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param gone is aborted when the asker goes away */
  static async start(
    work: (asked: Asked, gone: AbortSignal) => Reply | Promise<Reply>,
  ): Promise<HttpPeer> {
    let peer: HttpPeer | null = null;
    const server = http.createServer((request, response) => {
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      void read(request).then(async (asked) => {
        peer?.asked.push(asked);
        const trouble = peer?.next(asked.path);
        if (trouble?.does === 'hang') return;
        if (trouble?.does === 'reset') return request.socket.destroy();
        if (trouble?.does === 'cut') return cut(response);
        if (trouble?.does === 'answer') return send(response, trouble as Reply);
        const reply = await work(asked, gone.signal);
        if (reply.status < 300) peer?.taken.push(asked);
        else peer?.refused.push(reply.status);
        if (trouble === undefined) send(response, reply);
        else lose(trouble.does, request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    peer = new HttpPeer(server);
    return peer;
  }

  plan(...troubles: readonly Trouble[]): void {
    this.#troubles = troubles.map((trouble) => ({ trouble, left: trouble.times ?? Infinity }));
  }

  next(path: string): Trouble | undefined {
    const found = this.#troubles.find(
      ({ trouble, left }) => left > 0 && path.endsWith(trouble.path ?? ''),
    );
    if (found) found.left--;
    return found?.trouble;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

async function read(request: http.IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { method = '', url: path = '', headers } = request;
  return { method, path, headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function cut(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"ok":', () => response.destroy());
}

function lose(
  does: Trouble['does'],
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  if (does === 'taken, reset') request.socket.destroy();
  else if (does === 'taken, 502') send(response, { status: 502, body: HTML });
}

function send(response: http.ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

/** So many in so long; what is refused is told how long to wait. */
export class Limit {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #taken: number[] = [];

  constructor(most: number, windowMs: number, now: () => number = Date.now) {
    this.#most = most;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** @returns 0 when it is taken, else the milliseconds until one more would be */
  take(): number {
    const now = this.#now();
    this.#taken = this.#taken.filter((at) => at > now - this.#windowMs);
    if (this.#taken.length >= this.#most) return (this.#taken[0] ?? now) + this.#windowMs - now;
    this.#taken.push(now);
    return 0;
  }
}

/** So many a second, and a burst that fills up again. */
export class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: () => number = Date.now) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** @returns 0 when it is taken, else the milliseconds until one more would be */
  take(): number {
    const now = this.#now();
    const refill = (Math.max(0, now - this.#at) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill);
    this.#at = now;
    if (this.#tokens < 1) return ((1 - this.#tokens) / this.#perSecond) * 1_000;
    this.#tokens--;
    return 0;
  }
}
