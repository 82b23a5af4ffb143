import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Desk, jsonOf } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly message: string;
}

const findingsAbout = (value: unknown, ...whats: string[]): Finding[] =>
  (value as Finding[]).filter(({ what }) => whats.includes(what));

/** A port of this machine that nobody uses just now. */
async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What has to be set for the voice to be heard; nobody stands between the two but this machine. */
async function publicly(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const port = String(await freePort());
  return { ...env, PUBLIC_BASE_URL: `http://127.0.0.1:${port}/`, PUBLIC_PORT: port };
}

test('doctor goes out to the public address', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const { env } = await openAccounts(onTestFinished);
  const ended = await desk.run(['doctor', '--json'], { env: await publicly(env) });
  expect(findingsAbout(jsonOf(ended), 'public address')).toEqual([
    { what: 'public address', state: 'ok', message: expect.stringMatching(/leads to the agent/) },
  ]);
  expect(ended.code).toBe(0);
  expect(ended.stdout).not.toContain('own voice');
});

test('doctor fails when nobody is there, and warns of this machine’s own', async (test) => {
  const desk = new Desk(test.onTestFinished);
  const env = {
    TWILIO_ACCOUNT_SID: 'AC01',
    TWILIO_AUTH_TOKEN: 'x'.repeat(32),
    TWILIO_FROM_NUMBER: '+14155550199',
    PUBLIC_BASE_URL: `http://localhost:${await freePort()}`,
    PUBLIC_PORT: '0',
    // Nothing of the test is to leave this machine.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
  };
  const ended = await desk.run(['doctor', '--json'], { env });
  expect(ended.code).toBe(1);
  expect(findingsAbout(jsonOf(ended), 'public address')).toEqual([
    {
      what: 'public address',
      state: 'failed',
      message: expect.stringMatching(
        /can't be reached \(ECONNREFUSED\)\. Lead it to 127\.0\.0\.1:\d+/,
      ),
    },
    {
      what: 'public address',
      state: 'warning',
      message: expect.stringMatching(/this machine's alone: Twilio can't reach it$/),
    },
  ]);
});

test('campaign check says whose voice is heard', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const { env } = await openAccounts(onTestFinished);
  desk.write('list.csv', contactList(1));
  const check = ['campaign', 'check', 'list.csv'];
  const [heard, spoken] = await Promise.all([
    desk.run([...check, '--json'], { env: await publicly(env) }),
    desk.run(check, { env }),
  ]);
  expect(jsonOf(heard)).toMatchObject({ voice: 'ElevenLabs' });
  expect(spoken.stdout).toMatch(
    /^! Telephony: warning: Twilio speaks .* can't be heard: set PUBLIC_BASE_URL to an https address/m,
  );
});

test('a campaign plays the ElevenLabs voice to everybody', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  // Long enough to fetch the audio at this speed.
  const callTimings = { talkMs: 600_000 };
  const { world, env } = await openAccounts(onTestFinished, { callTimings });
  desk.write('list.csv', contactList(2));
  const run = ['campaign', 'run', 'list.csv', '--speed', '200'];
  const ended = await desk.run(run, { env: await publicly(env) });
  expect(ended.code).toBe(0);
  expect(ended.stderr).not.toMatch(/own voice|refused/);
  expect(world.played.map(({ status }) => status)).toEqual([200, 200]);
});

test('a campaign says first that it calls people, and by whose voice', async (test) => {
  const desk = new Desk(test.onTestFinished);
  const { world, env } = await openAccounts(test.onTestFinished);
  desk.write('list.csv', contactList(1));
  const run = ['campaign', 'run', 'list.csv', '--speed', '200'];
  const ended = await desk.run(run, { env: { ...env, HUBSPOT_ACCESS_TOKEN: '' } });
  expect([world.dials.length, world.played.length]).toEqual([1, 0]);
  expect(ended.stderr.split('\n').slice(0, 2)).toEqual([
    'Simulated, because no key is set: CRM. People are really called.',
    expect.stringMatching(
      /^Twilio speaks the script with its own voice; the ElevenLabs voice can't/,
    ),
  ]);
});
