import { type Exchange, type OpenExchanges, untilAborted, WorldClosedError } from './exchange.ts';
import { halfOf, piecesOf, type Reply } from './reply.ts';
import type { Service } from './service.ts';

/** What a client may be given instead of the global `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that goes straight to the services by origin: no socket, and no order but that of
 * promises and of the clock's timers. It fails as Node's own does.
 */
export function inProcessFetch(
  services: ReadonlyMap<string, Service>,
  exchanges: OpenExchanges,
): Fetch {
  return async (input, init) => {
    const client = init?.signal ?? (input instanceof Request ? input.signal : null);
    client?.throwIfAborted();
    // The exchange watches the signal, so the request need not follow it a second time.
    const request = new Request(input, { ...init, signal: null });
    const { origin, hostname } = new URL(request.url);
    const service = services.get(origin);
    if (!service) throw failed('ENOTFOUND', `getaddrinfo ENOTFOUND ${hostname}`);
    if (exchanges.closed) throw failed('ECONNREFUSED', `connect ECONNREFUSED ${hostname}`);
    const exchange = exchanges.begin(client);
    try {
      return await received(await service.answer(request, exchange.signal), exchange);
    } catch (error) {
      exchange.end();
      throw error instanceof WorldClosedError ? hangUp() : error;
    }
  };
}

async function received(reply: Reply, exchange: Exchange): Promise<Response> {
  if (reply.kind === 'hang') return untilAborted(exchange.signal);
  if (reply.kind === 'reset') throw hangUp();
  if (reply.kind === 'half') return interrupted(reply.response, reply.ending, exchange);
  if (reply.kind === 'slow') return slow(reply.response, reply.pause, exchange);
  exchange.end();
  return reply.response;
}

async function slow(
  whole: Response,
  pause: (signal: AbortSignal) => Promise<void>,
  { signal, end }: Exchange,
): Promise<Response> {
  const pieces = [...(await piecesOf(whole))];
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        await pause(signal);
        const piece = pieces.shift();
        if (piece) controller.enqueue(piece);
        if (pieces.length > 0) return;
        controller.close();
      } catch (reason) {
        controller.error(reason instanceof WorldClosedError ? terminated() : reason);
      }
      end();
    },
    cancel: end,
  });
  return new Response(body, whole);
}

async function interrupted(
  whole: Response,
  ending: 'cut' | 'hang',
  { signal, end }: Exchange,
): Promise<Response> {
  const { half, fullLength } = await halfOf(whole);
  if (ending === 'cut') end();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (half.length > 0) controller.enqueue(half);
    },
    // Only once the first half was read: an error drops what is still queued.
    pull: async (controller) => {
      try {
        if (ending === 'hang') await untilAborted(signal);
        controller.error(terminated());
      } catch (reason) {
        controller.error(reason instanceof WorldClosedError ? terminated() : reason);
      } finally {
        end();
      }
    },
    cancel: end,
  });
  const headers = new Headers(whole.headers);
  headers.set('content-length', String(fullLength));
  return new Response(body, { status: whole.status, headers });
}

function failed(code: string, message: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}

function hangUp(): TypeError {
  return failed('ECONNRESET', 'socket hang up');
}

function terminated(): TypeError {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  return new TypeError('terminated', { cause });
}
