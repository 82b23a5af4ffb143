import fs from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import { openAgent } from '../../support/agent.ts';
import { until } from '../../scenarios/world/support.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** `fetch` would set Host and Origin by itself. */
function get(
  port: number,
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: url, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const served = async (env: Record<string, string> = {}) => {
  const v = await openAgent({ env: { METRICS_PORT: '0', ...env } });
  return { ...v, port: v.agent.metricsPort ?? 0 };
};

test('a running agent serves its metrics, those of earlier starts included', async () => {
  const first = await served();
  await first.drive(first.agent.makeSingleCall(ada));
  await first.agent.stop();
  const second = await openAgent({ dataDir: first.dir, env: { METRICS_PORT: '0' } });
  await second.agent.flush();
  const { status, body } = await get(second.agent.metricsPort ?? 0, '/metrics');
  expect(status).toBe(200);
  expect(body).toMatch(/^call_agent_calls_total\{status="completed",disposition="answered"\} 1$/m);
  expect(body).toMatch(/^call_agent_sink_queue_depth\{sink="file"\} 0$/m);
  expect(body).toMatch(/^process_resident_memory_bytes \d+/m);
});

test('says on /healthz that it works, and lets go of the port when it is stopped', async () => {
  const { agent, port } = await served();
  expect(await get(port, '/healthz')).toEqual({
    status: 200,
    body: '{"ok":true,"problems":[]}\n',
  });
  await agent.stop();
  await expect(get(port, '/healthz')).rejects.toThrow(/ECONNREFUSED/);
});

test('says on /healthz that it is broken when the journal can’t be written', async () => {
  const fatal: unknown[] = [];
  const v = await openAgent({
    env: { METRICS_PORT: '0' },
    onFatal: (error) => void fatal.push(error),
    storage: { sync: () => Promise.reject(new Error('no disk')) },
  });
  void v.drive(v.agent.makeSingleCall(ada)).catch(() => {});
  await until(() => fatal.length > 0);
  expect((await get(v.agent.metricsPort ?? 0, '/healthz')).status).toBe(503);
});

test.for<[string, Record<string, string>, string, number]>([
  ['a foreign Host', { host: 'evil.example' }, '/metrics', 403],
  ['a page of another origin', { origin: 'http://evil.example' }, '/metrics', 403],
  ['another path', {}, '/journal', 404],
  ['what is no address', {}, '//[', 404],
])('refuses %s', async ([, headers, url, status]) => {
  const { port } = await served();
  expect(await get(port, url, headers)).toMatchObject({ status });
});

test('refuses to be written to', async () => {
  const { port } = await served();
  expect(await get(port, '/metrics', {}, 'POST')).toMatchObject({ status: 405 });
});

test('starts without them and says so when the port is in use', async () => {
  const { port } = await served();
  const second = await openAgent({ env: { METRICS_PORT: String(port) } });
  expect(second.agent.metricsPort).toBeNull();
  expect(second.agent.warnings).toEqual([
    `METRICS_PORT ${port} can't be served: it is in use. Set another, or none.`,
  ]);
});

test('no key that is set is shown', async () => {
  const secret = 'sk-planted-0123456789abcdef';
  const v = await openAgent({
    env: { METRICS_PORT: '0', OPENAI_API_KEY: secret },
    world: { plans: { LLM: [{ match: 'work', fault: { status: 401 } }] } },
  });
  await v.drive(v.agent.makeSingleCall(ada));
  await v.agent.flush();
  const { body } = await get(v.agent.metricsPort ?? 0, '/metrics');
  expect(body).toContain('kind="Authentication"');
  expect(body).not.toContain(secret);
  expect(fs.readFileSync(path.join(v.dir, 'log.json'), 'utf8')).not.toContain(secret);
});
