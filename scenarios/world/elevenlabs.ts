import { elevenLabsErrorBody } from './elevenlabs-errors.ts';
import { Provider, readJsonObject, Refusal } from './provider.ts';
import { type Random, randomHex } from './random.ts';
import { silentMp3 } from './silent-mp3.ts';

export interface ElevenLabsOptions {
  readonly random: Random;
  /** Characters in the subscription; beyond it speech is refused. @default 1_000_000_000 */
  readonly characterLimit?: number;
}

/** A calm reader's pace. */
const MS_PER_CHARACTER = 1000 / 15;
const MODEL = 'eleven_multilingual_v2';

/**
 * Text to speech as at ElevenLabs: silence as long as the text would take to say.
 * @throws RangeError when `characterLimit` is negative or not a number
 */
export function createElevenLabs(options: ElevenLabsOptions): Provider {
  const { random, characterLimit = 1_000_000_000 } = options;
  if (!(Number.isFinite(characterLimit) && characterLimit >= 0)) {
    throw new RangeError(`characterLimit must be a number of at least 0, got ${characterLimit}`);
  }
  const subscription = new Subscription(characterLimit);
  return new Provider({
    errorBody: elevenLabsErrorBody,
    hasCredentials: (headers) => headers.get('xi-api-key') !== null,
    requestIdHeader: 'x-request-id',
    newRequestId: () => randomHex(random, 32),
    contentType: 'audio/mpeg',
    routes: [
      {
        method: 'POST',
        path: /^\/v1\/text-to-speech\/([^/]+)$/,
        kind: 'work',
        answer: ({ request }) => speak(request, subscription),
      },
      {
        method: 'GET',
        path: /^\/v1\/user\/subscription$/,
        kind: 'health',
        answer: () => Response.json(subscription.summary()),
      },
      {
        method: 'GET',
        path: /^\/v1\/models$/,
        kind: 'health',
        answer: () => Response.json([{ model_id: MODEL, can_do_text_to_speech: true }]),
      },
    ],
  });
}

class Subscription {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** 401, not 402 or 429, is what the provider really answers here. */
  use(characters: number): void {
    const left = this.#limit - this.#used;
    if (characters > left) {
      const message = `This request exceeds your quota. You have ${left} credits remaining, while ${characters} credits are required for this request.`;
      throw new Refusal(401, 'quota_exceeded', message);
    }
    this.#used += characters;
  }

  summary(): object {
    return {
      tier: 'business',
      character_count: this.#used,
      character_limit: this.#limit,
      can_extend_character_limit: false,
      status: 'active',
    };
  }
}

async function speak(request: Request, subscription: Subscription): Promise<Response> {
  const { text } = await readJsonObject(request);
  if (typeof text !== 'string' || text === '') {
    throw new Refusal(422, 'missing', 'Field required', 'text');
  }
  subscription.use(text.length);
  return new Response(silentMp3(text.length * MS_PER_CHARACTER), {
    headers: { 'content-type': 'audio/mpeg' },
  });
}
