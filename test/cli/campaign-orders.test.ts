import { describe, expect, test, vi } from 'vitest';
import { Desk, expectTidy, jsonOf, refused, type OnTestFinished } from './support/desk.ts';
import { readRecords } from './support/journal-file.ts';
import { contactList, numberOf } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 120_000 });

const RUN = ['campaign', 'run', 'list.csv', '--speed', '200', '--concurrency', '1', '--json'];
const RESUME = ['campaign', 'resume', '--speed', '200', '--json'];

/** Opens on the first failure and, left alone, stays open for as long as any test runs. */
const touchy = {
  RETRY_MAX_ATTEMPTS: '0',
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1',
  CIRCUIT_BREAKER_TIMEOUT: '86400',
};

/** A campaign of three whose first contact has failed, and that waits for a breaker. */
async function waiting(onTestFinished: OnTestFinished, more: readonly string[] = []) {
  const desk = new Desk(onTestFinished);
  const accounts = await openAccounts(onTestFinished);
  accounts.world.plan('ElevenLabs', [{ match: 'work', times: 1, fault: { status: 503 } }]);
  desk.write('list.csv', contactList(3));
  const env = { ...accounts.env, ...touchy };
  const program = desk.start([...RUN, ...more], { env });
  await program.says(/⏳ Waiting for ElevenLabs/);
  return { desk, program, env, world: accounts.world };
}

const statusOf = async (desk: Desk) => reportOf(await desk.run(['campaign', 'status', '--json']));

const by = (desk: Desk, type: string): unknown[] =>
  readRecords(desk.path('data'))
    .filter(({ event }) => event.type === type)
    .map(({ event }) => event['by']);

describe('orders from another terminal', () => {
  test.concurrent('pause ends the run with 3, and resume needs no list', async (context) => {
    const { desk, program, env, world } = await waiting(context.onTestFinished);
    expect(await statusOf(desk)).toMatchObject({ state: 'running', haltedBy: null });
    const paused = await desk.run(['campaign', 'pause', 'list', '--json']);
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(jsonOf(paused)).toMatchObject([{ campaign: 'list', state: 'paused' }]);
    const ended = await program.ended;
    expectTidy(ended);
    expect(ended.code).toBe(3);
    const rest = {
      state: 'paused',
      pausedBy: null,
      haltedBy: 'call-agent campaign pause',
      contacts: { failed: 1, active: 0, waiting: 2 },
    };
    expect(reportOf(ended)).toMatchObject(rest);
    expect(await statusOf(desk)).toMatchObject(rest);
    expect(by(desk, 'campaign.pause')).toEqual(['call-agent campaign pause']);

    desk.write('list.csv', '');
    expect((await desk.run(['reset'])).code).toBe(0);
    const resumed = await desk.run([...RESUME, '--concurrency', '2'], { env });
    expect(resumed.code).toBe(0);
    expect(reportOf(resumed)).toMatchObject({ state: 'done', contacts: { completed: 2 } });
    expect(world.dials.map(({ to }) => to).toSorted()).toEqual([1, 2].map(numberOf));
    expect((await desk.run(['verify'])).code).toBe(0);
  });

  test.concurrent('a run that waits stays paused, is resumed and stopped', async (context) => {
    const { desk, program } = await waiting(context.onTestFinished, ['--wait']);
    await desk.run(['campaign', 'pause']);
    await program.says(/Campaign list paused: by call-agent campaign pause/);
    const resumed = await desk.run(['campaign', 'resume', '--json']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toBe('The agent that is running on this folder goes on with it.\n');
    expect(reportOf(resumed)).toMatchObject({ campaign: 'list', state: 'running' });
    const stopped = await desk.run(['campaign', 'stop', '--json']);
    expect(jsonOf(stopped)).toMatchObject([{ campaign: 'list', state: 'stopped' }]);
    const ended = await program.ended;
    expectTidy(ended);
    expect(ended.code).toBe(3);
    expect(reportOf(ended)).toMatchObject({
      state: 'stopped',
      haltedBy: 'call-agent campaign stop',
    });
    expect(by(desk, 'campaign.resume')).toEqual(['call-agent campaign resume']);
    expect(by(desk, 'campaign.stop')).toEqual(['call-agent campaign stop']);
  });
});

describe('orders without a running agent', () => {
  test.concurrent('are written to the journal of one that was killed', async (context) => {
    const { desk, program } = await waiting(context.onTestFinished);
    await program.stop('SIGKILL');
    expect(await statusOf(desk)).toMatchObject({ state: 'stopped', haltedBy: null });
    const paused = await desk.run(['campaign', 'pause', '--json']);
    expect(jsonOf(paused)).toMatchObject([{ campaign: 'list', state: 'paused' }]);
    expect(await statusOf(desk)).toMatchObject({ state: 'paused', pausedBy: null });
    expect(await desk.run(['campaign', 'stop', 'list'])).toMatchObject({
      code: 0,
      stdout: 'list  stopped\n',
    });
    expect(await statusOf(desk)).toMatchObject({ haltedBy: 'call-agent campaign stop' });
    expect((await desk.run(['verify'])).code).toBe(0);
  });

  test.concurrent('are refused for what is over or never was', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    expect(await desk.run(['campaign', 'pause'])).toEqual(refused(1, /^There is no journal/));
    desk.write('list.csv', contactList(1));
    expect((await desk.run(RUN)).code).toBe(0);
    const over = refused(1, /^The campaign list has come to its end already/);
    expect(await desk.run(['campaign', 'stop', 'list'])).toEqual(over);
    expect(await desk.run(['campaign', 'resume', 'list'])).toEqual(over);
    const none = refused(1, /^There is no campaign called lost/);
    expect(await desk.run(['campaign', 'pause', 'lost'])).toEqual(none);
    const nothing = refused(1, /^There is no unfinished campaign to resume/);
    expect(await desk.run(['campaign', 'resume'])).toEqual(nothing);
  });
});
