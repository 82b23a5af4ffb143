import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { addressOf } from '../web/access.ts';

/** What `/healthz` says: 200 when `ok`, else 503. */
export interface Health {
  readonly ok: boolean;
  /** What is wrong, a sentence each; not all of it makes the program ill. */
  readonly problems: readonly string[];
}

export interface MetricsServerOptions {
  readonly registry: Registry;
  readonly health: () => Health;
  /** 0 for any free one. */
  readonly port: number;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A rebound DNS name would let a page that somebody has open read this. */
function isForeign({ headers: { host = '', origin } }: IncomingMessage): boolean {
  return origin !== undefined || !LOOPBACK.has(host.replace(/:\d+$/, ''));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** `/metrics` for Prometheus and `/healthz` for whoever restarts what is ill, on 127.0.0.1. */
export class MetricsServer {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @throws NodeJS.ErrnoException when the port can't be had */
  static async listen(options: MetricsServerOptions): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      respond(request, response, options).catch((error: unknown) => {
        if (!response.headersSent) answer(response, 500, 'text/plain', `${String(error)}\n`);
      });
    });
    server.listen(options.port, '127.0.0.1');
    await once(server, 'listening');
    // What can't be accepted does not end the program; and it does not keep it running.
    server.on('error', () => {});
    server.unref();
    return new MetricsServer(server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, health }: MetricsServerOptions,
): Promise<void> {
  if (isForeign(request)) return answer(response, 403, 'text/plain', 'Forbidden\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(response, 405, 'text/plain', 'Only GET\n');
  }
  const pathname = addressOf(request)?.pathname;
  if (pathname === '/metrics') {
    return answer(response, 200, registry.contentType, await registry.metrics());
  }
  if (pathname !== '/healthz') return answer(response, 404, 'text/plain', 'Not found\n');
  const found = health();
  return answer(response, found.ok ? 200 : 503, 'application/json', `${JSON.stringify(found)}\n`);
}
