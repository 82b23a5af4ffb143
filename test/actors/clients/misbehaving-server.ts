import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextRound } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export const MISBEHAVIOURS = [
  'hangs before the headers',
  'hangs in the body',
  'sends its body ever so slowly',
  'cuts its body short',
  'resets the connection',
] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

export interface MisbehavingServer {
  readonly origin: string;
  /** Resolves when the request is there, and what comes of it has left. */
  readonly arrived: Promise<void>;
  /** Whether the request's socket still stands. */
  readonly isOpen: () => boolean;
  /** Resolves when it does not. */
  readonly closed: Promise<void>;
  /** How many requests came. */
  readonly requests: () => number;
}

const JSON_OF_100_BYTES = { 'content-type': 'application/json', 'content-length': 100 };

const written = (response: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => response.write(text, () => resolve()));

async function misbehaved(how: Misbehaviour, response: ServerResponse): Promise<void> {
  if (how === 'hangs before the headers') return;
  if (how === 'resets the connection') return void response.socket?.resetAndDestroy();
  if (how === 'sends its body ever so slowly') {
    response.writeHead(200, { 'content-type': 'application/json' });
    await written(response, ' ');
    return void trickle(response);
  }
  response.writeHead(200, JSON_OF_100_BYTES);
  await written(response, '{"half');
  if (how === 'cuts its body short') response.destroy();
}

/** A byte at a time for as long as somebody listens: never silent, and never done. */
async function trickle(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    await nextRound();
    response.write(' ');
  }
}

/** A provider that goes wrong in one way, seen from its own end of the socket. */
export async function startMisbehaving(how: Misbehaviour): Promise<MisbehavingServer> {
  const arrived = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let isOpen = false;
  let requests = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    isOpen = true;
    request.socket.on('error', () => {});
    response.on('error', () => {});
    request.socket.once('close', () => {
      isOpen = false;
      closed.resolve();
    });
    for await (const _ of request);
    await misbehaved(how, response);
    arrived.resolve();
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    arrived: arrived.promise,
    closed: closed.promise,
    isOpen: () => isOpen,
    requests: () => requests,
  };
}
