import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { play, type Played } from '../../scenarios/play.ts';
import { findScenario, scenarios } from '../../scenarios/registry.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import { verifyJournal } from '../../store/verify.ts';
import { Desk, jsonOf } from '../cli/support/desk.ts';
import { KEYS } from '../cli/support/providers.ts';
import { dataFolder, openAgent } from '../support/agent.ts';
import { journalFile } from '../support/virtual-agent.ts';

vi.setConfig({ testTimeout: 60_000 });

const NAMES = [
  'flaky',
  'slow',
  'rate-limited',
  'quota-exhausted',
  'bad-key',
  'long-outage',
] as const;

function named(name: string): Scenario {
  const scenario = findScenario(name);
  if (!scenario) throw new Error(`There is no scenario ${name}`);
  return scenario;
}

interface Run extends Played {
  readonly dir: string;
  readonly journal: string;
  readonly lines: readonly string[];
  readonly seconds: number;
}

/** As the command line plays it, but in virtual time. */
async function run(scenario: Scenario, env = scenario.env ?? {}): Promise<Run> {
  const dir = dataFolder();
  const world = { latencyMs: {}, ...scenario.world };
  const v = await openAgent({ dataDir: dir, healthChecks: true, env, world });
  const startedAt = v.clock.now();
  const lines: string[] = [];
  const played = await v.drive(play(scenario, v.agent, (line) => lines.push(line)));
  const seconds = (v.clock.now() - startedAt) / 1000;
  await v.agent.stop();
  return { ...played, dir, journal: fs.readFileSync(journalFile(dir), 'utf8'), lines, seconds };
}

test('the scenarios are listed in the order in which they are told', () => {
  expect(scenarios.map(({ name }) => name)).toEqual([
    'normal-call',
    'outage-503',
    'full-demo',
    'recovery',
    ...NAMES,
    'crash-and-resume',
  ]);
});

describe('a scenario of failing providers', () => {
  test.for(NAMES)('%s ends as it promises, and the same twice', async (name) => {
    const first = await run(named(name));
    const second = await run(named(name));
    expect(first.problems).toEqual([]);
    expect(verifyJournal(path.join(first.dir, 'journal'), machines).firstDifference).toBeNull();
    expect(second.journal).toBe(first.journal);
    expect(second.facts).toEqual(first.facts);
  });

  test.for(scenarios)('$name notices that nothing of the kind has happened', (scenario) => {
    const nothing = { calls: [], alerts: [], facts: {} };
    expect(scenario.check(nothing)).not.toEqual([]);
  });

  /** What each is about, taken away from it. */
  test.for<[string, Record<string, string>, RegExp]>([
    ['flaky', { RETRY_MAX_ATTEMPTS: '0' }, /^status: /],
    ['slow', { REQUEST_TIMEOUT: '9' }, /^the first: .*completed  1/],
    ['rate-limited', { RETRY_AFTER_CAP: '10' }, /^waits: /],
    ['long-outage', { CIRCUIT_BREAKER_COUNTS: 'request' }, /^status: .*failed/],
    ['long-outage', { ...named('long-outage').env, CIRCUIT_BREAKER_TIMEOUT: '50' }, /^probes /],
  ])('%s does not end well with %j', async ([name, env, problem]) => {
    const { problems } = await run(named(name), env);
    expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test('an outage of an hour takes an hour of virtual time, and nobody is dialled in it', async () => {
    const { seconds, calls, lines } = await run(named('long-outage'));
    expect(seconds).toBeGreaterThan(3600);
    expect(seconds).toBeLessThan(3600 + 180);
    expect(calls.map(({ attempts }) => attempts['Telephony'])).toEqual(calls.map(() => 1));
    expect(lines.at(-1)).toBe('Result: 20/20 contacts processed (100% success rate)');
  });

  test('a pause is told before what a person does about it', async () => {
    const { lines } = await run(named('quota-exhausted'));
    const order = [/^⏸ Campaign/, /^🚨 ALERT: campaign/, /a new quota/, /^✅ RESOLVED/].map(
      (told) => lines.findIndex((line) => told.test(line)),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe('virtual time', () => {
  test('stands still while something real is waited for', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const heard: number[] = [];
    clock.setTimeout(() => {
      const work = clock.hold(sleep(30));
      void work.then(() => clock.setTimeout(() => heard.push(clock.now()), 5));
    }, 10);
    clock.setTimeout(() => heard.push(clock.now()), 20);
    await clock.runUntilIdle();
    expect(heard).toEqual([15, 20]);
  });

  test('goes on when that fails', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const work = clock.hold(Promise.reject(new Error('no such file')));
    await expect(work).rejects.toThrow('no such file');
    await clock.advance(10);
    expect(clock.now()).toBe(10);
  });
});

describe('on the command line', () => {
  test.concurrent('an hour of virtual time is over in seconds', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const ended = await desk.run(['scenario', 'long-outage', '--json', '--speed', '1']);
    expect(ended.code, ended.stderr).toBe(0);
    const { alerts, ...rest } = jsonOf(ended) as { alerts: { rule: string }[] };
    expect(rest).toMatchObject({ scenario: 'long-outage', ok: true });
    expect(alerts.toSorted((a, b) => a.rule.localeCompare(b.rule))).toMatchObject([
      { rule: 'breaker.opened', severity: 'critical', state: 'resolved' },
      { rule: 'service.down', severity: 'critical', state: 'resolved' },
    ]);
    expect(ended.stderr).toContain('in virtual time');
    expect(ended.stderr).toContain('Result: 20/20 contacts processed');
    // Another one goes on in the same folder, at a time after that hour.
    const next = await desk.run(['scenario', 'normal-call', '--speed', '200']);
    expect(next.code, next.stderr).toBe(0);
  });

  test.concurrent('bad-key ends paused, which keeps no other from its folder', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const status = ['campaign', 'status', '--json', '--data', 'data/scenarios'];
    for (const time of ['first', 'second']) {
      const ended = await desk.run(['scenario', 'bad-key', '--json', '--speed', '50']);
      expect(ended.code, `${time}: ${ended.stderr}`).toBe(0);
      const { alerts } = jsonOf(ended) as { alerts: object[] };
      const alert = { rule: 'campaign.paused', severity: 'critical', state: 'firing' };
      expect(alerts).toContainEqual({ ...alert, service: 'LLM' });
      expect((await desk.run(status)).stdout).toContain('"state":"paused"');
    }
    const next = await desk.run(['scenario', 'normal-call', '--speed', '200']);
    expect(next.code, next.stderr).toBe(0);
    const aside = fs.readdirSync(desk.path('data')).filter((name) => name !== 'scenarios');
    expect(aside).toHaveLength(2);
  });

  test.concurrent('a folder that was asked for is left alone', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const here = ['--data', 'stage', '--speed', '50'];
    expect((await desk.run(['scenario', 'bad-key', ...here])).code).toBe(0);
    const again = await desk.run(['scenario', 'normal-call', ...here]);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^stage has unfinished campaign work.*\n$/);
  });

  test.concurrent('nobody’s own rules change a story', async ({ onTestFinished }) => {
    const hour = (new Date().getHours() + 12) % 24;
    const env = {
      CALL_WINDOW: `${hour}-${hour + 1}`,
      REQUIRE_CONSENT: 'on',
      CALLS_PER_SECOND: '1',
    };
    const args = ['scenario', 'bad-key', '--speed', '50'];
    const ended = await new Desk(onTestFinished).run(args, { env });
    expect(ended.code, ended.stderr).toBe(0);
  });

  test.concurrent('crash-and-resume really kills, and dials nobody twice', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const nowhere = 'http://127.0.0.1:9';
    const env = { ...KEYS, OPENAI_BASE_URL: nowhere, ELEVENLABS_BASE_URL: nowhere };
    // Keys neither in the environment nor in a file reach the program that is killed.
    desk.write('.env', `HUBSPOT_ACCESS_TOKEN=${KEYS.HUBSPOT_ACCESS_TOKEN}\n`);
    const args = ['scenario', 'crash-and-resume', '--json', '--speed', '50', '--data', 'stage'];
    const ended = await desk.run(args, { env });
    expect(ended.code, ended.stderr).toBe(0);
    const { ok, calls } = jsonOf(ended) as { ok: boolean; calls: { status: string }[] };
    expect(ok).toBe(true);
    expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 'completed'));
    expect(ended.stderr).toContain('💥 kill -9');
    const journal = desk.read('stage', 'crash-1', 'journal', path.basename(journalFile('')));
    expect(journal.match(/"type":"agent\.started"/g)).toHaveLength(2);
    const book = desk.read('stage', 'crash-1', 'contacts', 'simulated-providers.log');
    const dialled = [...book.matchAll(/"to":"(\+\d+)"/g)].map(([, number]) => number);
    expect(new Set(dialled).size).toBe(dialled.length);
    expect(dialled).toHaveLength(calls.length);
  });
});
