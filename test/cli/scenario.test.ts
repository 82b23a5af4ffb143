import fs from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Desk, refused, expectTidy, jsonOf } from './support/desk.ts';
import { KEYS } from './support/providers.ts';
import { until } from './support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

const NAMES = ['normal-call', 'outage-503', 'full-demo', 'recovery'] as const;

describe('scenario', () => {
  test.concurrent('without a name lists them', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const list = jsonOf(await desk.run(['scenario', '--json'])) as { name: string }[];
    expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining([...NAMES]));
    expect(list).toContainEqual({ name: 'normal-call', summary: expect.any(String) });
    const { stdout, code } = await desk.run(['scenario']);
    expect(code).toBe(0);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^${name} +\\S`, 'm'));
    expect(desk.has('data')).toBe(false);
  });

  const outcomes = {
    'normal-call': { statuses: ['completed'], alerts: [] },
    'outage-503': {
      statuses: ['failed', 'failed', 'failed', 'completed'],
      alerts: ['breaker.opened resolved', 'call.failed firing'],
    },
    'full-demo': { statuses: ['failed', 'completed', 'completed'], alerts: ['call.failed firing'] },
    recovery: {
      statuses: ['failed', 'failed', 'failed', 'completed', 'completed', 'completed'],
      alerts: ['breaker.opened resolved', 'call.failed firing'],
    },
  } as const;

  /** The outage of `recovery` lasts as long as its clock says, however slow the machine is. */
  const speeds = { 'normal-call': 200, 'outage-503': 200, 'full-demo': 200, recovery: 20 } as const;

  test.concurrent.for(NAMES)('%s --json ends as it promises', async (name, { onTestFinished }) => {
    const args = ['scenario', name, '--json', '--speed', String(speeds[name])];
    // Ten minutes of calm are three seconds at that speed: a busy machine takes longer to end.
    const env = { ALERT_CALM_AFTER: '86400' };
    const ended = await new Desk(onTestFinished).run(args, { env });
    expect(ended.code, ended.stderr).toBe(0);
    const result = jsonOf(ended) as {
      calls: { status: string; attempts: object }[];
      alerts: { rule: string; state: string }[];
    };
    expect(result).toStrictEqual({
      scenario: name,
      ok: true,
      calls: expect.any(Array),
      alerts: expect.any(Array),
    });
    expect(result.calls.map(({ status }) => status)).toEqual(outcomes[name].statuses);
    for (const alert of result.alerts) {
      expect(alert).toStrictEqual({
        rule: expect.any(String),
        severity: expect.toBeOneOf(['critical', 'warning']),
        state: expect.toBeOneOf(['firing', 'resolved']),
        service: 'ElevenLabs',
      });
    }
    const alerts = result.alerts.map(({ rule, state }) => `${rule} ${state}`);
    expect(alerts.toSorted()).toEqual(outcomes[name].alerts);
  });

  test.concurrent('outage-503 tells its steps and waits', async ({ onTestFinished }) => {
    const ended = await new Desk(onTestFinished).run(['scenario', 'outage-503', '--speed', '50']);
    const lines = ended.stdout.split('\n');
    const told = lines.filter((line) => /ElevenLabs|Retry|Max/.test(line));
    expect(told.slice(0, 8)).toEqual([
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 1/3 (waiting 5s)...',
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 2/3 (waiting 10s)...',
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 3/3 (waiting 20s)...',
      '✗ ElevenLabs: 503 Error',
      '❌ Max retries exceeded',
    ]);
    expect(ended.stdout).toContain('🚨 ALERT: ');
    const breaker = lines.filter((line) => line.startsWith('⚡ Circuit breaker ElevenLabs'));
    expect(breaker).toEqual([
      expect.stringMatching(/: OPEN for 1m$/),
      expect.stringMatching(/: HALF-OPEN$/),
      expect.stringMatching(/: CLOSED$/),
    ]);
    expect(lines).toContain('✅ RESOLVED: the circuit breaker of ElevenLabs is closed again');
  });

  test.concurrent('calls nobody real, whatever keys are set', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    // Nothing listens there: a request to it would fail the scenario.
    const nowhere = 'http://127.0.0.1:9';
    const env = {
      ...KEYS,
      TWILIO_FROM_NUMBER: '+14155550199',
      OPENAI_BASE_URL: `${nowhere}/v1`,
      ELEVENLABS_BASE_URL: nowhere,
      TWILIO_BASE_URL: nowhere,
      HUBSPOT_BASE_URL: nowhere,
    };
    const ended = await desk.run(['scenario', 'normal-call', '--speed', '200'], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('✅ CALL COMPLETED SUCCESSFULLY');
    expect(desk.has('data', 'scenarios', 'journal')).toBe(true);
  });

  test.concurrent('leaves another one that is under way alone', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const first = desk.start(['scenario', 'recovery', '--speed', '1']);
    await first.says(/Asking the LLM/);
    for (const args of [['scenario', 'normal-call'], []]) {
      // oxlint-disable-next-line no-await-in-loop -- the first one is to stand in nobody's way but theirs
      expect(await desk.run(args)).toEqual(refused(1, /data.scenarios is in use by process \d+/));
    }
    expect(fs.readdirSync(desk.path('data'))).toEqual(['scenarios']);
    const ended = await first.stop('SIGINT');
    expect(ended.code).toBe(130);
  });

  test.concurrent('plays where it is told to', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const scenario = ['scenario', 'normal-call', '--speed', '200', '--data', 'stage', '--quiet'];
    expect((await desk.run(scenario)).code).toBe(0);
    expect((await desk.run(scenario)).code).toBe(0);
    expect([desk.has('stage', 'journal'), desk.has('data')]).toEqual([true, false]);
  });
});

interface Message {
  readonly type: string;
  readonly sessionId: string;
}

describe('inspect', () => {
  test.concurrent('shows a scenario to a plain viewer', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const args = ['inspect', 'scenario', 'recovery', '--speed', '1', '--port', '0', '--no-open'];
    const program = desk.start(args);
    const [address = ''] = await program.says(/ws:\/\/127\.0\.0\.1:\d+/);
    const viewer = new WebSocket(address);
    onTestFinished(() => viewer.terminate());
    const messages: Message[] = [];
    viewer.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString()) as Message);
    });
    await until(() => messages.some(({ type }) => type === '@xstate.snapshot'));
    expect(messages.some(({ type }) => type === '@xstate.actor')).toBe(true);
    const ended = await program.stop('SIGINT');
    expectTidy(ended);
    expect(ended.code).toBe(130);
    expect(ended.stderr.match(/ws:\/\//g), 'one address').toHaveLength(1);
    expect(ended.stdout).not.toContain('ws://');
  });

  test.concurrent('ends when its scenario has ended', async ({ onTestFinished }) => {
    const args = ['inspect', 'scenario', 'normal-call', '--speed', '50', '--port', '0'];
    const ended = await new Desk(onTestFinished).run([...args, '--no-open', '--json']);
    expect(ended.code).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ scenario: 'normal-call', ok: true });
    expect(ended.stderr).toMatch(/^Inspector: ws:\/\/127\.0\.0\.1:\d+$/m);
  });

  test.concurrent('shows a campaign, and ends with it', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', 'name,phone\nAda,+14155550101\n');
    const args = ['inspect', 'campaign', 'run', 'list.csv', '--speed', '200', '--port', '0'];
    const ended = await desk.run([...args, '--no-open', '--json']);
    expect(ended.code).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ campaign: 'list', contacts: { completed: 1 } });
    expect(ended.stderr).toMatch(/^Inspector: ws:\/\/127\.0\.0\.1:\d+$/m);
  });

  test.concurrent('refuses a port that is taken', async ({ onTestFinished }) => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const args = ['inspect', 'scenario', 'normal-call', '--port', String(port), '--no-open'];
    expect(await new Desk(onTestFinished).run(args)).toEqual(refused(1, new RegExp(String(port))));
  });
});
