import type { createWebSocketInspector } from '@statelyai/inspect';
import type { InspectionEvent } from 'xstate';
import { WebSocket } from 'ws';
import type { Outlet } from './outgoing.ts';

const ACKNOWLEDGE_MS_MAX = 2000;
const GOODBYE_MS = 1000;
/** More than that unsent, and the relay is given time. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;
/** What the stock client has in its timers when the connection breaks. */
const DEFERRED_MAX = 1000;

/** Private members of the stock adapter (0.7.2, pinned); in Node its socket is one of `ws`. */
interface StockAdapter {
  readonly ws: WebSocket;
  readonly deferredEvents: unknown[];
}

export interface StockLinkOptions {
  /** How long after a connection was refused or has ended the next one is tried. @default 1000 */
  readonly retryAfterMs?: number;
}

/**
 * The stock client with its life in our hands. On its own it retries each five seconds for ever,
 * also after `stop()`, which keeps the process alive; it never comes back to a relay that was there
 * once, and never reads `bufferedAmount`.
 */
export class StockLink implements Outlet {
  readonly #client: ReturnType<typeof createWebSocketInspector>;
  readonly #adapter: StockAdapter;
  readonly #retryAfterMs: number;
  readonly #onOpen: (isFirst: boolean) => void;
  #pings = 0;
  #closed = false;
  #opened = false;

  /** @param onOpen told of each connection, and whether it is the first one */
  constructor(
    create: typeof createWebSocketInspector,
    url: string,
    { retryAfterMs = 1000 }: StockLinkOptions,
    onOpen: (isFirst: boolean) => void,
  ) {
    this.#retryAfterMs = retryAfterMs;
    this.#onOpen = onOpen;
    this.#client = create({ url, maxDeferredEvents: DEFERRED_MAX, autoStart: false });
    this.#adapter = this.#client.adapter as unknown as StockAdapter;
    this.#dial();
  }

  get takes(): boolean {
    const { readyState, bufferedAmount } = this.#adapter.ws;
    return readyState === WebSocket.OPEN && bufferedAmount <= UNSENT_BYTES_MAX;
  }

  /** Resolves when it is known whether anybody is there. @returns whether somebody is */
  async settled(): Promise<boolean> {
    const { ws: socket } = this.#adapter;
    if (socket.readyState === WebSocket.CONNECTING) {
      await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
    }
    return socket.readyState === WebSocket.OPEN;
  }

  /** @param event plain data only: the library reads it in a timer, where nobody catches */
  next(event: InspectionEvent): void {
    this.#client.inspect.next?.(event);
  }

  /** Settles when the relay has answered a ping sent now; at once when there is none. */
  acknowledged(): Promise<void> {
    const { ws: socket } = this.#adapter;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    const mark = String(++this.#pings);
    const onPong = (data: Buffer) => {
      if (data.toString() === mark) resolve();
    };
    const timer = setTimeout(resolve, ACKNOWLEDGE_MS_MAX);
    socket.on('pong', onPong).once('close', resolve);
    socket.ping(mark);
    return promise.finally(() => {
      clearTimeout(timer);
      socket.off('pong', onPong).off('close', resolve);
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
      deferredEvents.length = 0; // sent by the stock `onopen` just before, but never cleared
      this.#onOpen(!this.#opened);
      this.#opened = true;
    });
    socket.once('close', () => {
      if (this.#closed) return;
      setTimeout(() => this.#closed || this.#dial(), this.#retryAfterMs).unref();
    });
  }
}
