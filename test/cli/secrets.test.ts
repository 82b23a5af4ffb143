import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { ServiceName } from '../../config.ts';
import { Desk } from './support/desk.ts';
import { contactList, nameOf, numberOf } from './support/lists.ts';
import { KEYS, openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 180_000 });

const ANTHROPIC_API_KEY = 'sk-ant-api03-anthropicSecretOfTheTest';
const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, ...others } = KEYS;
const basic = btoa(`${sid}:${token}`);
const SECRETS = [...Object.values(others), ANTHROPIC_API_KEY, token, basic];

const talk =
  `You sent ${[...Object.values(others), ANTHROPIC_API_KEY, token].join(' and ')} and ` +
  `Authorization: Basic ${basic} for ${nameOf(0)} at ${numberOf(0)}`;

/** Error bodies that repeat everything, in the words of each provider. */
const bodies = {
  openai: { error: { message: talk, type: talk, code: KEYS.OPENAI_API_KEY } },
  anthropic: { type: 'error', error: { type: talk, message: talk }, request_id: ANTHROPIC_API_KEY },
  ElevenLabs: { detail: { status: KEYS.ELEVENLABS_API_KEY, message: talk } },
  Telephony: { code: 21211, message: talk, more_info: talk },
  CRM: {
    status: 'error',
    category: KEYS.HUBSPOT_ACCESS_TOKEN,
    message: talk,
    correlationId: token,
  },
};
const headers = {
  'x-request-id': KEYS.OPENAI_API_KEY,
  'request-id': ANTHROPIC_API_KEY,
  'twilio-request-id': token,
  'x-hubspot-correlation-id': KEYS.HUBSPOT_ACCESS_TOKEN,
  'retry-after': KEYS.ELEVENLABS_API_KEY,
};

function filesBelow(folder: string): { file: string; text: string }[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(folder, file), text: fs.readFileSync(file, 'latin1') }));
}

describe('when every service fails with bodies and headers that repeat the keys', () => {
  test.concurrent.for(['openai', 'anthropic'] as const)(
    'none gets out: %s',
    async (llm, context) => {
      const { onTestFinished } = context;
      const desk = new Desk(onTestFinished);
      const { world, env } = await openAccounts(onTestFinished, { llm });
      const plans: readonly (readonly [ServiceName, number, object])[] = [
        ['LLM', 500, bodies[llm]],
        ['ElevenLabs', 413, bodies.ElevenLabs],
        ['Telephony', 400, bodies.Telephony],
        ['CRM', 500, bodies.CRM],
      ];
      for (const [service, status, body] of plans) {
        world.plan(service, [
          { match: 'work', times: 1, fault: { status, body, headers } },
          { match: 'health', fault: { status: 503, body, headers } },
        ]);
      }
      desk.write('list.csv', contactList(4));
      const anthropic = {
        LLM_PROVIDER: llm,
        ANTHROPIC_API_KEY,
        ANTHROPIC_BASE_URL: world.urls.LLM,
      };
      const talkative = { DEBUG: '1', OPENAI_LOG: 'debug', ANTHROPIC_LOG: 'debug' };
      const all = { ...env, ...anthropic, ...talkative, RETRY_MAX_ATTEMPTS: '0' };
      const run = ['campaign', 'run', 'list.csv', '--speed', '200', '--concurrency', '1', '--json'];
      const ended = await desk.run(run, { env: all });
      const report = reportOf(ended);
      expect(report.contacts).toMatchObject({ total: 4, completed: 1, failed: 3 });
      expect(report.calls.map(({ error }) => error?.service)).toEqual([
        'LLM',
        'ElevenLabs',
        'Telephony',
        undefined,
      ]);
      const readers = [['doctor'], ['tail', '--json']];
      const said = await Promise.all(readers.map((args) => desk.run(args, { env: all })));

      for (const { stdout, stderr } of [ended, ...said]) {
        expect(SECRETS.filter((secret) => (stdout + stderr).includes(secret))).toEqual([]);
      }
      const files = filesBelow(desk.dir);
      const journal = files.filter(({ file }) => file.includes('journal'));
      expect(journal.some(({ text }) => text.includes('You sent ***'))).toBe(true);
      const leaks = files.flatMap(({ file, text }) =>
        SECRETS.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${file}`),
      );
      expect(leaks).toEqual([]);
    },
  );
});
