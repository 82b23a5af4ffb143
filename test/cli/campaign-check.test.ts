import { describe, expect, test, vi } from 'vitest';
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
