import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Exchange, type OpenExchanges, untilAborted } from './exchange.ts';
import { halfOf, piecesOf, type Reply } from './reply.ts';
import type { Service } from './service.ts';

/** Far more than any client of ours sends. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface ListeningService {
  readonly origin: string;
  /** Destroys the connections too. */
  readonly close: () => Promise<void>;
}

/** Serves one service on a free port of 127.0.0.1. */
export async function listen(
  service: Service,
  exchanges: OpenExchanges,
): Promise<ListeningService> {
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing, service, exchanges);
  });
  // An idle connection closed by the server races with the client's next request on it.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  service: Service,
  exchanges: OpenExchanges,
): Promise<void> {
  // The wall clock's date has no place in an answer from a world with a clock of its own.
  outgoing.sendDate = false;
  const exchange = exchanges.begin();
  outgoing.once('close', () => exchange.abort(new Error('The client went away')));
  try {
    const body = await readBody(incoming);
    if (body === null) return await sendWhole(service.provider.failure(413), outgoing);
    await send(
      await service.answer(toRequest(incoming, body), exchange.signal),
      outgoing,
      exchange,
    );
  } catch (error) {
    // The client has gone or the world is closing; anything else is a bug here, and should be seen.
    const gone = exchange.signal.aborted || !incoming.complete;
    if (gone || outgoing.headersSent) outgoing.destroy();
    else await sendWhole(service.provider.failure(500, null, { message: String(error) }), outgoing);
  } finally {
    exchange.end();
  }
}

/** Null when it is too long. */
async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read on all the same: a client that is still sending would not see the answer.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

function toRequest(incoming: IncomingMessage, body: Buffer<ArrayBuffer>): Request {
  const { method = 'GET', url = '/', headersDistinct } = incoming;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, `http://${incoming.headers.host ?? '127.0.0.1'}`), {
    method,
    headers,
    body: hasBody ? body : null,
  });
}

async function send(reply: Reply, outgoing: ServerResponse, { signal }: Exchange): Promise<void> {
  if (reply.kind === 'whole') return sendWhole(reply.response, outgoing);
  if (reply.kind === 'hang') return untilAborted(signal);
  if (reply.kind === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  if (reply.kind === 'slow') {
    const pieces = await piecesOf(reply.response);
    outgoing.writeHead(reply.response.status, Object.fromEntries(reply.response.headers));
    for (const piece of pieces) {
      await reply.pause(signal);
      outgoing.write(piece);
    }
    outgoing.end();
    return;
  }
  const { half, fullLength } = await halfOf(reply.response);
  outgoing.writeHead(reply.response.status, {
    ...Object.fromEntries(reply.response.headers),
    'content-length': fullLength,
  });
  // The half must have left before the connection ends, or the client may not see any of it.
  await new Promise<void>((resolve) => {
    outgoing.write(half, () => resolve());
  });
  if (reply.ending === 'hang') await untilAborted(signal);
  outgoing.destroy();
}

async function sendWhole(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    'content-length': body.length,
  });
  outgoing.end(body);
}
