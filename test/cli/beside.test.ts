import fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { Desk, refused, type OnTestFinished, jsonOf } from './support/desk.ts';
import { readRecords } from './support/journal-file.ts';
import { contactList } from './support/lists.ts';
import { openAccounts, type Accounts } from './support/providers.ts';
import type { Program } from './support/program.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

const RUN = ['campaign', 'run', 'list.csv', '--speed', '200'];

interface Busy extends Accounts {
  readonly desk: Desk;
  readonly program: Program;
}

/** A campaign that waits for an LLM which never answers. */
async function busyCampaign(onTestFinished: OnTestFinished): Promise<Busy> {
  const desk = new Desk(onTestFinished);
  const accounts = await openAccounts(onTestFinished);
  accounts.world.plan('LLM', [{ match: 'work', fault: { hang: 'headers' } }]);
  desk.write('list.csv', contactList(2));
  const program = desk.start(RUN, { env: accounts.env });
  await program.says(/📝 Asking the LLM for a script/);
  return { desk, program, ...accounts };
}

describe('beside a running campaign', () => {
  test.concurrent('a second writer is refused at once, while the first is at work', async ({
    onTestFinished,
  }) => {
    const { desk, program } = await busyCampaign(onTestFinished);
    const second = await desk.run(RUN);
    expect(program.child.exitCode).toBeNull();
    expect(second).toEqual(
      refused(1, new RegExp(`^The data folder data is in use by process .*${program.child.pid}`)),
    );
    expect((await program.stop('SIGTERM')).code).toBe(130);
  });

  test.concurrent('readers read', async ({ onTestFinished }) => {
    const { desk, program } = await busyCampaign(onTestFinished);
    const [status, replay, verify, tail] = await Promise.all(
      ['status', 'replay', 'verify', 'tail'].map((command) => desk.run([command, '--json'])),
    );
    for (const reader of [status, replay, verify, tail]) expect(reader).toMatchObject({ code: 0 });
    const moment = jsonOf(replay!) as { actors: Record<string, { state: string }> };
    expect(moment.actors['campaign:list']).toMatchObject({ machine: 'campaign', state: 'running' });
    expect(moment.actors['call:0001/script']).toMatchObject({ state: 'attempting' });
    expect(jsonOf(verify!)).toMatchObject({ ok: true });
    expect(tail!.stdout).toContain('"actor":"call:0001/script"');
    expect((await program.stop('SIGTERM')).code).toBe(130);
  });

  test.concurrent('reset reaches it', async ({ onTestFinished }) => {
    const { desk, program } = await busyCampaign(onTestFinished);
    expect(await desk.run(['reset', 'LLM', 'CRM'])).toMatchObject({ code: 0, stderr: '' });
    expect(await desk.run(['reset', 'Fax'])).toEqual(
      refused(1, /no service called Fax: known are LLM/),
    );
    expect((await program.stop('SIGTERM')).code).toBe(130);
    expect(resets(desk)).toEqual(['breaker:LLM', 'breaker:CRM']);
    expect((await desk.run(['verify'])).code).toBe(0);
  });
});

const resets = (desk: Desk): string[] =>
  readRecords(desk.path('data'))
    .filter(({ event }) => event.type === 'breaker.reset')
    .map(({ actor }) => actor);

/** Opens on the first failure and, left alone, stays open for as long as any test runs. */
const touchy = {
  RETRY_MAX_ATTEMPTS: '0',
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1',
  CIRCUIT_BREAKER_TIMEOUT: '86400',
};

describe('an open breaker', () => {
  test.concurrent('is seen by status, and closed by reset', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    world.plan('ElevenLabs', [{ match: 'work', fault: { status: 503 } }]);
    desk.write('list.csv', contactList(2));
    const program = desk.start([...RUN, '--concurrency', '1'], { env: { ...env, ...touchy } });
    await program.says(/⏳ Waiting for ElevenLabs/);
    const open = jsonOf(await desk.run(['status', '--json']));
    expect(open).toStrictEqual({
      services: {
        LLM: { breaker: 'CLOSED', failures: 0, retryAt: null, health: expect.any(String) },
        ElevenLabs: {
          breaker: 'OPEN',
          failures: 1,
          retryAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          health: expect.any(String),
        },
        Telephony: { breaker: 'CLOSED', failures: 0, retryAt: null, health: expect.any(String) },
        CRM: { breaker: 'CLOSED', failures: 0, retryAt: null, health: expect.any(String) },
      },
    });
    const reset = await desk.run(['reset', 'ElevenLabs', '--json']);
    expect(jsonOf(reset)).toMatchObject({
      services: { ElevenLabs: { breaker: 'CLOSED', failures: 0, retryAt: null } },
    });
    await program.stop('SIGTERM');
  });

  test.concurrent('is closed by reset when nobody runs, too', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    world.plan('ElevenLabs', [{ match: 'work', times: 1, fault: { status: 503 } }]);
    desk.write('list.csv', contactList(1));
    const ended = await desk.run(RUN, { env: { ...env, ...touchy } });
    expect(ended.code, 'a campaign that ran to its end, although its contact failed').toBe(0);
    const table = await desk.run(['status']);
    expect(table.stdout).toMatch(/^ElevenLabs : OPEN/m);
    const reset = await desk.run(['reset']);
    expect(reset.stdout).toMatch(/^ElevenLabs : CLOSED/m);
    expect(resets(desk)).toEqual([
      'breaker:LLM',
      'breaker:ElevenLabs',
      'breaker:Telephony',
      'breaker:CRM',
    ]);
    expect(await desk.run(['reset', 'Fax'])).toEqual(
      refused(1, /no service called Fax: known are LLM/),
    );
    expect((await desk.run(['verify'])).code).toBe(0);
  });
});

describe('a data folder', () => {
  test.concurrent('that is a file is refused', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(1));
    desk.write('file', 'mine');
    expect(await desk.run([...RUN, '--data', 'file'])).toEqual(
      refused(1, /^Could not use \S*file: /),
    );
    expect(await desk.run([...RUN, '--data', 'file/x'])).toEqual(
      refused(1, /^Could not use \S*file\S*: /),
    );
    expect(desk.read('file')).toBe('mine');
  });

  test.concurrent('is closed to others', async ({ onTestFinished }) => {
    const { desk, program } = await busyCampaign(onTestFinished);
    await until(() => desk.has('data', 'contacts'));
    for (const part of ['journal', 'contacts']) {
      expect(fs.statSync(desk.path('data', part)).mode & 0o077, part).toBe(0);
    }
    await program.stop('SIGTERM');
  });
});
