import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startDashboardThread } from '../../cli/dashboard/thread.ts';
import { until } from './support/until.ts';

const SERVED = "parentPort.postMessage({ url: 'http://127.0.0.1:1/' });";

/** A thread of the dashboard that does something else than it should. */
function threadOf(code: string) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-thread-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'worker.mjs');
  fs.writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${code}\n`);
  const said: string[] = [];
  const place = { dataDir: dir, port: 0, host: '127.0.0.1', token: null, hosts: [], values: {} };
  const started = startDashboardThread(place, (what) => said.push(what), pathToFileURL(file));
  return { started, said };
}

test('a dashboard that fails while it is up is told of once, and can still be closed', async () => {
  const { started, said } = threadOf(
    `${SERVED} setTimeout(() => { throw new Error('no luck'); }, 1);`,
  );
  const dashboard = await started;
  await until(() => said.length > 0);
  await dashboard.close();
  await dashboard.close();
  expect(said).toEqual(['The dashboard has ended, all else goes on: no luck.']);
});

test('one that ends before it has said anything is an error, not a wait for ever', async () => {
  await expect(threadOf("throw new Error('no luck');").started).rejects.toThrow(
    'The dashboard could not start: no luck.',
  );
});

test('one that is closed says nothing', async () => {
  const { started, said } = threadOf(
    `${SERVED} parentPort.once('message', () => parentPort.close());`,
  );
  await (await started).close();
  expect(said).toEqual([]);
});
