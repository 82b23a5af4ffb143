import { createHmac } from 'node:crypto';

/** What a call that was answered fetched to play. */
export interface FetchedAudio {
  readonly sid: string;
  readonly url: string;
  /** Null: there was no answer. */
  readonly status: number | null;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

/** As the provider does: HMAC-SHA1 over the address and the fields in order. */
function signature(url: string, form: URLSearchParams, authToken: string): string {
  const fields = [...form].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => k + v);
  const text = url + fields.join('');
  return createHmac('sha1', authToken).update(text).digest('base64');
}

/** Seconds of real time: the other side lives outside the world's own. */
const PATIENCE_MS = 15_000;

/** The provider as a client of its customer's server, over real HTTP. */
export class Webhooks {
  readonly #closing = new AbortController();

  /** A form, signed; tried once more when no connection stands. @returns null without an answer */
  async post(url: string, form: URLSearchParams, authToken: string): Promise<Response | null> {
    const init = {
      method: 'POST',
      headers: { 'x-twilio-signature': signature(url, form, authToken) },
      body: form,
    };
    return (await this.#send(url, init)) ?? (await this.#send(url, init));
  }

  async fetchAudio(sid: string, url: string): Promise<FetchedAudio> {
    const response = await this.#send(url, {});
    const bytes = await response?.bytes().catch(() => null);
    if (!response || !bytes) {
      return { sid, url, status: null, contentType: null, bytes: new Uint8Array() };
    }
    const { status, headers } = response;
    return { sid, url, status, contentType: headers.get('content-type'), bytes };
  }

  close(): void {
    this.#closing.abort();
  }

  #send(url: string, init: RequestInit): Promise<Response | null> {
    if (this.#closing.signal.aborted) return Promise.resolve(null);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
    return fetch(url, { ...init, signal }).catch(() => null);
  }
}
