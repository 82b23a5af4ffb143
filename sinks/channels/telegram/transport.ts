import type { Telegram } from 'telegraf';

/** How the Bot API is reached. */
export interface TelegramTransport {
  /** The `result` of a method. @throws whatever the client throws; {@link classifyTelegram} reads it */
  call(method: string, payload: object, signal: AbortSignal): Promise<unknown>;
}

/** Telegraf's client of the API alone: its bot would poll, and wait for up to 500 seconds. */
export class TelegrafTransport implements TelegramTransport {
  readonly #token: string;
  readonly #apiRoot: string | undefined;
  #client: Promise<Telegram> | null = null;

  /** @param apiRoot in place of Telegram's own */
  constructor(token: string, apiRoot?: string) {
    this.#token = token;
    // Without the slash at its end the last part of a path would be replaced, not added to.
    this.#apiRoot = apiRoot === undefined || apiRoot.endsWith('/') ? apiRoot : `${apiRoot}/`;
  }

  async call(method: string, payload: object, signal: AbortSignal): Promise<unknown> {
    this.#client ??= this.#load();
    const client = await this.#client;
    signal.throwIfAborted();
    return client.callApi(method as 'sendMessage', payload as never, { signal: signal as never });
  }

  async #load(): Promise<Telegram> {
    const { Telegram: Client } = await import('telegraf');
    return new Client(this.#token, this.#apiRoot === undefined ? {} : { apiRoot: this.#apiRoot });
  }
}
