import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

export interface Message {
  readonly type: string;
  readonly sessionId: string;
  readonly name?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: {
    readonly status: string;
    readonly value?: unknown;
    readonly context?: unknown;
  };
}

/** A plain WebSocket viewer that keeps all messages and can be asked for the next ones. */
export class PlainViewer {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
    });
  }

  /** Resolves with all messages once one of them fits. */
  async until(fits: (message: Message) => boolean): Promise<Message[]> {
    while (!this.messages.some(fits)) await once(this.socket, 'message');
    return this.messages;
  }
}

/** A connected viewer. */
export async function view(url: string): Promise<PlainViewer> {
  const viewer = new PlainViewer(url);
  await once(viewer.socket, 'open');
  return viewer;
}

/** Settles with the status of a refused upgrade. */
export async function refusedStatus(url: string, options: ClientOptions): Promise<number> {
  const socket = new WebSocket(url, options);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; destroy(): void },
  ];
  response.destroy();
  return response.statusCode;
}

export const actor = (sessionId: string, more: object = {}) =>
  JSON.stringify({ type: '@xstate.actor', sessionId, snapshot: { status: 'active' }, ...more });

export const snapshot = (sessionId: string, value: string, status = 'active') =>
  JSON.stringify({ type: '@xstate.snapshot', sessionId, snapshot: { status, value } });

export const event = (sessionId: string, type: string) =>
  JSON.stringify({ type: '@xstate.event', sessionId, event: { type } });
