import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../errors.ts';
import type { Report } from '../../machines/call-protocol.ts';
import type { Artefacts } from '../../store/artefacts.ts';
import { AUDIO_TOKEN, type DialName, type PublicAddresses } from './addresses.ts';
import { sendAudio } from './audio.ts';
import type { Told } from './reports.ts';
import { takeStatusCallback } from './status-callback.ts';

export interface DoorOptions {
  readonly addresses: PublicAddresses;
  readonly host: string;
  readonly port: number;
  readonly authToken: string;
  readonly artefacts: Pick<Artefacts, 'path'>;
  /** Passes on what telephony tells of a dial. */
  readonly tell: (dial: DialName, report: Report) => Told;
}

/** Twilio gives up after 15 seconds (Twilio, "Webhooks: connection overrides"). */
const REQUEST_TIMEOUT_MS = 15_000;
const MOST_CONNECTIONS = 256;

const audioPath = new RegExp(`^/audio/(${AUDIO_TOKEN})\\.mp3$`);
const statusPath = /^\/twilio\/status\/(\w[\w.-]{0,63})\/(\d{1,4})$/;
const probePath = /^\/probe\/([\w-]{22})$/;

/**
 * The one server of the agent that the world may reach, through a tunnel or a proxy that stands
 * for `PUBLIC_BASE_URL`: it serves audio to whoever has its address, and hears telephony's signed
 * callbacks. There is nothing else.
 */
export class PublicDoor {
  /** What came, by what became of it. */
  readonly counts = new Map<string, number>();
  readonly #options: DoorOptions;
  readonly #server: Server;
  readonly #prefix: string;

  private constructor(options: DoorOptions) {
    this.#options = options;
    this.#prefix = new URL(options.addresses.baseUrl).pathname.replace(/\/$/, '');
    this.#server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws UserError when the port can't be had */
  static async open(options: DoorOptions): Promise<PublicDoor> {
    const { host, port } = options;
    const door = new PublicDoor(options);
    door.#server.listen(port, host);
    try {
      await once(door.#server, 'listening');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      const why = code === 'EADDRINUSE' ? 'it is in use' : code;
      throw new UserError(
        `The agent can't listen on ${host}:${port} for PUBLIC_BASE_URL: ${why}. Set PUBLIC_PORT to another port, and lead the public address there.`,
      );
    }
    // A connection that can't be accepted is no reason to end the program.
    door.#server.on('error', () => door.#count('connection that failed'));
    door.#server.unref();
    return door;
  }

  /** Differs from the one asked for when that was 0. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch {
      // The other side has gone, or the file can't be read: neither is a reason to stop.
      this.#count('request that broke off');
      response.destroy();
    }
  }

  #route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const path = this.#pathOf(request);
    const [, token] = audioPath.exec(path) ?? [];
    if (token !== undefined) return this.#audio(request, response, token);
    const [, call, dial] = statusPath.exec(path) ?? [];
    if (call !== undefined) {
      return this.#status(request, response, { root: `call:${call}`, dial: Number(dial) });
    }
    const [, nonce] = probePath.exec(path) ?? [];
    if (nonce !== undefined) return this.#probe(request, response, nonce);
    this.#refuse(response, 404, 'unknown address');
  }

  /** A proxy may strip the path of the public address, or leave it on. */
  #pathOf({ url = '' }: IncomingMessage): string {
    const prefix = `${this.#prefix}/`;
    return url.startsWith(prefix) ? url.slice(prefix.length - 1) : url;
  }

  async #audio(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const { addresses, artefacts } = this.#options;
    if (!isAsked(request, response, ['GET', 'HEAD'])) return this.#count('wrong method');
    const found = addresses.artefactOf(token);
    if (!found) return this.#refuse(response, 404, 'audio that is not ours');
    if (found.hasExpired) return this.#refuse(response, 404, 'audio that has expired');
    const isSent = await sendAudio(request, response, artefacts.path(found.artefact));
    if (isSent) this.#count('audio');
    else this.#refuse(response, 404, 'audio that is gone');
  }

  async #status(request: IncomingMessage, response: ServerResponse, dial: DialName): Promise<void> {
    const { addresses, authToken, tell } = this.#options;
    if (!isAsked(request, response, ['POST'])) return this.#count('wrong method');
    const { status, counted } = await takeStatusCallback(request, {
      url: addresses.statusUrl(dial),
      authToken,
      tell: (report) => tell(dial, report),
    });
    this.#refuse(response, status, counted);
  }

  /** Shows whoever knows the account that this is its agent; to others it is noise. */
  #probe(request: IncomingMessage, response: ServerResponse, nonce: string): void {
    if (!isAsked(request, response, ['GET'])) return this.#count('wrong method');
    this.#count('probe');
    const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' };
    response.writeHead(200, headers).end(this.#options.addresses.proof(nonce));
  }

  #refuse(response: ServerResponse, status: number, counted: string): void {
    this.#count(counted);
    // What was not read of the request ends with the connection.
    response.writeHead(status, status >= 400 ? { connection: 'close' } : {}).end();
  }
}

function isAsked(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): boolean {
  if (allowed.includes(method)) return true;
  response.writeHead(405, { allow: allowed.join(', '), connection: 'close' }).end();
  return false;
}
