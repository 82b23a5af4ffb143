import fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { Desk, jsonOf, refused } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { KEYS, openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 60_000 });

const CALL = ['call', '--name', 'Ada', '--phone', '+14155550101', '--speed', '200'];

describe('call', () => {
  test.concurrent('calls one person', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    const ended = await desk.run([...CALL, '--json'], { env });
    expect(ended.code).toBe(0);
    const step = (service: string) => ({ service, ms: expect.any(Number), ok: true });
    expect(jsonOf(ended)).toStrictEqual({
      status: 'completed',
      disposition: 'answered',
      attempts: { LLM: 1, ElevenLabs: 1, Telephony: 1, CRM: 1 },
      error: null,
      steps: ['LLM', 'ElevenLabs', 'Telephony', 'CRM'].map(step),
    });
    expect(world.dials.map(({ to }) => to)).toEqual(['+14155550101']);
  });

  test.concurrent('--quiet tells how it ended, and nothing else', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { env } = await openAccounts(onTestFinished);
    const ended = await desk.run([...CALL, '--quiet'], { env });
    expect(ended).toMatchObject({ stdout: '✅ CALL COMPLETED SUCCESSFULLY\n', stderr: '' });
  });

  test.concurrent('--simulate-503 fails, and calls nobody real', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    const ended = await desk.run([...CALL, '--simulate-503', '--json'], { env });
    expect(ended.code).toBe(1);
    expect(jsonOf(ended)).toMatchObject({
      status: 'failed',
      attempts: { LLM: 1, ElevenLabs: 4 },
      error: { category: 'TRANSIENT_ERROR', kind: 'ServiceUnavailable', service: 'ElevenLabs' },
    });
    expect(ended.stderr).toContain('❌ Max retries exceeded');
    expect([world.counts.LLM?.work, world.dials.length]).toEqual([0, 0]);
  });

  test.concurrent('refuses what is no number, and does not repeat it', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const ended = await desk.run(['call', '--phone', '+1415555', '--json']);
    expect(ended).toEqual(refused(1, /too short/));
    expect(ended.stderr).not.toContain('+1415555');
    expect(fs.readdirSync(desk.dir)).toEqual([]);
  });
});

describe('config', () => {
  test.concurrent('says what is in force and where it comes from', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('.env', 'RETRY_INITIAL_DELAY=7\n');
    const env = { ...KEYS, RETRY_MAX_ATTEMPTS: '2' };
    const settings = jsonOf(await desk.run(['config', '--json'], { env })) as { name: string }[];
    const setting = (name: string) => settings.find((it) => it.name === name);
    expect(setting('RETRY_MAX_ATTEMPTS')).toMatchObject({ value: 2, source: 'environment' });
    expect(setting('RETRY_INITIAL_DELAY')).toMatchObject({ value: 7, source: '.env' });
    expect(setting('RETRY_BACKOFF_MULTIPLIER')).toMatchObject({ value: 2, source: 'default' });
    const told = await desk.run(['config'], { env });
    for (const key of [KEYS.OPENAI_API_KEY, KEYS.TWILIO_AUTH_TOKEN]) {
      expect(JSON.stringify(settings) + told.stdout).not.toContain(key);
    }
    expect(desk.has('data')).toBe(false);
  });
});

describe('doctor', () => {
  test.concurrent('checks for real, and changes nothing', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    const good = await desk.run(['doctor', '--json'], { env });
    expect(good.code).toBe(0);
    world.plan('CRM', [{ fault: { status: 401 } }]);
    const bad = await desk.run(['doctor'], { env: { ...env, OPENAI_API_KEY: '' } });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/LLM: simulated: .*OPENAI_API_KEY/);
    expect(bad.stdout).toMatch(/CRM: failed: .*401/);
    expect([desk.has('data'), desk.has('logs')]).toEqual([false, false]);
    expect([world.counts.LLM?.work, world.dials.length]).toEqual([0, 0]);
  });
});

describe('campaign check, list and status', () => {
  test.concurrent('check dials nobody, list and status read', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', `${contactList(2)}Bob,12\n`);
    expect(jsonOf(await desk.run(['campaign', 'check', 'list.csv', '--json']))).toMatchObject({
      called: 2,
      skipped: [],
      rejected: [{ line: 4, reason: expect.any(String) }],
      duplicates: 0,
    });
    expect(desk.has('data')).toBe(false);
    expect(jsonOf(await desk.run(['campaign', 'list', '--json']))).toEqual([]);
    expect(await desk.run(['campaign', 'status'])).toEqual(refused(1, /^data holds no campaign/));
    const run = await desk.run(['campaign', 'run', 'list.csv', '--speed', '200', '--json']);
    const status = await desk.run(['campaign', 'status', '--json']);
    expect(reportOf(status)).toEqual(reportOf(run));
    expect(await desk.run(['campaign', 'status', 'fax'])).toEqual(
      refused(1, /no campaign called fax/),
    );
    expect(jsonOf(await desk.run(['campaign', 'list', '--json']))).toEqual([
      expect.objectContaining({ campaign: 'list', state: 'done' }),
    ]);
  });
});
