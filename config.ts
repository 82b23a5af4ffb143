import { z } from 'zod';
import { UserError } from './errors.ts';

/** The services a call needs, in the order in which it needs them. */
export const SERVICES = ['LLM', 'ElevenLabs', 'Telephony', 'CRM'] as const;
export type ServiceName = (typeof SERVICES)[number];

const seconds = (fallback: number) =>
  z.coerce.number().positive().max(86_400, 'must be at most 86400').default(fallback);
const count = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);
const text = z.string().trim().min(1).optional();
const origin = z.url({ protocol: /^https?$/ }).optional();

/** Every variable the agent reads, with its default. Times are in seconds, as people write them. */
const schema = z.object({
  RETRY_INITIAL_DELAY: seconds(5),
  RETRY_MAX_ATTEMPTS: count(3, 0, 20),
  RETRY_BACKOFF_MULTIPLIER: z.coerce.number().min(1).max(10).default(2),
  RETRY_MAX_DELAY: seconds(60),
  RETRY_JITTER: z.enum(['none', 'decorrelated']).default('none'),
  RETRY_AFTER_CAP: seconds(60),
  REQUEST_TIMEOUT: seconds(30),
  REQUEST_DEADLINE: seconds(180),
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: count(3, 1, 1000),
  CIRCUIT_BREAKER_TIMEOUT: seconds(60),
  CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS: count(1, 1, 100),
  CIRCUIT_BREAKER_COUNTS: z.enum(['request', 'attempt']).default('request'),
  HEALTH_CHECK_INTERVAL: seconds(30),
  HEALTH_CHECK_TIMEOUT: seconds(5),
  LOG_FILE_PATH: z.string().min(1).default('logs/error_logs.json'),
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: origin,
  OPENAI_MODEL: z.string().min(1).default('gpt-4o-mini'),
  ELEVENLABS_API_KEY: text,
  ELEVENLABS_BASE_URL: origin,
  ELEVENLABS_VOICE_ID: z.string().min(1).default('21m00Tcm4TlvDq8ikWAM'),
  ELEVENLABS_MODEL: z.string().min(1).default('eleven_multilingual_v2'),
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_FROM_NUMBER: text,
  TWILIO_BASE_URL: origin,
  HUBSPOT_ACCESS_TOKEN: text,
  HUBSPOT_BASE_URL: origin,
});

export type Config = z.infer<typeof schema>;

/** Values that must never be seen. */
const secretNames = [
  'OPENAI_API_KEY',
  'ELEVENLABS_API_KEY',
  'TWILIO_AUTH_TOKEN',
  'HUBSPOT_ACCESS_TOKEN',
] as const satisfies readonly (keyof Config)[];

/**
 * Reads the configuration from environment variables; an empty one counts as not set.
 * @throws UserError naming every variable that is wrong, its rule, and the value it has
 */
export function readConfig(env: { readonly [name: string]: string | undefined }): Config {
  const given = Object.entries(env).filter(([name, value]) => name in schema.shape && value !== '');
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const isSecret = (secretNames as readonly string[]).includes(name);
    return `${name}: ${message}${isSecret ? '' : `, got "${env[name]}"`}`;
  });
  throw new UserError(`The configuration is wrong. ${problems.join('; ')}.`);
}

export function secretsOf(config: Config): string[] {
  return secretNames.flatMap((name) => config[name] ?? []);
}

/** Services without a key: the simulated world stands in for them. */
export function simulatedServices(config: Config): ServiceName[] {
  const hasKey: Record<ServiceName, boolean> = {
    LLM: config.OPENAI_API_KEY !== undefined,
    ElevenLabs: config.ELEVENLABS_API_KEY !== undefined,
    Telephony: config.TWILIO_ACCOUNT_SID !== undefined && config.TWILIO_AUTH_TOKEN !== undefined,
    CRM: config.HUBSPOT_ACCESS_TOKEN !== undefined,
  };
  return SERVICES.filter((service) => !hasKey[service]);
}
