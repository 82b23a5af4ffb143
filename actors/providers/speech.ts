import { PermanentError } from '../../errors.ts';
import { mayNotLook } from './errors/out-of-sight.ts';
import { ask, fieldsOf, invalidResponse, jsonOf, type Wire } from './http.ts';

export interface SpeechOptions extends Wire {
  /** Without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly voiceId: string;
  readonly model: string;
}

const service = 'ElevenLabs';
const provider = 'elevenlabs';
/** An hour of speech at 128 kbit/s is 58 MB. */
const LONGEST_AUDIO_BYTES = 64 * 1024 * 1024;

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
    const { baseUrl, voiceId, model } = this.#options;
    const { bytes } = await ask(this.#options, {
      service,
      provider,
      method: 'POST',
      url: `${baseUrl}/v1/text-to-speech/${encodeURIComponent(voiceId)}`,
      headers: { ...this.#headers(), 'content-type': 'application/json', accept: 'audio/mpeg' },
      body: JSON.stringify({ text, model_id: model }),
      signal,
      longestBytes: LONGEST_AUDIO_BYTES,
    });
    if (bytes.length === 0) throw invalidResponse(service, 'an empty body');
    if (!isMpeg(bytes)) throw invalidResponse(service, 'something that is not MPEG audio');
    return bytes;
  }

  /** Sees an exhausted quota before a request meets it. */
  async check(signal: AbortSignal): Promise<void> {
    await this.charactersLeft(signal);
  }

  /**
   * What remains of the quota; null where the subscription names none, or the key may not see it.
   * @throws PermanentError when nothing does
   */
  async charactersLeft(signal: AbortSignal): Promise<number | null> {
    const url = `${this.#options.baseUrl}/v1/user/subscription`;
    const headers = this.#headers();
    const request = { service, provider, method: 'GET', url, headers, signal } as const;
    const answer = await ask(this.#options, request).catch((error: unknown) => {
      if (mayNotLook(error)) return null;
      throw error;
    });
    if (answer === null) return null;
    const { character_count: used, character_limit: limit } = fieldsOf(jsonOf(answer));
    if (typeof used !== 'number' || typeof limit !== 'number') return null;
    if (used < limit) return limit - used;
    throw new PermanentError(`${service}: all ${limit} characters of the quota are used`, {
      service,
      kind: 'Quota',
      scope: 'account',
      code: 'quota_exceeded',
    });
  }

  #headers(): Record<string, string> {
    return { 'xi-api-key': this.#options.apiKey };
  }
}
