import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface AddressOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly playsAudio: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

/** One dial of one call. */
export interface DialName {
  /** The call's root, such as `call:0007.2`. */
  readonly root: string;
  /** 1 for the first. */
  readonly dial: number;
}

/**
 * Twilio holds a call that is over the account's rate for up to 24 hours before it rings (Voice
 * API, "Call resource", queue_time), and fetches the audio when it is answered.
 */
const AUDIO_LIFETIME_MS = 25 * 3_600_000;

const EXPIRY_BYTES = 6;
const HASH_BYTES = 32;
const MAC_BYTES = 16;
const SIGNED_BYTES = EXPIRY_BYTES + HASH_BYTES;

/** 54 bytes, without padding: there is one spelling of each token. */
export const AUDIO_TOKEN = '[A-Za-z0-9_-]{72}';

/**
 * The addresses at which telephony reaches the agent. An audio address holds what it stands for
 * and until when, under a key made of the account's own: nothing has to be remembered, and one
 * that was given out before a crash is good after it.
 */
export class PublicAddresses {
  readonly #options: AddressOptions;
  readonly #keys: { readonly [purpose in Purpose]: Buffer };

  constructor(options: AddressOptions) {
    this.#options = options;
    this.#keys = { audio: keyFor('audio', options), probe: keyFor('probe', options) };
  }

  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /** Whether telephony is to play audio, and not to speak the words itself. */
  get playsAudio(): boolean {
    return this.#options.playsAudio;
  }

  /** Where an artefact `<sha256>.mp3` can be heard for the next 25 hours. */
  audioUrl(artefact: string): string {
    const signed = Buffer.alloc(SIGNED_BYTES);
    signed.writeUIntBE(this.#options.now() + AUDIO_LIFETIME_MS, 0, EXPIRY_BYTES);
    signed.write(artefact, EXPIRY_BYTES, HASH_BYTES, 'hex');
    const token = Buffer.concat([signed, this.#mac('audio', signed)]).toString('base64url');
    return `${this.#options.baseUrl}/audio/${token}.mp3`;
  }

  /** The artefact that a token stands for; null when it is not one of ours. */
  artefactOf(token: string): { readonly artefact: string; readonly hasExpired: boolean } | null {
    const bytes = Buffer.from(token, 'base64url');
    const signed = bytes.subarray(0, SIGNED_BYTES);
    const mac = bytes.subarray(SIGNED_BYTES);
    if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.#mac('audio', signed))) return null;
    const hash = signed.subarray(EXPIRY_BYTES).toString('hex');
    const hasExpired = signed.readUIntBE(0, EXPIRY_BYTES) <= this.#options.now();
    return { artefact: `${hash}.mp3`, hasExpired };
  }

  /** Where telephony tells how a dial stands. */
  statusUrl({ root, dial }: DialName): string {
    return `${this.#options.baseUrl}/twilio/status/${root.replace(/^call:/, '')}/${dial}`;
  }

  /** What an agent of this account answers to a probe. */
  proof(nonce: string): string {
    return this.#mac('probe', Buffer.from(nonce)).toString('base64url');
  }

  #mac(purpose: Purpose, content: Uint8Array): Buffer {
    const mac = createHmac('sha256', this.#keys[purpose]).update(content).digest();
    return mac.subarray(0, MAC_BYTES);
  }
}

/** What is signed for one purpose is no good for another. */
type Purpose = 'audio' | 'probe';

const keyFor = (purpose: Purpose, { authToken, accountSid }: AddressOptions): Buffer =>
  Buffer.from(hkdfSync('sha256', authToken, accountSid, `ai-call-agent ${purpose}`, 32));
