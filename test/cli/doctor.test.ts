import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFile, checkFolder } from '../../cli/check-folder.ts';
import { checkKeyProperty } from '../../cli/key-property.ts';
import { checkServices, type Finding } from '../../cli/preflight.ts';
import { readConfig } from '../../config.ts';
import type { WorldOptions } from '../../scenarios/world/world.ts';
import { dataFolder } from '../support/agent.ts';
import type { OnTestFinished } from './support/desk.ts';
import { KEYS, openAccounts } from './support/providers.ts';

type Settings = Readonly<Record<string, string>>;

const withoutTime = ({ message, ...rest }: Finding): Finding => ({
  ...rest,
  message: message.replace(/ \(answered in \d+ ms\)$/, ''),
});

const of = (findings: readonly Finding[], service: string): Finding | undefined =>
  findings.map(withoutTime).find(({ what }) => what === service);

async function openDesk(onTestFinished: OnTestFinished, options: Omit<WorldOptions, 'clock'> = {}) {
  const { world, env } = await openAccounts(onTestFinished, options);
  const check = (settings: Settings = {}) =>
    checkServices(readConfig({ ...env, HEALTH_CHECK_TIMEOUT: '20', ...settings }));
  const checkProperty = () => checkKeyProperty(readConfig(env));
  return { world, check, checkProperty };
}

describe('doctor asks each service', () => {
  test('and says what its key is good for', async ({ onTestFinished }) => {
    const { check } = await openDesk(onTestFinished, { characterLimit: 3_000 });
    const findings = await check();
    const accepted = "the key is accepted; what is left of its quota can't be asked";
    expect(of(findings, 'LLM')).toEqual({ what: 'LLM', state: 'ok', message: accepted });
    expect(of(findings, 'Telephony')?.message).toBe(accepted);
    expect(of(findings, 'CRM')?.message).toBe('the key is accepted');
    expect(of(findings, 'ElevenLabs')?.message).toBe(
      'the key is accepted; 3,000 characters are left, enough for about 10 scripts',
    );
  });

  test.for(['LLM', 'ElevenLabs', 'Telephony', 'CRM'] as const)(
    '%s refuses the key: the others are asked all the same',
    async (service, { onTestFinished }) => {
      const { world, check } = await openDesk(onTestFinished);
      world.plan(service, [{ fault: { status: 401 } }]);
      const findings = await check();
      const failed = findings.filter(({ state }) => state === 'failed');
      expect(failed).toEqual([
        { what: service, state: 'failed', message: expect.stringContaining('401') },
      ]);
      const said = JSON.stringify(findings);
      for (const key of Object.values(KEYS)) expect(said).not.toContain(key);
    },
  );

  test('and does not wait for ever', async ({ onTestFinished }) => {
    const { world, check } = await openDesk(onTestFinished);
    world.plan('ElevenLabs', [{ fault: { hang: 'headers' } }]);
    world.plan('CRM', [{ fault: { hang: 'body' } }]);
    const findings = await check({ HEALTH_CHECK_TIMEOUT: '0.5' });
    for (const service of ['ElevenLabs', 'CRM']) {
      expect(of(findings, service)).toEqual({
        what: service,
        state: 'failed',
        message: 'no answer within 0.5 s',
      });
    }
  });
});

describe('doctor says what is missing', () => {
  const half = 'simulated, because a part is missing: set ';

  test('where nothing is set', async () => {
    const findings = await checkServices(readConfig({}));
    expect(findings.map(({ what, state }) => `${what} ${state}`)).toEqual([
      'LLM simulated',
      'ElevenLabs simulated',
      'Telephony simulated',
      'CRM simulated',
    ]);
    for (const { message } of findings) expect(message).toMatch(/^set [A-Z_]+.* \(.+\)$/);
  });

  test('where a part is set', async () => {
    const settings = { LLM_PROVIDER: 'anthropic', TWILIO_ACCOUNT_SID: KEYS.TWILIO_ACCOUNT_SID };
    const findings = await checkServices(readConfig(settings));
    expect(of(findings, 'LLM')).toMatchObject({ state: 'warning' });
    expect(of(findings, 'LLM')?.message.startsWith(`${half}OPENAI_API_KEY`)).toBe(true);
    expect(of(findings, 'Telephony')?.message.startsWith(`${half}TWILIO_ACCOUNT_SID`)).toBe(true);
    expect(of(findings, 'ElevenLabs')?.state).toBe('simulated');
  });

  test('where HubSpot lacks the property', async ({ onTestFinished }) => {
    const { checkProperty } = await openDesk(onTestFinished, { hasKeyProperty: false });
    const [finding, ...others] = await checkProperty();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ what: 'CRM', state: 'warning' });
    expect(finding?.message).toMatch(/before calls have the property call_agent_key: create it in/);
  });

  test('not where HubSpot has it, and not what it can’t see', async ({ onTestFinished }) => {
    const { world, checkProperty } = await openDesk(onTestFinished);
    expect(await checkProperty()).toEqual([]);
    world.plan('CRM', [{ fault: { status: 403 } }]);
    const [unseen] = await checkProperty();
    expect(unseen?.state).toBe('warning');
    expect(unseen?.message).toMatch(/^it can't be seen whether calls have .*403/);
  });
});

describe('doctor looks where it will write', () => {
  test('and a folder that is there, or can be made, will do', () => {
    const dir = dataFolder();
    const deep = path.join(dir, 'a', 'b');
    for (const folder of [dir, deep]) {
      const message = `${folder} can be written`;
      expect(checkFolder('data folder', folder)).toMatchObject({ state: 'ok', message });
    }
    expect(checkFile('log file', path.join(deep, 'log.json')).state).toBe('ok');
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  test('and a file where a folder should be will not', () => {
    const file = path.join(dataFolder(), 'logs');
    fs.writeFileSync(file, '');
    const message = expect.stringMatching(`^${file} is a file where a folder should be`) as string;
    for (const log of ['log.json', 'deeper/log.json']) {
      const found = checkFile('log file', path.join(file, log));
      expect(found).toEqual({ what: 'log file', state: 'failed', message });
    }
    expect(checkFolder('data folder', file).state).toBe('failed');
  });

  test('nor will a folder where the file should be', () => {
    const dir = dataFolder();
    const message = expect.stringContaining('is a folder where a file should be') as string;
    expect(checkFile('log file', dir)).toMatchObject({ state: 'failed', message });
  });
});
