import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { olderNode } from './support/older-node.ts';
import { Desk, refused, expectTidy, jsonOf } from './support/desk.ts';
import { contactList, nameOf, numberOf } from './support/lists.ts';
import { KEYS, openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 60_000 });

const RUN = ['campaign', 'run', 'list.csv', '--speed', '200', '--json'];

describe('a wrong value', () => {
  const cases: readonly (readonly [name: string, value: string, rule: RegExp])[] = [
    ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', '0', /must be at least 1/],
    ['ELEVENLABS_BASE_URL', 'example.com', /must be an address/],
  ];

  test.concurrent.for(cases)('%s=%s is refused', async ([name, value, rule], context) => {
    const desk = new Desk(context.onTestFinished);
    desk.write('list.csv', contactList(1));
    const ended = await desk.run(RUN, { env: { [name]: value } });
    expect(ended).toEqual(refused(1, new RegExp(`${name}: .*, got "${value}"`), rule));
    expect(desk.has('data')).toBe(false);
  });

  test.concurrent('all of them are named at once', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(1));
    const env = { RETRY_INITIAL_DELAY: 'abc', HEALTH_CHECK_INTERVAL: '-1' };
    const sentence = /RETRY_INITIAL_DELAY: .*"abc".*HEALTH_CHECK_INTERVAL: .*"-1"/;
    expect(await desk.run(RUN, { env })).toEqual(refused(1, sentence));
  });
});

describe('.env', () => {
  test.concurrent('is read from the folder it is run in', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(1));
    desk.write('.env', '\uFEFFRETRY_INITIAL_DELAY=abc\nLOG_FILE_PATH=kept/errors.jsonl\n');
    const env = { HEALTH_CHECK_INTERVAL: '-1' };
    expect(await desk.run(RUN, { env })).toEqual(
      refused(1, /RETRY_INITIAL_DELAY: .*"abc" \(in \.env\); HEALTH_CHECK_INTERVAL: .*"-1"\.$/),
    );
  });

  test.concurrent('gives way to the environment', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    world.plan('LLM', [{ match: 'work', times: 1, fault: { status: 503 } }]);
    desk.write('list.csv', contactList(1));
    desk.write('.env', 'LOG_FILE_PATH=kept/errors.jsonl\nRETRY_INITIAL_DELAY=abc\n');
    const ended = await desk.run(RUN, { env: { ...env, RETRY_INITIAL_DELAY: '1' } });
    expect(ended.code).toBe(0);
    expect(JSON.parse(desk.read('kept', 'errors.jsonl').split('\n')[0] ?? '')).toMatchObject({
      service_name: 'LLM',
      error_category: 'TRANSIENT_ERROR',
      circuit_breaker_state: 'CLOSED',
    });
  });

  test.concurrent('fills in for a variable that is empty', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('.env', 'LOG_LEVEL=warn\nRETRY_MAX_ATTEMPTS=7\n');
    const env = { LOG_LEVEL: '', RETRY_MAX_ATTEMPTS: ' ' };
    const settings = jsonOf(await desk.run(['config', '--json'], { env }));
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: 'LOG_LEVEL', value: 'warn', source: '.env' },
        { name: 'RETRY_MAX_ATTEMPTS', value: 7, source: '.env' },
      ]),
    );
  });
});

describe('real telephony without a number to call from', () => {
  const cases: readonly (readonly string[])[] = [
    RUN,
    ['campaign', 'resume'],
    ['call', '--name', 'Ada', '--phone', '+14155550101'],
  ];

  test.concurrent.for(cases)('%s is refused before anything is paid for', async (args, context) => {
    const desk = new Desk(context.onTestFinished);
    const { world, env } = await openAccounts(context.onTestFinished);
    desk.write('list.csv', contactList(1));
    desk.write('data/journal/empty', '');
    const ended = await desk.run(args, { env: { ...env, TWILIO_FROM_NUMBER: '' } });
    expect(ended).toEqual(refused(1, /TWILIO_FROM_NUMBER: must be set to a number of your Twilio/));
    expect(world.counts.LLM?.work ?? 0).toBe(0);
  });
});

describe('the log file', () => {
  test.concurrent('holds one object a line, in logs/', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    await desk.run(['scenario', 'outage-503', '--speed', '200', '--quiet']);
    const entries = desk
      .read('logs', 'error_logs.json')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map((entry) => entry['retry_count'])).toEqual(
      expect.arrayContaining([0, 1, 2, 3]),
    );
    for (const entry of entries) {
      expect(entry).toMatchObject({
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service_name: 'ElevenLabs',
        error_category: expect.toBeOneOf(['TRANSIENT_ERROR', null]),
        retry_count: expect.any(Number),
        circuit_breaker_state: expect.toBeOneOf(['CLOSED', 'OPEN', 'HALF_OPEN', 'ISOLATED']),
        message: expect.any(String),
      });
    }
  });
});

/** Every file below a folder with its path and its bytes. */
function filesBelow(folder: string): { file: string; text: string }[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(folder, file), text: fs.readFileSync(file, 'latin1') }));
}

const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, ...others } = KEYS;
const SECRETS = [...Object.values(others), token, btoa(`${sid}:${token}`)];

describe('with keys for all services', () => {
  test.concurrent('they are called, and nothing is simulated', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(3));
    const ended = await desk.run(RUN, { env });
    expect(ended.code).toBe(0);
    expect(reportOf(ended).contacts).toMatchObject({ total: 3, completed: 3 });
    expect(ended.stdout + ended.stderr).not.toMatch(/simulated/i);
    expect(world.dials.map(({ to }) => to).toSorted()).toEqual([0, 1, 2].map(numberOf));
    expect([world.counts.LLM?.work, world.counts.ElevenLabs?.work]).toEqual([3, 3]);
    expect(filesBelow(desk.path('data', 'contacts')).map(({ file }) => file)).toEqual([
      'list.jsonl',
    ]);
  });

  test.concurrent('one without a key alone is simulated, and named', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(1));
    const ended = await desk.run(RUN, { env: { ...env, TWILIO_AUTH_TOKEN: '' } });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^Simulated, because no key is set: Telephony\./);
    expect(world.dials).toHaveLength(0);
    expect(world.counts.CRM?.work).toBeGreaterThan(0);
  });

  test.concurrent('no key, number or name gets out', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', `${contactList(2)}Rejected,+1415555\n`);
    // A provider that repeats all it was told, and more.
    const message = `Bad key ${KEYS.OPENAI_API_KEY} for ${nameOf(0)} at ${numberOf(0)}`;
    const body = { error: { message, type: 'server_error', code: null } };
    world.plan('LLM', [{ match: 'work', times: 1, fault: { status: 503, body } }]);
    const once = { ...env, RETRY_MAX_ATTEMPTS: '0' };
    const ended = await desk.run([...RUN, '--concurrency', '1'], { env: once });
    expect(ended.code).toBe(0);
    const report = reportOf(ended);
    expect(report.contacts).toMatchObject({ completed: 1, failed: 1 });
    expect(report.calls[0]?.error?.message).toMatch(/^LLM answered 503: Bad key \*\*\* for /);
    const readers = [
      ['tail', '--json'],
      ['replay', '--json'],
      ['verify', '--json'],
    ];
    const said = await Promise.all(readers.map((args) => desk.run(args, { env })));

    for (const { stdout, stderr } of [ended, ...said]) {
      for (const secret of SECRETS) expect((stdout + stderr).includes(secret)).toBe(false);
      for (const index of [0, 1]) expect(stdout + stderr).not.toContain(numberOf(index));
    }
    for (const { stdout } of said) expect(stdout).not.toContain(nameOf(0));

    const files = filesBelow(desk.dir).filter(({ file }) => file !== 'list.csv');
    expect(files.map(({ file }) => file.split(path.sep).slice(0, 2).join('/'))).toEqual(
      expect.arrayContaining(['data/journal', 'data/contacts', 'logs/error_logs.json']),
    );
    const leaks = files.flatMap(({ file, text }) => {
      const mayHoldContacts = /data.contacts|rejected\.csv/.test(file);
      const numbers = mayHoldContacts ? [] : [numberOf(0), numberOf(1)];
      const names = /journal|logs/.test(file) ? [nameOf(0), nameOf(1)] : [];
      const forbidden = [...SECRETS, ...numbers, ...names];
      return forbidden.filter((word) => text.includes(word)).map((word) => `${word} in ${file}`);
    });
    expect(leaks).toEqual([]);
  });

  test.concurrent('a key that is not accepted pauses the campaign', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(3));
    world.plan('LLM', [{ match: 'work', fault: { status: 401 } }]);
    const paused = await desk.run([...RUN, '--concurrency', '1'], { env });
    expect(paused.code).toBe(3);
    expect(reportOf(paused)).toMatchObject({
      state: 'paused',
      pausedBy: { service: 'LLM', kind: 'Authentication', code: 'invalid_api_key' },
      contacts: { total: 3, completed: 0, failed: 0 },
    });
    expect(world.counts.LLM?.work, 'the others are not tried').toBe(1);
    world.plan('LLM', []);
    const resumed = await desk.run(RUN, { env });
    expect(resumed.code).toBe(0);
    expect(reportOf(resumed)).toMatchObject({
      state: 'done',
      pausedBy: null,
      contacts: { completed: 3 },
    });
  });
});

describe('call-agent.js', () => {
  const launcher = fileURLToPath(new URL('../../cli/call-agent.js', import.meta.url));

  const older = olderNode();
  const nodes = [process.execPath, ...(older === null ? [] : [older])];
  const why = older === null ? ' (skipped: no older Node on this machine)' : '';

  test.concurrent.for(nodes)('under %s passes words and exit codes', async (node, context) => {
    const desk = new Desk(context.onTestFinished);
    const run = (...args: string[]) => desk.startCommand(node, [launcher, ...args]).ended;
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: npx call-agent');
    expect(await run('frobnicate')).toEqual(refused(2, /no command "frobnicate"/));
    expect(await run('campaign', 'run', 'nowhere.csv')).toEqual(refused(1, /no file nowhere\.csv/));
    expect(jsonOf(await run('status', '--json'))).toHaveProperty('services.LLM');
  });

  const isMissing = older === null;

  test.concurrent(`an older Node passes signals on${why}`, { skip: isMissing }, async (context) => {
    const { onTestFinished } = context;
    const { world, env } = await openAccounts(onTestFinished);
    world.plan('LLM', [{ match: 'work', fault: { hang: 'headers' } }]);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const desk = new Desk(onTestFinished);
      desk.write('list.csv', contactList(1));
      const program = desk.startCommand(older ?? '', [launcher, ...RUN], { env });
      await program.says(/📝 Asking the LLM for a script/);
      const ended = await program.stop(signal);
      expectTidy(ended);
      expect(ended).toMatchObject({ code: 130, signal: null });
      expect(reportOf(ended).state).toBe('stopped');
    }
  });

  test.concurrent(`a kill -9 of an older Node ends both${why}`, { skip: isMissing }, async (it) => {
    const { world, env } = await openAccounts(it.onTestFinished);
    world.plan('LLM', [{ match: 'work', fault: { hang: 'headers' } }]);
    const desk = new Desk(it.onTestFinished);
    desk.write('list.csv', contactList(1));
    const program = desk.startCommand(older ?? '', [launcher, ...RUN], { env });
    await program.says(/📝 Asking the LLM for a script/);
    // It has ended when nobody holds its output open any more.
    expect(await program.stop('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test.concurrent(`an older Node passes input on${why}`, { skip: isMissing }, async (context) => {
    const { onTestFinished } = context;
    const desk = new Desk(onTestFinished);
    const program = desk.startCommand(older ?? '', [launcher], { input: '7\n6\n' });
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain('"7" is not on the menu');
  });
});
