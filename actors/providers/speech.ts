import {
  ask,
  codeIn,
  fieldsOf,
  invalidResponse,
  textOf,
  type Complaint,
  type Fetch,
} from './http.ts';

export interface SpeechOptions {
  readonly fetch: Fetch;
  /** Without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly voiceId: string;
  readonly model: string;
}

const service = 'ElevenLabs';

const complain = (body: unknown): Complaint => {
  const { detail } = fieldsOf(body);
  if (typeof detail === 'string') return { code: null, message: detail };
  const first = fieldsOf(Array.isArray(detail) ? detail[0] : detail);
  return {
    code: codeIn(first['code']) ?? codeIn(first['status']) ?? codeIn(first['type']),
    message: textOf(first['message']) ?? textOf(first['msg']),
  };
};

/** MPEG audio begins with an ID3 tag or with a frame's eleven sync bits (ISO/IEC 11172-3). */
const isMpeg = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33) ||
  (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0);

/** ElevenLabs' text to speech. */
export class SpeechClient {
  readonly #options: SpeechOptions;

  constructor(options: SpeechOptions) {
    this.#options = options;
  }

  /** @returns the audio, MPEG layer III */
  async speak(text: string, signal: AbortSignal): Promise<Uint8Array> {
    const { fetch, baseUrl, voiceId, model } = this.#options;
    const { bytes } = await ask(
      fetch,
      {
        service,
        method: 'POST',
        url: `${baseUrl}/v1/text-to-speech/${encodeURIComponent(voiceId)}`,
        headers: { ...this.#headers(), 'content-type': 'application/json', accept: 'audio/mpeg' },
        body: JSON.stringify({ text, model_id: model }),
        signal,
      },
      complain,
    );
    if (bytes.length === 0) throw invalidResponse(service, 'an empty body');
    if (!isMpeg(bytes)) throw invalidResponse(service, 'something that is not MPEG audio');
    return bytes;
  }

  async check(signal: AbortSignal): Promise<void> {
    const { fetch, baseUrl } = this.#options;
    const url = `${baseUrl}/v1/user/subscription`;
    await ask(fetch, { service, method: 'GET', url, headers: this.#headers(), signal }, complain);
  }

  #headers(): Record<string, string> {
    return { 'xi-api-key': this.#options.apiKey };
  }
}
