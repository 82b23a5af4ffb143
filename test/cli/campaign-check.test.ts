import { describe, expect, test, vi } from 'vitest';
import { startRecording } from '../actors/clients/recording-server.ts';
import { Desk } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';

vi.setConfig({ testTimeout: 60_000 });

const CHECK = ['campaign', 'check', 'list.csv'];

test.concurrent('campaign check of a list that calls nobody says so', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', 'name,phone,consent\nAnn,+14155550101,maybe\nBo,+14155550102,no\n');
  const { code, stdout } = await desk.run(CHECK);
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    '0 contacts would be called',
    '  line 3 is skipped: no consent',
    '  line 2 is rejected: Consent is neither a clear yes nor a clear no; write yes or no',
  ]);
});

test('campaign check and run name what no column fills', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const { origin, seen } = await startRecording({
    body: { choices: [{ message: { content: 'Hello Ann.' }, finish_reason: 'stop' }] },
  });
  const env = {
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${origin}/v1`,
    SCRIPT_PROMPT: 'Greet {Name}, {id}, about {Last_Visit} and {appointment}',
  };
  desk.write('list.csv', 'name,phone,id,last visit\nAnn,+14155550101,42,May\n');
  const checked = await desk.run(CHECK, { env });
  expect(checked.code, 'a warning is no failure').toBe(0);
  expect(checked.stdout).toMatch(
    /^! SCRIPT_PROMPT: warning: \{appointment\} is filled by no column$/m,
  );
  const ended = await desk.run(['campaign', 'run', 'list.csv', '--speed', '200'], { env });
  expect(ended.code).toBe(0);
  expect(ended.stderr.match(/SCRIPT_PROMPT: \{appointment\} is filled by no column/g)).toHaveLength(
    1,
  );
  const asked = seen.filter(({ method }) => method === 'POST').map(({ body }) => body);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('Greet Ann, 42, about May and {appointment}');
});

test.concurrent('campaign check names a time zone that is not known', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  const rows = 'Ann,+14155550101,Pacific\nBo,+14155550102,Berlin\nCy,+14155550103,Europe/Berlin\n';
  desk.write('list.csv', `name,phone,timezone\n${rows}`);
  const { code, stdout } = await desk.run(CHECK, { env: { CALL_WINDOW: '8-21' } });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^! timezone: warning: that of 2 contacts is not known, first on line 2 /m,
  );
  const off = await desk.run(CHECK, { env: { CALL_WINDOW: 'off' } });
  expect(off.stdout).not.toContain('! timezone');
});

describe('campaign check with keys', () => {
  test.concurrent('says for how many scripts the quota will do', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished, { characterLimit: 700 });
    desk.write('list.csv', contactList(3));
    const { code, stdout } = await desk.run(CHECK, { env });
    expect(code, 'a warning is no failure').toBe(0);
    expect(stdout).toMatch(/^3 contacts would be called, about 1m, 4 at a time$/m);
    expect(stdout).toMatch(
      /^! ElevenLabs: warning: the key is accepted; 700 characters are left, enough for about 2 scripts, not for 3 \(answered in \d+ ms\)$/m,
    );
    expect(stdout).toMatch(/^✓ CRM: ok: the key is accepted \(answered in \d+ ms\)$/m);
    expect(world.dials).toEqual([]);
  });

  test.concurrent('fails when a service does, or has no number to call from', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const { world, env } = await openAccounts(context.onTestFinished);
    world.plan('CRM', [{ fault: { status: 401 } }]);
    desk.write('list.csv', contactList(1));
    const refused = await desk.run(CHECK, { env });
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/^1 contact would be called/m);
    expect(refused.stdout).toMatch(/^✗ CRM: failed: .*401/m);
    world.plan('CRM', []);
    const nowhere = await desk.run(CHECK, { env: { ...env, TWILIO_FROM_NUMBER: '' } });
    expect(nowhere.code).toBe(1);
    expect(nowhere.stdout).toMatch(
      /^✗ Telephony: failed: no caller number: set TWILIO_FROM_NUMBER to a number of your account$/m,
    );
  });

  test.concurrent('says who would not be called at this hour', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { env } = await openAccounts(onTestFinished);
    // Twelve hours apart: of the two, one has its morning.
    const zones = 'Ann,+14155550101,Etc/GMT-12\nBo,+14155550102,Etc/GMT\n';
    desk.write('list.csv', `name,phone,timezone\n${zones}`);
    const { stdout } = await desk.run(CHECK, { env: { ...env, CALL_WINDOW: '0-12' } });
    expect(stdout).toMatch(/^ {2}1 contact not now: outside 0-12 o'clock there$/m);
  });
});
