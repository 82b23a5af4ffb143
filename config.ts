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

/** `off`, or the hours of a day from which and up to which calls may be placed. */
function isWindow(value: string): boolean {
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(value) ?? [];
  return value === 'off' || (from !== undefined && Number(from) < Number(to) && Number(to) <= 24);
}

/** Retry, breaker, health: for all services, and for one with its name in front. Times in seconds. */
const resilience = {
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
} as const;

/** Every other variable that the agent reads. */
const general = {
  PROFILE: z.enum(['low-traffic', 'high-traffic', 'production']).optional(),
  LOG_FILE_PATH: z.string().min(1).default('logs/error_logs.json'),
  LLM_PROVIDER: z.enum(['openai', 'anthropic']).optional(),
  SCRIPT_PROMPT: text,
  CALL_WINDOW: z
    .string()
    .refine(isWindow, 'must be off or two hours of one day such as 8-21')
    .optional(),
  CALLS_PER_SECOND: z.union([z.literal('off'), z.coerce.number().positive().max(1000)]).optional(),
  REQUIRE_CONSENT: z.enum(['off', 'on']).default('off'),
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: origin,
  OPENAI_MODEL: z.string().min(1).default('gpt-4o-mini'),
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_BASE_URL: origin,
  ANTHROPIC_MODEL: z.string().min(1).default('claude-3-5-haiku-latest'),
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
} as const;

const generalSchema = z.object(general);
const resilienceSchema = z.object(resilience);

export type Resilience = z.infer<typeof resilienceSchema>;
export type GeneralConfig = z.infer<typeof generalSchema>;

/** Where a value comes from: `default`, `profile …`, or the variable that says it. */
export interface Setting {
  readonly name: string;
  readonly value: string | number | null;
  readonly source: string;
}

export interface Config extends GeneralConfig {
  readonly services: { readonly [service in ServiceName]: Resilience };
  /** Everything in force, for people; secrets masked. */
  readonly settings: readonly Setting[];
}

/** Initial delay, retries, threshold and breaker timeout for kinds of use. */
const profiles: { readonly [profile: string]: { readonly [name: string]: string } } = {
  'low-traffic': profile(5, 3, 3, 60),
  'high-traffic': profile(2, 2, 5, 30),
  production: profile(3, 3, 5, 45),
};

function profile(delay: number, retries: number, threshold: number, timeout: number) {
  return {
    RETRY_INITIAL_DELAY: String(delay),
    RETRY_MAX_ATTEMPTS: String(retries),
    CIRCUIT_BREAKER_FAILURE_THRESHOLD: String(threshold),
    CIRCUIT_BREAKER_TIMEOUT: String(timeout),
  };
}

/** Values that must never be seen. */
const secretNames: readonly string[] = [
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'ELEVENLABS_API_KEY',
  'TWILIO_AUTH_TOKEN',
  'HUBSPOT_ACCESS_TOKEN',
] satisfies (keyof GeneralConfig)[];

const prefixOf = (service: ServiceName): string => `${service.toUpperCase()}_`;
const resilienceNames = Object.keys(resilience);
const knownNames: readonly string[] = [
  ...resilienceNames,
  ...Object.keys(general),
  ...SERVICES.flatMap((service) => resilienceNames.map((name) => prefixOf(service) + name)),
];

/** Edits that turn one word into another (Levenshtein), given up at three. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 3;
}

/** A variable that is not ours but nearly: a typing error would otherwise go unseen. */
function misspelt(env: Env): string[] {
  const ours =
    /^(RETRY|CIRCUIT|HEALTH|REQUEST|LLM|ELEVENLABS|TELEPHONY|CRM|OPENAI|ANTHROPIC|TWILIO|HUBSPOT|LOG|SCRIPT|PROFILE|CALL|REQUIRE_CONSENT)/;
  return Object.keys(env)
    .filter((name) => ours.test(name) && !knownNames.includes(name))
    .flatMap((name) => {
      const near = knownNames.find((known) => distance(name, known) <= 2);
      return near === undefined ? [] : [`${name} is not known: did you mean ${near}`];
    });
}

export type Env = { readonly [name: string]: string | undefined };

type Parsed = ReturnType<(typeof resilienceSchema | typeof generalSchema)['safeParse']>;

function problemsOf(parsed: Parsed, prefix: string, given: Env): string[] {
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const shown = given[prefix + name] === undefined ? name : prefix + name;
    const value = secretNames.includes(shown) ? '' : `, got "${given[shown]}"`;
    return `${shown}: ${message}${value}`;
  });
}

/** The values of one service: its own, else everybody's, else the profile's. */
function layered(given: Env, chosen: Env, prefix: string): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const name of resilienceNames) {
    const value = given[prefix + name] ?? given[name] ?? chosen[name];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/**
 * Reads the configuration from environment variables; an empty one counts as not set.
 * @throws UserError naming every variable that is wrong, its rule, and the value it has
 */
export function readConfig(env: Env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const base = generalSchema.safeParse(given);
  const chosen = profiles[given['PROFILE'] ?? ''] ?? {};
  const byService = SERVICES.map((service) => {
    const prefix = prefixOf(service);
    return { service, prefix, parsed: resilienceSchema.safeParse(layered(given, chosen, prefix)) };
  });
  const problems = new Set([
    ...misspelt(given),
    ...problemsOf(base, '', given),
    ...byService.flatMap(({ prefix, parsed }) => problemsOf(parsed, prefix, given)),
  ]);
  if (problems.size > 0 || !base.success) {
    throw new UserError(`The configuration is wrong. ${[...problems].join('; ')}.`);
  }
  const services = Object.fromEntries(
    byService.map(({ service, parsed }) => [service, parsed.data]),
  ) as Config['services'];
  return { ...base.data, services, settings: settingsOf(given, chosen, base.data) };
}

const shown = (name: string, value: unknown): string | number | null => {
  if (value === undefined || value === null) return null;
  if (secretNames.includes(name)) return '***';
  return typeof value === 'number' ? value : String(value as string);
};

function settingsOf(given: Env, chosen: Env, base: GeneralConfig): Setting[] {
  const common = resilienceSchema.parse(layered(given, chosen, ''));
  const own = SERVICES.flatMap((service) => {
    const names = resilienceNames.map((name) => prefixOf(service) + name);
    return names
      .filter((name) => given[name] !== undefined)
      .map((name) => ({ name, value: shown(name, given[name]), source: 'environment' }));
  });
  const rest = Object.entries({ ...common, ...base }).map(([name, value]) => {
    const fromProfile = chosen[name] === undefined ? 'default' : `profile ${given['PROFILE']}`;
    const source = given[name] === undefined ? fromProfile : 'environment';
    return { name, value: shown(name, value), source };
  });
  return [...rest, ...own];
}

export function secretsOf(config: Config): string[] {
  return secretNames.flatMap((name) => {
    const value = config[name as keyof GeneralConfig];
    return typeof value === 'string' ? [value] : [];
  });
}

/** Services without a key: the simulated world stands in for them. */
export function simulatedServices(config: Config): ServiceName[] {
  const hasKey: Record<ServiceName, boolean> = {
    LLM: llmProviderOf(config) !== null,
    ElevenLabs: config.ELEVENLABS_API_KEY !== undefined,
    Telephony: config.TWILIO_ACCOUNT_SID !== undefined && config.TWILIO_AUTH_TOKEN !== undefined,
    CRM: config.HUBSPOT_ACCESS_TOKEN !== undefined,
  };
  return SERVICES.filter((service) => !hasKey[service]);
}

/** Which LLM has a key; the one that was asked for, else the first that has one. */
export function llmProviderOf(config: Config): 'openai' | 'anthropic' | null {
  const { LLM_PROVIDER: wanted, OPENAI_API_KEY: openai, ANTHROPIC_API_KEY: anthropic } = config;
  if (openai !== undefined && wanted !== 'anthropic') return 'openai';
  return anthropic !== undefined && wanted !== 'openai' ? 'anthropic' : null;
}

/** What holds for dialling: with real telephony people's peace and the provider's limit count. */
export interface CallingRules {
  /** `8-21` or `off`, in the contact's own time. */
  readonly window: string;
  /** Null: as fast as it goes. */
  readonly callsPerSecond: number | null;
  readonly requiresConsent: boolean;
}

export function callingRulesOf(config: Config, isSimulated: boolean): CallingRules {
  const pace = config.CALLS_PER_SECOND ?? (isSimulated ? 'off' : 1);
  return {
    window: config.CALL_WINDOW ?? (isSimulated ? 'off' : '8-21'),
    callsPerSecond: pace === 'off' ? null : pace,
    requiresConsent: config.REQUIRE_CONSENT === 'on',
  };
}
