import { AnthropicClient } from '../../../actors/providers/anthropic.ts';
import { CrmClient } from '../../../actors/providers/crm.ts';
import type { Provider } from '../../../actors/providers/errors/classify.ts';
import { OpenAIClient } from '../../../actors/providers/openai.ts';
import { SpeechClient } from '../../../actors/providers/speech.ts';
import { TelephonyClient } from '../../../actors/providers/telephony.ts';
import type { ServiceName } from '../../../config.ts';

/** Keys as the real ones look, so that a leak of any of them can be searched for. */
export const keys = {
  openai: 'sk-proj-0penAiSecretOfTheTest',
  anthropic: 'sk-ant-api03-anthropicSecretOfTheTest',
  elevenlabs: 'sk_e1evenLabsSecretOfTheTest',
  twilio: 'tw1lioSecretOfTheTest',
  hubspot: 'pat-na1-hubSpotSecretOfTheTest',
} as const;

export const TO = '+14155550111';
const SINCE = 1_790_000_000_000;
const prompt = { name: 'Ada Lovelace', variables: { topic: 'delivery' } };
const record = {
  key: 'call:0001',
  title: 'Call to Ada Lovelace',
  disposition: 'answered',
  durationMs: 5_000,
  at: SINCE,
};

/** Every client as the agent makes them, with one server behind all of them. */
export function clientsAt(origin: string) {
  const wire = { fetch, baseUrl: origin };
  const account = { accountSid: 'AC0123456789abcdef0123456789abcdef', from: '+14155550199' };
  return {
    openai: new OpenAIClient({
      ...wire,
      baseUrl: `${origin}/v1`,
      apiKey: keys.openai,
      model: 'gpt-4o-mini',
    }),
    anthropic: new AnthropicClient({ ...wire, apiKey: keys.anthropic, model: 'claude-haiku-4-5' }),
    elevenlabs: new SpeechClient({
      ...wire,
      apiKey: keys.elevenlabs,
      voiceId: 'rachel',
      model: 'eleven_multilingual_v2',
    }),
    twilio: new TelephonyClient({ ...wire, ...account, authToken: keys.twilio }),
    hubspot: new CrmClient({ ...wire, accessToken: keys.hubspot }),
  };
}

export type Clients = ReturnType<typeof clientsAt>;

export interface Asked {
  readonly provider: Provider;
  readonly service: ServiceName;
  /** What is done, for people. */
  readonly what: string;
  readonly method: 'GET' | 'POST';
  readonly ask: (clients: Clients, signal: AbortSignal) => Promise<unknown>;
}

const asked = (
  provider: Provider,
  service: ServiceName,
  what: string,
  method: Asked['method'],
  ask: Asked['ask'],
): Asked => ({ provider, service, what, method, ask });

/** Everything that a call asks of its services. */
export const work: readonly Asked[] = [
  asked('openai', 'LLM', 'OpenAI, a script', 'POST', ({ openai }, signal) =>
    openai.writeScript(prompt, signal),
  ),
  asked('anthropic', 'LLM', 'Anthropic, a script', 'POST', ({ anthropic }, signal) =>
    anthropic.writeScript(prompt, signal),
  ),
  asked('elevenlabs', 'ElevenLabs', 'ElevenLabs, speech', 'POST', ({ elevenlabs }, signal) =>
    elevenlabs.speak('Good morning.', signal),
  ),
  asked('twilio', 'Telephony', 'Twilio, a dial', 'POST', ({ twilio }, signal) =>
    twilio.dial({ to: TO, words: 'Good morning.', audioUrl: null, statusUrl: null }, signal),
  ),
  asked('twilio', 'Telephony', 'Twilio, how a call goes on', 'GET', ({ twilio }, signal) =>
    twilio.progress('CA1', signal),
  ),
  asked('twilio', 'Telephony', 'Twilio, a look-up', 'GET', ({ twilio }, signal) =>
    twilio.findCall(
      { to: TO, ago: () => ({ ms: 5_000, isSure: true }), isKnown: () => false },
      signal,
    ),
  ),
  asked('hubspot', 'CRM', 'HubSpot, a write', 'POST', ({ hubspot }, signal) =>
    hubspot.record(record, signal),
  ),
];

/** And what a health check asks. */
export const checks: readonly Asked[] = (
  [
    ['openai', 'LLM'],
    ['anthropic', 'LLM'],
    ['elevenlabs', 'ElevenLabs'],
    ['twilio', 'Telephony'],
    ['hubspot', 'CRM'],
  ] as const
).map(([provider, service]) =>
  asked(provider, service, `${provider}, a health check`, 'GET', (clients, signal) =>
    clients[provider].check(signal),
  ),
);
