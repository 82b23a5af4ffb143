import { z } from 'zod';
import { secret, text, url } from './kinds.ts';

/** The services a call needs, in the order in which it needs them. */
export const SERVICES = ['LLM', 'ElevenLabs', 'Telephony', 'CRM'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Keys and addresses of the providers. */
export const services = z.object({
  LLM_PROVIDER: z
    .enum(['openai', 'anthropic'])
    .optional()
    .describe('Which LLM to ask when both have a key: openai or anthropic'),
  OPENAI_API_KEY: secret('From platform.openai.com, API keys'),
  OPENAI_BASE_URL: url().describe('With /v1; anything that speaks chat completions will do'),
  OPENAI_MODEL: z.string().min(1).default('gpt-4o-mini').describe('A chat model'),
  ANTHROPIC_API_KEY: secret('From console.anthropic.com, API keys'),
  ANTHROPIC_BASE_URL: url().describe('Without /v1'),
  ANTHROPIC_MODEL: z.string().min(1).default('claude-haiku-4-5').describe('A chat model'),
  ELEVENLABS_API_KEY: secret('From elevenlabs.io, profile, API keys'),
  ELEVENLABS_BASE_URL: url().describe('Without /v1'),
  ELEVENLABS_VOICE_ID: z.string().min(1).default('21m00Tcm4TlvDq8ikWAM').describe('The voice'),
  ELEVENLABS_MODEL: z.string().min(1).default('eleven_multilingual_v2').describe('A speech model'),
  TWILIO_ACCOUNT_SID: text().describe('From console.twilio.com, account info'),
  TWILIO_AUTH_TOKEN: secret('From console.twilio.com, account info'),
  TWILIO_FROM_NUMBER: z
    .string()
    .trim()
    .regex(/^\+[1-9]\d{6,14}$/, 'must be a number such as +14155550100, without spaces')
    .optional()
    .describe('A number of the account, with + and country code'),
  TWILIO_BASE_URL: url().describe("In place of Twilio's own"),
  HUBSPOT_ACCESS_TOKEN: secret('From HubSpot settings, integrations, private apps'),
  HUBSPOT_BASE_URL: url().describe("In place of HubSpot's own"),
});

type Keys = z.infer<typeof services>;

/** Which LLM has a key; the one that was asked for, else the first that has one. */
export function llmProviderOf(config: Keys): 'openai' | 'anthropic' | null {
  const { LLM_PROVIDER: wanted, OPENAI_API_KEY: openai, ANTHROPIC_API_KEY: anthropic } = config;
  if (openai !== undefined && wanted !== 'anthropic') return 'openai';
  return anthropic !== undefined && wanted !== 'openai' ? 'anthropic' : null;
}

/** Services without a key: the simulated world stands in for them. */
export function simulatedServices(config: Keys): ServiceName[] {
  const hasKey: Record<ServiceName, boolean> = {
    LLM: llmProviderOf(config) !== null,
    ElevenLabs: config.ELEVENLABS_API_KEY !== undefined,
    Telephony: config.TWILIO_ACCOUNT_SID !== undefined && config.TWILIO_AUTH_TOKEN !== undefined,
    CRM: config.HUBSPOT_ACCESS_TOKEN !== undefined,
  };
  return SERVICES.filter((service) => !hasKey[service]);
}

/** What is missing where calls are really placed; null when nothing is. */
export function callerProblem(config: Keys): string | null {
  const isReal = !simulatedServices(config).includes('Telephony');
  return isReal && config.TWILIO_FROM_NUMBER === undefined
    ? 'must be set to a number of your Twilio account: calls come from it'
    : null;
}
