import type { WebSocket } from 'ws';
import { parseFrame } from './frame.ts';
import { Registry } from './registry.ts';
import { Viewer } from './viewer.ts';

const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;
const GOODBYE_MS = 1000;
const GOING_AWAY = 1001;

interface Client {
  readonly viewer: Viewer;
  /** It has sent a message: a program, not a viewer. */
  speaks: boolean;
}

/** Tells every message of one client to all others. */
export class Hub {
  readonly #clients = new Map<WebSocket, Client>();
  readonly #registry = new Registry();

  get size(): number {
    return this.#clients.size;
  }

  viewers(): number {
    return [...this.#clients.values()].filter((client) => !client.speaks).length;
  }

  join(socket: WebSocket): void {
    const viewer = new Viewer(socket, () => this.#registry.replay(), BACKLOG_BYTES_MAX);
    const client: Client = { viewer, speaks: false };
    this.#clients.set(socket, client);
    socket.on('close', () => this.#clients.delete(socket));
    socket.on('error', () => {}); // a broken frame; `ws` says why and closes
    socket.on('message', (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) return;
      this.#relay(client, data.toString());
    });
    viewer.synchronise();
  }

  /** Ends every socket: what was relayed goes out first, for a second at most. */
  async close(): Promise<void> {
    const sockets = [...this.#clients.keys()];
    const closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, GOODBYE_MS);
    for (const socket of sockets) socket.close(GOING_AWAY, 'the relay ends');
    await closed;
    clearTimeout(timer);
  }

  #relay(from: Client, text: string): void {
    const frame = parseFrame(text);
    if (frame === undefined) return;
    from.speaks = true;
    this.#registry.note(frame, text);
    for (const client of this.#clients.values()) if (client !== from) client.viewer.deliver(text);
  }
}
