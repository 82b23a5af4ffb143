import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { lockFolder } from '../../store/lock.ts';
import { Desk, jsonOf, refused } from './support/desk.ts';

// Real processes, and others want the machine, too.
vi.setConfig({ testTimeout: 240_000 });

interface Receiver {
  readonly url: string;
  readonly bodies: { readonly rule?: string; readonly event?: string }[];
  isDown: boolean;
}

async function receiver(onTestFinished: (end: () => void) => void): Promise<Receiver> {
  const it: { url: string; bodies: object[]; isDown: boolean } = {
    url: '',
    bodies: [],
    isDown: false,
  };
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (!it.isDown) it.bodies.push(JSON.parse(text) as object);
      response.writeHead(it.isDown ? 503 : 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  it.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return it;
}

describe('alerts', () => {
  test('reach a webhook once, are listed as delivered, and can be acknowledged', async ({
    onTestFinished,
  }) => {
    const hook = await receiver(onTestFinished);
    const desk = new Desk(onTestFinished);
    const env = { WEBHOOK_URL: hook.url, WEBHOOK_FORMAT: 'generic' };
    const run = (...args: string[]) => desk.run(args, { env });
    expect((await run('scenario', 'outage-503', '--speed', '50', '--data', 'd')).code).toBe(0);
    const told = hook.bodies.map(({ rule, event }) => `${rule} ${event}`);
    expect(told).toEqual([
      'call.failed raised',
      'breaker.opened raised',
      'breaker.opened resolved',
      'call.failed updated',
    ]);
    const list = async () =>
      jsonOf(await run('alerts', 'list', '--json', '--data', 'd')) as {
        id: string;
        rule: string;
        deliveries: object[];
      }[];
    const [breaker, alert] = await list();
    expect(breaker).toMatchObject({ rule: 'breaker.opened', state: 'resolved' });
    expect(breaker?.deliveries).toMatchObject([
      { message: 'raised', state: 'delivered' },
      { message: 'resolved', state: 'delivered' },
    ]);
    expect(alert).toMatchObject({
      rule: 'call.failed',
      severity: 'critical',
      state: 'firing',
      service: 'ElevenLabs',
    });
    expect(alert?.deliveries).toMatchObject([
      { message: 'raised', state: 'delivered' },
      { message: 'updated', state: 'delivered' },
    ]);
    expect((await run('alerts', 'ack', alert?.id ?? '', '--data', 'd')).code).toBe(0);
    const [, acknowledged] = await list();
    expect(acknowledged).toMatchObject({ rule: 'call.failed', state: 'acknowledged' });
    expect(hook.bodies).toHaveLength(4);
  });

  test('that could not be delivered are delivered by alerts flush, and nobody is called', async ({
    onTestFinished,
  }) => {
    const hook = await receiver(onTestFinished);
    hook.isDown = true;
    const desk = new Desk(onTestFinished);
    const env = { WEBHOOK_URL: hook.url, WEBHOOK_FORMAT: 'generic' };
    const run = (...args: string[]) => desk.run(args, { env });
    const call = ['call', '--name', 'Ada', '--phone', '+14155550101', '--simulate-503'];
    await run(...call, '--speed', '200', '--data', 'd');
    expect(hook.bodies).toEqual([]);
    const listed = async () => (await run('alerts', 'list', '--data', 'd')).stdout;
    expect(await listed()).toMatch(/call\.failed: .*\n {6}waits for webhook:127\.0\.0\.1\n$/);
    hook.isDown = false;
    const flushed = await run('alerts', 'flush', '--data', 'd');
    expect(flushed.code, flushed.stderr).toBe(0);
    expect(hook.bodies).toHaveLength(1);
    expect(await listed()).toMatch(/call\.failed: .*\n {6}delivered to webhook:127\.0\.0\.1\n/);
    expect((await run('verify', '--data', 'd')).code).toBe(0);
  });

  test('can be tried without any trouble', async ({ onTestFinished }) => {
    const hook = await receiver(onTestFinished);
    const desk = new Desk(onTestFinished);
    const env = { WEBHOOK_URL: hook.url, WEBHOOK_FORMAT: 'generic' };
    const both = { WEBHOOK_URL: `${hook.url},${hook.url}/2`, WEBHOOK_FORMAT: 'generic,slack' };
    for (const channels of [['webhook,slack'], ['webhook', '--channel', ' slack']]) {
      const test = ['alerts', 'test', '--json', '--channel', ...channels];
      const tested = await desk.run(test, { env: both });
      expect(tested.code, tested.stderr).toBe(0);
      expect(jsonOf(tested)).toMatchObject([
        { channel: 'webhook:127.0.0.1', ok: true },
        { channel: 'slack', ok: true },
      ]);
    }
    const strange = await desk.run(['alerts', 'test', '--channel', 'slack,fax'], { env: both });
    expect(strange).toEqual(
      refused(1, /^There is no channel fax: there are webhook:127\.0\.0\.1, slack\.$/),
    );
    const empty = await desk.run(['alerts', 'test', '--channel', 'slack,'], { env: both });
    expect(empty).toEqual(refused(2, /--channel must name channels, got "slack,"/));
    hook.isDown = true;
    expect((await desk.run(['alerts', 'test'], { env })).code).toBe(1);
    expect((await desk.run(['alerts', 'silence', 'Nobody', '2h'], { env })).stderr).toContain(
      'neither a service nor a rule',
    );
  });

  test('wait for another command that works on the folder, which is soon done', async ({
    onTestFinished,
  }) => {
    const desk = new Desk(onTestFinished);
    fs.mkdirSync(desk.path('data'));
    const lock = lockFolder(desk.path('data'));
    const silenced = desk.run(['alerts', 'silence', 'LLM', '2h']);
    setTimeout(() => lock.release(), 2_000);
    const { code, stderr } = await silenced;
    expect([code, stderr]).toEqual([0, '']);
  });

  test('can be silenced from a later moment on, as for maintenance', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const window = await desk.run(['alerts', 'silence', 'LLM', '--in', '2h', '--for', '30m']);
    expect(window.code, window.stderr).toBe(0);
    const [, from = '', until = ''] =
      /^Silence 1: nobody is told of LLM from (\S+) until (\S+)\.\n$/.exec(window.stdout) ?? [];
    expect(Date.parse(until) - Date.parse(from)).toBe(30 * 60_000);
    expect(Math.abs(Date.parse(from) - Date.now() - 2 * 3_600_000)).toBeLessThan(60_000);
    const [first, second] = await Promise.all([
      desk.run(['alerts', 'silence', 'all', '--from', '2020-01-01', '--for', '1h']),
      desk.run(['alerts', 'silence', 'all', '--in', '2h', '--from', '2099-01-01', '--for', '1h']),
    ]);
    const long = await desk.run(['alerts', 'silence', 'all', '40d']);
    expect(long).toEqual(refused(1, /^A silence lasts 30 days at most\.$/));
    const late = await desk.run(['alerts', 'silence', 'all', '--in', '100000000d', '--for', '1h']);
    expect(late).toEqual(refused(1, /^A silence begins within a year from now\.$/));
    expect((await desk.run(['alerts', 'silence'])).stdout).toMatch(
      /^ {3}1 {2}LLM {2}from \S+ until/,
    );
    expect(first).toEqual(refused(2, /--from must be a time to come, got "2020-01-01"/));
    expect(second).toEqual(refused(2, /either --in or --from/));
  });

  test('are silenced from local midnight on when a date alone is given, and the list says so then', async ({
    onTestFinished,
  }) => {
    const desk = new Desk(onTestFinished);
    const inDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const env = { TZ: 'Asia/Kolkata' };
    const window = ['alerts', 'silence', 'CRM', '--from', inDays, '--for', '1h', '--json'];
    const { from } = jsonOf(await desk.run(window, { env })) as { from: string };
    expect(Math.abs(Date.parse(from) - Date.parse(`${inDays}T00:00+05:30`))).toBeLessThan(60_000);
    await desk.run(['alerts', 'silence', 'latency.high', 'LLM', '2h']);
    expect((await desk.run(['alerts', 'list'])).stdout).toMatch(
      /^There has been no alert\.\nSilenced now: LLM latency\.high, until \S+Z \(silence 2\)\.\n$/,
    );
  });
});
