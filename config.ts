import type { z } from 'zod';
import { channelProblems } from './config/channel-problems.ts';
import {
  addressNames,
  general,
  knownNames,
  prefixOf,
  resilienceNames,
  secretNames,
  type GeneralConfig,
} from './config/groups.ts';
import { misspelt } from './config/misspelt.ts';
import { profileValues } from './config/profiles.ts';
import { resilience, type Resilience } from './config/resilience.ts';
import { ruleOf } from './config/rules.ts';
import { callerProblem, SERVICES, type ServiceName } from './config/services.ts';
import { UserError } from './errors.ts';

export {
  webhookTargetsOf,
  type ChannelSettings,
  type WebhookFormat,
  type WebhookTarget,
} from './config/channels.ts';
export { callingRulesOf, type CallingRules } from './config/calling.ts';
export {
  isLoopbackUrl,
  publicRulesOf,
  voiceAdvice,
  voiceOf,
  type PublicRules,
  type Voice,
} from './config/public.ts';
export {
  callerProblem,
  llmProviderOf,
  simulatedServices,
  SERVICES,
  type ServiceName,
} from './config/services.ts';
export type { GeneralConfig, Resilience };

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

export type Env = { readonly [name: string]: string | undefined };

/** Variables that are wrong. Each problem begins with the name of its variable. */
export class ConfigError extends UserError {
  readonly #problems: readonly string[];

  constructor(problems: readonly string[]) {
    const all = problems.join('; ');
    super(`The configuration is wrong. ${all}${/: did you mean \w+$/.test(all) ? '?' : '.'}`);
    this.#problems = problems;
  }

  /** The same, saying of which variables `.env` is the place. */
  placed(fromFile: ReadonlySet<string>): ConfigError {
    const nameIn = (problem: string): string => /^\w*/.exec(problem)?.[0] ?? '';
    return new ConfigError(
      this.#problems.map((it) => (fromFile.has(nameIn(it)) ? `${it} (in .env)` : it)),
    );
  }
}

function problemsOf(parsed: z.ZodSafeParseResult<unknown>, prefix: string, given: Env): string[] {
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const shown = given[prefix + name] === undefined ? name : prefix + name;
    const value = given[shown] ?? '';
    return `${shown}: ${message}${mayHoldSecret(shown, value) ? '' : `, got "${value}"`}`;
  });
}

/** Besides the secrets themselves: a user's password, or a token, in an address. */
const mayHoldSecret = (name: string, value: string): boolean =>
  secretNames.has(name) || (addressNames.has(name) && /[@?#]/.test(value));

/** The values of one service: its own, else everybody's, else the profile's. */
function layered(given: Env, chosen: Env, prefix: string): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const name of resilienceNames) {
    const value = given[prefix + name] ?? given[name] ?? chosen[name];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Without the blanks and line ends that come with copied values and files from Windows. */
function setIn(env: Env): Env {
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
}

/**
 * Reads the configuration from environment variables; an empty one counts as not set.
 * @throws ConfigError naming every variable that is wrong, its rule, and the value it has
 */
export function readConfig(env: Env): Config {
  const given = setIn(env);
  const base = general.safeParse(given, { error: ruleOf });
  const chosen = profileValues(given['PROFILE']);
  const byService = SERVICES.map((service) => {
    const prefix = prefixOf(service);
    return {
      service,
      prefix,
      parsed: resilience.safeParse(layered(given, chosen, prefix), { error: ruleOf }),
    };
  });
  const problems = new Set([
    ...misspelt(Object.keys(given), knownNames),
    ...problemsOf(base, '', given),
    ...(base.success ? channelProblems(base.data) : []),
    ...byService.flatMap(({ prefix, parsed }) => problemsOf(parsed, prefix, given)),
  ]);
  if (problems.size > 0 || !base.success) {
    throw new ConfigError([...problems]);
  }
  const services = Object.fromEntries(
    byService.map(({ service, parsed }) => [service, parsed.data]),
  ) as Config['services'];
  return { ...base.data, services, settings: settingsOf(given, chosen, base.data, services) };
}

/**
 * The configuration of an agent, which may call people.
 * @param isSimulated whatever keys are set, nobody is called. @default false
 * @throws ConfigError also when there is no number that calls could come from
 */
export function readAgentConfig(env: Env, isSimulated = false): Config {
  const config = readConfig(env);
  const problem = isSimulated ? null : callerProblem(config);
  if (problem !== null) throw new ConfigError([`TWILIO_FROM_NUMBER: ${problem}`]);
  return config;
}

const shown = (name: string, value: unknown): string | number | null => {
  if (value === undefined || value === null) return null;
  if (secretNames.has(name)) return '***';
  return typeof value === 'number' ? value : String(value as string);
};

function settingsOf(
  given: Env,
  chosen: Env,
  base: GeneralConfig,
  services: Config['services'],
): Setting[] {
  const common = resilience.parse(layered(given, chosen, ''));
  const own = SERVICES.flatMap((service) => {
    const values: { readonly [name: string]: unknown } = services[service];
    return resilienceNames
      .map((name) => ({ name: prefixOf(service) + name, value: shown(name, values[name]) }))
      .filter(({ name }) => given[name] !== undefined)
      .map((setting) => ({ ...setting, source: 'environment' }));
  });
  // An optional variable that is not set is missing from what zod gives, but not from what is shown.
  const names = [...resilienceNames, ...Object.keys(general.shape)];
  const values: { readonly [name: string]: unknown } = { ...common, ...base };
  const rest = names.map((name) => {
    const fromProfile = chosen[name] === undefined ? 'default' : `profile ${given['PROFILE']}`;
    const source = given[name] === undefined ? fromProfile : 'environment';
    return { name, value: shown(name, values[name]), source };
  });
  return [...rest, ...own];
}

/** A word of a path is none; tokens have digits, or letters of both cases. */
const isToken = (part: string): boolean =>
  part.length >= 8 && (/\d/.test(part) || (/[a-z]/.test(part) && /[A-Z]/.test(part)));

/** A webhook's token stands in its URL, and whoever repeats it may show that part alone. */
function partsOf(secret: string): string[] {
  if (!URL.canParse(secret) || !/^https?:/.test(secret)) {
    // A Telegram token is the bot's id, which anybody may know, and what makes it a key.
    return [secret, ...(/^\d+:(.+)$/.exec(secret)?.slice(1) ?? [])];
  }
  const { pathname, search, searchParams, username, password } = new URL(secret);
  const tokens = [...pathname.split('/'), ...searchParams.values()].filter(isToken);
  const login = [username, password].filter((part) => part !== '').map(decodeURIComponent);
  return [secret, pathname + search, ...tokens, ...login];
}

export function secretsOf(config: Config): string[] {
  return [...secretNames].flatMap((name) => {
    const value = config[name as keyof GeneralConfig];
    return [value].flat().flatMap((one) => (typeof one === 'string' ? partsOf(one) : []));
  });
}
