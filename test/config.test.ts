import fs from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { envExample } from '../config/example.ts';
import { general, groups, resilienceNames } from '../config/groups.ts';
import {
  callingRulesOf,
  llmProviderOf,
  readAgentConfig,
  readConfig,
  secretsOf,
  simulatedServices,
} from '../config.ts';

const sourceOf = (env: Record<string, string>, name: string): string | undefined =>
  readConfig(env).settings.find((setting) => setting.name === name)?.source;

describe('the configuration', () => {
  test('has a default for everything', () => {
    const { services, LOG_FILE_PATH } = readConfig({});
    expect(services.ElevenLabs).toMatchObject({ RETRY_INITIAL_DELAY: 5, RETRY_MAX_ATTEMPTS: 3 });
    expect(LOG_FILE_PATH).toBe('logs/error_logs.json');
  });

  test('takes an empty variable for one that is not set', () => {
    expect(readConfig({ RETRY_MAX_ATTEMPTS: '' }).services.LLM.RETRY_MAX_ATTEMPTS).toBe(3);
    expect(readConfig({ RETRY_MAX_ATTEMPTS: ' ' }).services.LLM.RETRY_MAX_ATTEMPTS).toBe(3);
  });

  test('takes a value without the blanks and line ends around it', () => {
    const env = { ELEVENLABS_VOICE_ID: 'abc\r', OPENAI_MODEL: ' gpt-4o ', PROFILE: 'production\r' };
    expect(readConfig(env)).toMatchObject({
      ELEVENLABS_VOICE_ID: 'abc',
      OPENAI_MODEL: 'gpt-4o',
      PROFILE: 'production',
    });
  });

  test('gives a service its own value, and the others everybody’s', () => {
    const { services } = readConfig({
      RETRY_MAX_ATTEMPTS: '2',
      ELEVENLABS_RETRY_MAX_ATTEMPTS: '5',
    });
    expect(services.ElevenLabs.RETRY_MAX_ATTEMPTS).toBe(5);
    expect(services.CRM.RETRY_MAX_ATTEMPTS).toBe(2);
  });

  test.each([
    ['low-traffic', 5, 3, 3, 60],
    ['high-traffic', 2, 2, 5, 30],
    ['production', 3, 3, 5, 45],
  ])('has a profile for %s', (PROFILE, delay, retries, threshold, timeout) => {
    expect(readConfig({ PROFILE }).services.LLM).toMatchObject({
      RETRY_INITIAL_DELAY: delay,
      RETRY_MAX_ATTEMPTS: retries,
      CIRCUIT_BREAKER_FAILURE_THRESHOLD: threshold,
      CIRCUIT_BREAKER_TIMEOUT: timeout,
    });
  });

  test('lets a variable win over the profile, and says where each value comes from', () => {
    const env = { PROFILE: 'production', RETRY_INITIAL_DELAY: '1' };
    expect(readConfig(env).services.LLM.RETRY_INITIAL_DELAY).toBe(1);
    expect(sourceOf(env, 'RETRY_INITIAL_DELAY')).toBe('environment');
    expect(sourceOf(env, 'CIRCUIT_BREAKER_TIMEOUT')).toBe('profile production');
    expect(sourceOf(env, 'REQUEST_TIMEOUT')).toBe('default');
  });

  test('shows numbers as numbers, those of one service too', () => {
    const { settings } = readConfig({ LLM_RETRY_MAX_ATTEMPTS: '7', RETRY_MAX_ATTEMPTS: '2' });
    const shown = settings.filter(({ name }) => name.endsWith('RETRY_MAX_ATTEMPTS'));
    expect(shown.map(({ value }) => value)).toEqual([2, 7]);
  });

  test('shows what is not set, too', () => {
    const shown = readConfig({}).settings.find(({ name }) => name === 'OPENAI_API_KEY');
    expect(shown).toEqual({ name: 'OPENAI_API_KEY', value: null, source: 'default' });
  });

  test('explains every variable in one line', () => {
    for (const { schema } of groups) {
      for (const [name, variable] of Object.entries(schema.shape)) {
        expect((variable as z.ZodType).description, name).toMatch(/^\S.*\S$/);
      }
    }
    expect(groups.flatMap(({ schema }) => Object.keys(schema.shape)).toSorted()).toEqual(
      [...Object.keys(general.shape), ...resilienceNames].toSorted(),
    );
  });

  test('never shows a secret', () => {
    const secret = 'sk-1234567890';
    const config = readConfig({ OPENAI_API_KEY: secret });
    expect(JSON.stringify(config.settings)).not.toContain(secret);
    expect(secretsOf(config)).toEqual([secret]);
  });
});

describe('.env.example', () => {
  const committed = fs.readFileSync(new URL('../.env.example', import.meta.url), 'utf8');

  test('is what `call-agent config --example` prints', () => {
    expect(committed).toBe(envExample());
  });

  test('has every variable, and copied as it is changes nothing', () => {
    const named = [...committed.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const every = groups.flatMap(({ schema }) => Object.keys(schema.shape));
    expect(new Set(named)).toEqual(new Set(every));
    expect(readConfig(parseEnv(committed))).toEqual(readConfig({}));
  });

  test('gives as defaults what is in force without it', () => {
    const uncommented = committed.replaceAll(/^# ([A-Z][A-Z0-9_]+=)/gm, '$1');
    expect(readConfig(parseEnv(uncommented)).services).toEqual(readConfig({}).services);
  });
});

describe('a wrong value', () => {
  test.each([
    [{ RETRY_INITIAL_DELAY: 'abc' }, /RETRY_INITIAL_DELAY: .*got "abc"/],
    [{ RETRY_MAX_ATTEMPTS: '-1' }, /RETRY_MAX_ATTEMPTS: .*got "-1"/],
    [{ RETRY_MAX_ATTEMPTS: '1.5' }, /RETRY_MAX_ATTEMPTS: .*got "1.5"/],
    [{ CIRCUIT_BREAKER_TIMEOUT: 'NaN' }, /CIRCUIT_BREAKER_TIMEOUT: .*got "NaN"/],
    [{ ELEVENLABS_REQUEST_TIMEOUT: '0' }, /ELEVENLABS_REQUEST_TIMEOUT: .*got "0"/],
    [{ OPENAI_BASE_URL: 'not a url' }, /OPENAI_BASE_URL: .*got "not a url"/],
    [{ PROFILE: 'fast' }, /PROFILE: .*got "fast"/],
    [{ CALL_WINDOW: '21-8' }, /CALL_WINDOW: must be off or two hours of one day.*got "21-8"/],
    [{ RETRY_MAX_ATEMPTS: '3' }, /RETRY_MAX_ATEMPTS is not known: did you mean RETRY_MAX_ATTEMPTS/],
    [{ ELEVENLAB_API_KEY: 'k' }, /ELEVENLAB_API_KEY is not known: did you mean ELEVENLABS_API_KEY/],
    [
      { RERTY_MAX_ATTEMPTS: '3' },
      /RERTY_MAX_ATTEMPTS is not known: did you mean RETRY_MAX_ATTEMPTS/,
    ],
    [{ PROFIL: 'production' }, /PROFIL is not known: did you mean PROFILE/],
    [{ ELEVENLABS_VOICE: 'x' }, /_VOICE is not known: did you mean ELEVENLABS_VOICE_ID/],
    [{ ELEVENLABS_MODEL_ID: 'x' }, /_MODEL_ID is not known: did you mean ELEVENLABS_MODEL\?/],
    [{ TWILIO_PHONE_NUMBER: '+1' }, /_PHONE_NUMBER is not known: did you mean TWILIO_FROM_NUMBER/],
    [{ TWILIO_SID: 'x' }, /TWILIO_SID is not known: did you mean TWILIO_ACCOUNT_SID/],
    [{ OPENAI_KEY: 'x' }, /OPENAI_KEY is not known: did you mean OPENAI_API_KEY/],
    [{ openai_api_key: 'x' }, /openai_api_key is not known: did you mean OPENAI_API_KEY/],
    [{ OPENAI_RETRY_MAX_ATTEMPTS: '1' }, /is not known: did you mean LLM_RETRY_MAX_ATTEMPTS/],
    [{ TWILIO_REQUEST_TIMEOUT: '1' }, /is not known: did you mean TELEPHONY_REQUEST_TIMEOUT/],
    [{ retry_initial_delay: '1' }, /retry_initial_delay is not known: did you mean RETRY_/],
  ])('%j is refused with name, rule and value', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });

  test('is told together with all the others', () => {
    const env = { RETRY_INITIAL_DELAY: 'x', HEALTH_CHECK_TIMEOUT: 'y' };
    expect(() => readConfig(env)).toThrow(/RETRY_INITIAL_DELAY.*HEALTH_CHECK_TIMEOUT/);
  });

  test('leaves other programs’ variables alone', () => {
    expect(() =>
      readConfig({
        OPENAI_ORGANIZATION: 'x',
        XAI_API_KEY: 'x',
        AWS_PROFILE: 'x',
        PATH: '/bin',
        NODE_ENV: 'test',
        OPENAI_ORG_ID: 'x',
        OPENAI_PROJECT_ID: 'x',
        OPENAI_ADMIN_KEY: 'x',
        OPENAI_API_KEY_PATH: 'x',
        OPENAI_LOG: 'x',
        TWILIO_API_KEY: 'x',
        TWILIO_API_SECRET: 'x',
        TWILIO_EDGE: 'x',
        TWILIO_REGION: 'x',
        TWILIO_MESSAGING_SERVICE_SID: 'x',
        TWILIO_WEBHOOK_URL: 'x',
        ANTHROPIC_AUTH_TOKEN: 'x',
        ANTHROPIC_SMALL_FAST_MODEL: 'x',
        HUBSPOT_API_KEY: 'x',
        PUBLIC_URL: 'x',
        profile: 'x',
        http_proxy: 'x',
      }),
    ).not.toThrow();
  });

  test('leaves them alone, too, where the name we know is set beside them', () => {
    const ours = { OPENAI_API_KEY: 'x', ELEVENLABS_MODEL: 'x', LLM_REQUEST_TIMEOUT: '9' };
    const theirs = { OPENAI_KEY: 'y', ELEVENLABS_MODEL_ID: 'y', OPENAI_REQUEST_TIMEOUT: '99' };
    expect(() => readConfig({ ...ours, ...theirs })).not.toThrow();
  });

  test.each([
    ['OPENAI_BASE_URL', 'https://bob:hunter2@example.com/v1'],
    ['TWILIO_BASE_URL', 'https://hunter2@example.com'],
    ['HUBSPOT_BASE_URL', 'https://example.com?key=hunter2'],
    ['TELEGRAM_API_ROOT', 'https://example.com/#hunter2'],
    ['PUBLIC_BASE_URL', 'https://bob:hunter2@example.com'],
    ['ANTHROPIC_BASE_URL', 'htps://bob:hunter2@example.com'],
    ['ELEVENLABS_BASE_URL', 'bob:hunter2@example.com'],
    ['EMAIL_SMTP_SERVER', 'smtps://bob:hunter2@example.com'],
  ])('of %s is not repeated where a secret stands in it', (name, value) => {
    const attempt = (): unknown => readConfig({ [name]: value });
    expect(attempt).toThrow(new RegExp(`${name}: must be `));
    expect(attempt).not.toThrow(/hunter2/);
  });
});

describe('a service without a key', () => {
  test('is simulated', () => {
    expect(simulatedServices(readConfig({}))).toEqual(['LLM', 'ElevenLabs', 'Telephony', 'CRM']);
    expect(
      simulatedServices(readConfig({ ELEVENLABS_API_KEY: 'k', HUBSPOT_ACCESS_TOKEN: 'k' })),
    ).toEqual(['LLM', 'Telephony']);
  });

  test('has the LLM that was asked for, else the first with a key', () => {
    const both = { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b' };
    expect(llmProviderOf(readConfig(both))).toBe('openai');
    expect(llmProviderOf(readConfig({ ...both, LLM_PROVIDER: 'anthropic' }))).toBe('anthropic');
    expect(llmProviderOf(readConfig({ ANTHROPIC_API_KEY: 'b' }))).toBe('anthropic');
    expect(
      llmProviderOf(readConfig({ OPENAI_API_KEY: 'a', LLM_PROVIDER: 'anthropic' })),
    ).toBeNull();
  });

  test('is dialled at any hour and pace; a real one is not', () => {
    expect(callingRulesOf(readConfig({}), true)).toMatchObject({
      window: 'off',
      callsPerSecond: null,
    });
    expect(callingRulesOf(readConfig({}), false)).toMatchObject({
      window: '8-21',
      callsPerSecond: 1,
    });
    const env = { CALL_WINDOW: 'off', CALLS_PER_SECOND: 'off', REQUIRE_CONSENT: 'on' };
    expect(callingRulesOf(readConfig(env), false)).toEqual({
      window: 'off',
      callsPerSecond: null,
      requiresConsent: true,
    });
  });
});

describe('an agent with real telephony', () => {
  const account = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'x' };

  test('needs a number to call from', () => {
    expect(() => readAgentConfig(account)).toThrow(/TWILIO_FROM_NUMBER: must be set to a number/);
    const complete = { ...account, TWILIO_FROM_NUMBER: '+14155550100' };
    expect(readAgentConfig(complete)).toEqual(readConfig(complete));
  });

  test('needs none where nobody is called', () => {
    expect(() => readAgentConfig(account, true)).not.toThrow();
    expect(() => readAgentConfig({})).not.toThrow();
  });
});

describe('what a value must be', () => {
  test.each([
    [{ RETRY_MAX_ATTEMPTS: 'x' }, 'RETRY_MAX_ATTEMPTS: must be a number, got "x"'],
    [{ RETRY_MAX_ATTEMPTS: '1.5' }, 'RETRY_MAX_ATTEMPTS: must be a whole number, got "1.5"'],
    [{ RETRY_MAX_ATTEMPTS: '-1' }, 'RETRY_MAX_ATTEMPTS: must be at least 0, got "-1"'],
    [{ RETRY_INITIAL_DELAY: '0' }, 'RETRY_INITIAL_DELAY: must be more than 0, got "0"'],
    [{ METRICS_PORT: '99999' }, 'METRICS_PORT: must be at most 65535, got "99999"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: must be debug, info, warn or error, got "loud"'],
    [{ CALLS_PER_SECOND: 'fast' }, 'CALLS_PER_SECOND: must be a number, or off, got "fast"'],
    [{ OPENAI_BASE_URL: 'ftp://x' }, 'OPENAI_BASE_URL: must be an address such as'],
    [{ TWILIO_FROM_NUMBER: 'abc' }, 'TWILIO_FROM_NUMBER: must be a number such as +14155550100'],
  ])('%j is refused with its rule', (env, sentence) => {
    expect(() => readConfig(env)).toThrow(sentence);
  });
});
