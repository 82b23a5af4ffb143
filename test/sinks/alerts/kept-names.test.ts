import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { alertsOffline } from '../../../sinks/alerts/desk.ts';
import { openAgent } from '../../support/agent.ts';
import { raise } from '../../support/alarms.ts';

/** Takes what comes for anybody, but for those who are away. */
async function receivers() {
  const away = new Set<string>();
  const told: string[] = [];
  const server = http.createServer((request, response) => {
    const who = (request.url ?? '').slice(1);
    request.resume().on('end', () => {
      if (!away.has(who)) told.push(who);
      response.writeHead(away.has(who) ? 401 : 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = (...people: readonly string[]) => {
    const urls = people.map((who) => `http://127.0.0.1:${port}/${who}`);
    return { WEBHOOK_URL: urls.join(','), WEBHOOK_FORMAT: 'generic' };
  };
  return { away, told, env };
}

test('what waits for an address is for it, whoever else is set up and in whatever order', async () => {
  const { away, told, env } = await receivers();
  const v = await openAgent({ channels: [], startAt: Date.now() - 60_000 });
  await raise(v.agent, ['Fax']);
  await v.clock.advance(0);
  await v.agent.stop();
  const flush = (...people: readonly string[]) =>
    alertsOffline(v.dir, readConfig(env(...people)), { type: 'alerts.flush', by: 'test' });
  away.add('bob');
  const both = (await flush('ada', 'bob')) as { [channel: string]: { pending: number } };
  const [ada = '', bob = ''] = Object.keys(both);
  expect([both[ada]?.pending, both[bob]?.pending]).toEqual([0, 1]);
  expect(told).toEqual(['ada']);
  away.clear();
  expect(await flush('bob')).toEqual({ [bob]: { delivered: 1, pending: 0 } });
  await flush('carol', 'bob', 'ada');
  expect(told).toEqual(['ada', 'bob', 'carol']);
});
