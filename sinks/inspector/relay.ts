import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isAllowed, isLoopback, ownHosts, urlHost } from '../web/access.ts';
import { listen } from '../web/listen.ts';
import { Hub } from './hub.ts';

import { PAGE, STATELY_ORIGIN, pageHeaders } from './page.ts';

const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
const CLIENTS_MAX = 64;

export interface InspectorRelayOptions {
  /** 0 takes any free port. @default 8080 */
  readonly port?: number;
  /** A loopback address: the state of the program is not for the network. @default '127.0.0.1' */
  readonly host?: string;
}

export interface InspectorRelay {
  /** Where programs and plain viewers connect. */
  readonly url: string;
  /** The bridge page with the hosted inspector. */
  readonly pageUrl: string;
  /** Connected clients that only listen. */
  viewers(): number;
  /** Ends every connection, after what was relayed has gone out. */
  close(): Promise<void>;
}

function answer(request: IncomingMessage, response: ServerResponse, hosts: ReadonlySet<string>) {
  const { method = '', url = '', headers } = request;
  if (!isAllowed(request, hosts, [STATELY_ORIGIN])) response.writeHead(403).end();
  else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405).end();
  else if (url.split('?')[0] !== '/') response.writeHead(404).end();
  else response.writeHead(200, pageHeaders(headers.host ?? '')).end(PAGE);
}

function refuse(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * Starts the relay between a stock `createWebSocketInspector` client and any number of viewers.
 * @throws RangeError for a bad option, UserError when the port can't be had
 */
export async function startInspectorRelay({
  port = 8080,
  host = '127.0.0.1',
}: InspectorRelayOptions = {}): Promise<InspectorRelay> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port must be an integer from 0 to 65535, got ${port}`);
  }
  if (!isLoopback(host)) throw new RangeError(`host must be a loopback address, got ${host}`);
  const server = createServer();
  const own = await listen(server, port, host, 'inspector');
  const hosts = ownHosts(host, own);
  const hub = new Hub();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  let ended: Promise<void> | undefined;

  const end = async () => {
    const gone = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await hub.close();
    await gone;
  };
  server.on('request', (request, response) => answer(request, response, hosts));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {}); // the peer may be gone already
    if (!isAllowed(request, hosts, [STATELY_ORIGIN])) refuse(socket, '403 Forbidden');
    else if (ended || hub.size >= CLIENTS_MAX) refuse(socket, '503 Service Unavailable');
    else sockets.handleUpgrade(request, socket, head, (client) => hub.join(client));
  });
  return {
    url: `ws://${urlHost(host)}:${own}`,
    pageUrl: `http://${urlHost(host)}:${own}/`,
    viewers: () => hub.viewers(),
    close: () => (ended ??= end()),
  };
}
