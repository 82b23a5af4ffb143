import { describe, expect, test, vi } from 'vitest';
import { Desk, refused, expectTidy } from './support/desk.ts';
import { contactList, numberOf } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

const RUN = ['campaign', 'run', 'list.csv', '--speed', '200', '--concurrency', '1', '--json'];

describe('a campaign that is interrupted', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

  test.concurrent.for(signals)('by %s reports, and is resumed', async (signal, context) => {
    const desk = new Desk(context.onTestFinished);
    const { world, env } = await openAccounts(context.onTestFinished);
    desk.write('list.csv', contactList(3));
    world.plan('ElevenLabs', [{ match: 'work', fault: { hang: 'headers' } }]);
    const program = desk.start(RUN, { env });
    await program.says(/🔊 Turning the script into speech/);
    const interrupted = await program.stop(signal);
    expectTidy(interrupted);
    expect(interrupted).toMatchObject({ code: 130, signal: null });
    expect(reportOf(interrupted)).toMatchObject({
      campaign: 'list',
      state: 'stopped',
      contacts: { total: 3, completed: 0, failed: 0 },
    });

    world.plan('ElevenLabs', []);
    const resumed = await desk.run(RUN, { env });
    expect(resumed.code).toBe(0);
    expect(reportOf(resumed)).toMatchObject({
      campaign: 'list',
      state: 'done',
      contacts: { total: 3, completed: 3 },
    });
    const attempts = reportOf(resumed).calls.map((call) => call.attempts['ElevenLabs']);
    expect(attempts, 'the interrupted one is counted').toEqual([2, 1, 1]);
    expect(world.dials.map(({ to }) => to)).toEqual([0, 1, 2].map(numberOf));
    expect((await desk.run(['verify'])).code).toBe(0);
  });

  test.concurrent('says with which command it goes on', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(2));
    world.plan('ElevenLabs', [{ match: 'work', fault: { hang: 'headers' } }]);
    const data = ['--data', "Ada's data"];
    const program = desk.start(['campaign', 'run', 'list.csv', ...data], { env });
    await program.says(/🔊 Turning the script into speech/);
    const { stdout } = await program.stop('SIGINT');
    const goOn = /^Go on with: npx call-agent (.*)$/m.exec(stdout)?.[1];
    expect(goOn).toBe(String.raw`campaign resume list --data 'Ada'\''s data'`);
    expect((await desk.run(['campaign', 'status', ...data])).stdout).toContain(goOn);

    world.plan('ElevenLabs', []);
    const resumed = await desk.run(['campaign', 'resume', 'list', ...data, '--speed', '200'], {
      env,
    });
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).not.toContain('Go on with');
  });

  test.concurrent('while it dials does not dial again', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(1));
    world.plan('Telephony', [{ match: 'work', times: 1, fault: { hang: 'headers', after: true } }]);
    const program = desk.start(RUN, { env });
    await until(() => world.dials.length === 1);
    const start = performance.now();
    expect(await program.stop('SIGINT')).toMatchObject({ code: 130 });
    expect(performance.now() - start, 'also while the provider hangs').toBeLessThan(10_000);

    const resumed = await desk.run(RUN, { env });
    expect(resumed.code).toBe(0);
    expect(reportOf(resumed).calls[0]).toMatchObject({
      status: 'completed',
      attempts: { LLM: 1, ElevenLabs: 1, Telephony: 1, CRM: 1 },
    });
    expect(world.dials).toHaveLength(1);
  });

  test.concurrent('while others dial hands back who is not dialled yet', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const { world, env } = await openAccounts(context.onTestFinished);
    desk.write('list.csv', contactList(2));
    // The first dial is never answered; the second contact's turn comes while the program ends.
    world.plan('Telephony', [{ match: 'work', times: 1, fault: { hang: 'headers', after: true } }]);
    const paced = { ...env, CALLS_PER_SECOND: '0.0001' };
    const program = desk.start([...RUN, '--concurrency', '2'], { env: paced });
    await until(() => world.dials.length === 1);
    const ended = await program.stop('SIGTERM');
    expect(ended.code).toBe(130);
    const { contacts, haltedBy } = reportOf(ended);
    expect(haltedBy).toBe('signal');
    expect(contacts.active + contacts.deferred + contacts.waiting).toBe(2);
    expect(world.dials).toHaveLength(1);
    expect((await desk.run(['verify'])).code).toBe(0);
  });

  test.concurrent('while it starts reports as well', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(2));
    const program = desk.start(RUN);
    await until(() => desk.has('data', 'lock.pid'));
    const ended = await program.stop('SIGTERM');
    expectTidy(ended);
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(reportOf(ended)).toMatchObject({ state: 'stopped', contacts: { completed: 0 } });
    expect(desk.has('data', 'lock.pid')).toBe(false);
  });

  test.concurrent('twice ends at once', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(1));
    world.plan('LLM', [{ match: 'work', fault: { hang: 'headers' } }]);
    const program = desk.start(RUN, { env });
    await program.says(/📝 Asking the LLM for a script/);
    program.child.kill('SIGINT');
    const ended = await program.stop('SIGTERM');
    expectTidy(ended);
    expect(ended.code).toBe(130);
  });

  test.concurrent('can not be taken for a stage by a scenario', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { world, env } = await openAccounts(onTestFinished);
    desk.write('list.csv', contactList(1));
    world.plan('LLM', [{ match: 'work', fault: { hang: 'headers' } }]);
    const program = desk.start(RUN, { env });
    await program.says(/📝 Asking the LLM for a script/);
    await program.stop('SIGINT');
    const scenario = ['scenario', 'normal-call', '--data', 'data', '--json'];
    expect(await desk.run(scenario)).toEqual(refused(1, /^data has unfinished campaign work/));
    expect((await desk.run(['verify'])).code).toBe(0);
  });
});

test.concurrent('an interrupted scenario is put aside for the next one', async (context) => {
  const desk = new Desk(context.onTestFinished);
  const program = desk.start(['scenario', 'recovery', '--speed', '1']);
  await program.says(/🔊 Turning the script into speech/);
  const ended = await program.stop('SIGINT');
  expectTidy(ended);
  expect(ended.code).toBe(130);
  const next = await desk.run(['scenario', 'normal-call', '--speed', '200']);
  expect(next.code).toBe(0);
});
