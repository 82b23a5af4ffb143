import type { createWebSocketInspector } from '@statelyai/inspect';
import type { InspectionEvent } from 'xstate';
import { WebSocket } from 'ws';

const ACKNOWLEDGE_MS_MAX = 2000;
const GOODBYE_MS = 1000;
const UNSENT_BYTES_MAX = 32 * 1024 * 1024;

/** Private members of the stock adapter (0.7.2, pinned); in Node its socket is one of `ws`. */
interface StockAdapter {
  readonly ws: WebSocket;
  readonly deferredEvents: unknown[];
}

export interface StockLinkOptions {
  /** How long after a refused connection the next one is tried. @default 1000 */
  readonly retryAfterMs?: number;
}

/**
 * The stock client with its life in our hands. On its own it retries each five seconds for ever,
 * also after `stop()`, which keeps the process alive, and never reads `bufferedAmount`.
 */
export class StockLink {
  readonly #client: ReturnType<typeof createWebSocketInspector>;
  readonly #adapter: StockAdapter;
  readonly #retryAfterMs: number;
  #pings = 0;
  #closed = false;
  #opened = false;

  constructor(
    create: typeof createWebSocketInspector,
    url: string,
    maxDeferredEvents: number,
    { retryAfterMs = 1000 }: StockLinkOptions,
  ) {
    this.#retryAfterMs = retryAfterMs;
    this.#client = create({
      url,
      maxDeferredEvents,
      autoStart: false,
      // Definitions go out whatever happens; the rest is left out when nobody reads.
      filter: ({ type }) =>
        type === '@xstate.actor' || this.#adapter.ws.bufferedAmount <= UNSENT_BYTES_MAX,
    });
    this.#adapter = this.#client.adapter as unknown as StockAdapter;
    this.#dial();
  }

  /** @param event plain data only: the library reads it in a timer, where nobody catches */
  next(event: InspectionEvent): void {
    this.#client.inspect.next?.(event);
  }

  /** Settles when the relay has answered a ping sent now; at once when there is none. */
  acknowledged(): Promise<void> {
    const { ws: socket } = this.#adapter;
    const { promise, resolve } = Promise.withResolvers<void>();
    const mark = String(++this.#pings);
    const onPong = (data: Buffer) => {
      if (data.toString() === mark) resolve();
    };
    const ping = () => socket.ping(mark);
    const timer = setTimeout(resolve, ACKNOWLEDGE_MS_MAX);
    socket.on('pong', onPong).once('close', resolve);
    if (socket.readyState === WebSocket.OPEN) ping();
    else if (socket.readyState === WebSocket.CONNECTING) socket.once('open', ping);
    else resolve();
    return promise.finally(() => {
      clearTimeout(timer);
      socket.off('pong', onPong).off('close', resolve).off('open', ping);
    });
  }

  close(): void {
    this.#closed = true;
    const { ws: socket } = this.#adapter;
    this.#client.stop();
    // Where nobody answers the goodbye, `ws` would wait for 30 seconds.
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  #dial(): void {
    this.#client.start();
    const { ws: socket, deferredEvents } = this.#adapter;
    socket.onerror = () => {}; // in place of the stock retry; 'close' follows
    socket.once('open', () => {
      this.#opened = true;
      deferredEvents.length = 0; // sent by the stock `onopen` just before, but never cleared
    });
    // A relay that was there and went away has lost all definitions: no use to come back.
    socket.once('close', () => {
      if (this.#closed || this.#opened) return;
      setTimeout(() => this.#closed || this.#dial(), this.#retryAfterMs).unref();
    });
  }
}
