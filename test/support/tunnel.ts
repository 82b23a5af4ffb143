import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A reverse proxy, as it stands between telephony and the agent. */
export interface Tunnel {
  /** What `PUBLIC_BASE_URL` is set to. */
  readonly url: string;
  /** Where it leads; null: nowhere, and it answers 502. */
  port: number | null;
  /** Method and path of every request, in order. */
  readonly requests: string[];
}

export async function openTunnel(): Promise<Tunnel> {
  const server = http.createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    tunnel.requests.push(`${method} ${path}`);
    const { port } = tunnel;
    const refuse = (): void => void response.writeHead(502).end();
    if (port === null) return refuse();
    const onward = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', refuse);
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  const tunnel: Tunnel = { url: `http://127.0.0.1:${port}`, port: null, requests: [] };
  return tunnel;
}
