import { llmProviderOf, type Config, type ServiceName } from '../config.ts';
import { CrmClient } from './providers/crm.ts';
import type { Wire } from './providers/http.ts';
import { AnthropicClient } from './providers/anthropic.ts';
import { OpenAIClient } from './providers/openai.ts';
import type { ScriptWriter } from './providers/prompt.ts';
import { SpeechClient } from './providers/speech.ts';
import { TelephonyClient } from './providers/telephony.ts';

/** A client for each service that a call needs. */
export interface Services {
  readonly llm: ScriptWriter;
  readonly speech: SpeechClient;
  readonly telephony: TelephonyClient;
  readonly crm: CrmClient;
}

/** Origins of each service. */
export type Origins = { readonly [service in ServiceName]: string };

const defaults = {
  LLM: 'https://api.openai.com/v1',
  ElevenLabs: 'https://api.elevenlabs.io',
  Telephony: 'https://api.twilio.com',
  CRM: 'https://api.hubapi.com',
} as const;

/** What the simulated providers take for a key: anything. */
const noKey = 'simulated';
const noNumber = '+15005550006';

const trimmed = (url: string): string => url.replace(/\/+$/, '');

/**
 * @param world origins of simulated services: these stand in for the ones they name
 */
export function makeServices(config: Config, wire: Wire, world: Partial<Origins> = {}): Services {
  const { LLM, ElevenLabs, Telephony, CRM } = world;
  const speech = ElevenLabs ?? config.ELEVENLABS_BASE_URL ?? defaults.ElevenLabs;
  const telephony = Telephony ?? config.TWILIO_BASE_URL ?? defaults.Telephony;
  const crm = CRM ?? config.HUBSPOT_BASE_URL ?? defaults.CRM;
  const key = (isSimulated: boolean, value: string | undefined): string =>
    isSimulated ? noKey : (value ?? '');
  return {
    llm: makeLlm(config, wire, LLM),
    speech: new SpeechClient({
      ...wire,
      baseUrl: trimmed(speech),
      apiKey: key(ElevenLabs !== undefined, config.ELEVENLABS_API_KEY),
      voiceId: config.ELEVENLABS_VOICE_ID,
      model: config.ELEVENLABS_MODEL,
    }),
    telephony: new TelephonyClient({
      ...wire,
      baseUrl: trimmed(telephony),
      accountSid: key(Telephony !== undefined, config.TWILIO_ACCOUNT_SID),
      authToken: key(Telephony !== undefined, config.TWILIO_AUTH_TOKEN),
      from: Telephony === undefined ? (config.TWILIO_FROM_NUMBER ?? '') : noNumber,
    }),
    crm: new CrmClient({
      ...wire,
      baseUrl: trimmed(crm),
      accessToken: key(CRM !== undefined, config.HUBSPOT_ACCESS_TOKEN),
    }),
  };
}

function makeLlm(config: Config, wire: Wire, world: string | undefined): ScriptWriter {
  const template = config.SCRIPT_PROMPT;
  if (world === undefined && llmProviderOf(config) === 'anthropic') {
    return new AnthropicClient({
      ...wire,
      baseUrl: trimmed(config.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com'),
      apiKey: config.ANTHROPIC_API_KEY ?? '',
      model: config.ANTHROPIC_MODEL,
      template,
    });
  }
  const isSimulated = world !== undefined;
  return new OpenAIClient({
    ...wire,
    baseUrl: isSimulated ? `${world}/v1` : trimmed(config.OPENAI_BASE_URL ?? defaults.LLM),
    apiKey: isSimulated ? noKey : (config.OPENAI_API_KEY ?? ''),
    model: config.OPENAI_MODEL,
    template,
  });
}
