import path from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AICallAgent } from '../../../index.ts';
import { ada } from '../../../scenarios/people.ts';
import { SystemClock } from '../../../runtime/clock.ts';
import type { FaultRule } from '../../../scenarios/world/fault-plan.ts';
import { startWorld } from '../../../scenarios/world/world.ts';
import { accountsAt } from '../../cli/support/providers.ts';
import { dataFolder } from '../../support/agent.ts';
import { recordsIn } from '../../support/lives.ts';

vi.setConfig({ testTimeout: 60_000 });

const SPEED = 200;

/** One call with real clients over real HTTP, 200 times faster than life. */
async function callWith(rules: readonly FaultRule[], more: NodeJS.ProcessEnv = {}) {
  const world = await startWorld({ clock: new SystemClock({ speed: SPEED }), latencyMs: 0 });
  onTestFinished(() => world.close());
  world.plan('Telephony', rules);
  const dataDir = dataFolder();
  const env = {
    ...accountsAt(world.urls),
    LOG_FILE_PATH: path.join(dataDir, 'log.json'),
    // Ten seconds by the wall: nothing here is about a machine that is busy.
    REQUEST_TIMEOUT: '2000',
    REQUEST_DEADLINE: '86400',
    ...more,
  };
  const agent = await AICallAgent.start({ dataDir, env, speed: SPEED, healthChecks: false });
  onTestFinished(() => agent.stop());
  expect(agent.simulated).toEqual([]);
  const result = await agent.makeSingleCall(ada);
  const looked = recordsIn(dataDir).some(({ actor }) => actor.endsWith('/lookup'));
  return { result, dials: world.dials.length, looked };
}

const onlyOnce = (fault: FaultRule['fault']): FaultRule[] => [{ match: 'work', times: 1, fault }];

describe('a dial over real HTTP', () => {
  test.for<[string, FaultRule['fault'], NodeJS.ProcessEnv?]>([
    ['was reset after it had left', { reset: true, after: true }],
    ['was answered 503 after it had left', { status: 503, after: true }],
    ['was cut off in its answer', { cut: true }],
    ['timed out', { hang: 'headers', after: true }, { REQUEST_TIMEOUT: '400' }],
  ])('that %s is looked up, found, and not repeated', async ([, fault, env]) => {
    const { result, dials, looked } = await callWith(onlyOnce(fault), env);
    expect(result).toMatchObject({ status: 'completed', disposition: 'answered' });
    expect({ dials, looked, attempts: result.attempts['Telephony'] }).toEqual({
      dials: 1,
      looked: true,
      attempts: 1,
    });
  });

  test('that was refused with 429 is sent again, and nothing is looked up', async () => {
    const { result, dials, looked } = await callWith(onlyOnce({ status: 429, retryAfterS: 2 }));
    expect(result).toMatchObject({ status: 'completed', attempts: { Telephony: 2 } });
    expect({ dials, looked }).toEqual({ dials: 1, looked: false });
  });

  test('that never left is sent again, and nothing is looked up', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    const env = { TWILIO_BASE_URL: `http://127.0.0.1:${port}`, RETRY_MAX_ATTEMPTS: '2' };
    const { result, dials, looked } = await callWith([], env);
    expect(result).toMatchObject({
      status: 'failed',
      error: { kind: 'Network', code: 'ECONNREFUSED' },
      attempts: { Telephony: 3 },
    });
    expect({ dials, looked }).toEqual({ dials: 0, looked: false });
  });

  test('that nobody can be asked about is unknown, and is not repeated', async () => {
    const { result, dials } = await callWith(
      [...onlyOnce({ reset: true, after: true }), { match: 'work', fault: { status: 400 } }],
      { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1000' },
    );
    expect(result.status).toBe('unknown');
    expect(dials).toBe(1);
  });
});
