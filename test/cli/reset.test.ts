import { expect, test, vi } from 'vitest';
import { openGuard, SERVICE } from '../support/guarded.ts';
import { Desk, jsonOf } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

test('reset tells what it came to, not what the agent has made of it since', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  const v = await openGuard({ breaker: { failureThreshold: 1 } });
  await v.trip();
  const trips: Promise<void>[] = [];
  v.agent.journal.on('record', ({ event }) => {
    // As a campaign does that waits for the service: it goes on at once, and fails again.
    if (event.type === 'breaker.reset') queueMicrotask(() => void trips.push(v.trip()));
  });
  const reset = await desk.run(['reset', SERVICE, '--json', '--data', v.dir]);
  await Promise.all(trips);
  expect(v.breaker()).toBe('OPEN');
  expect(reset.code).toBe(0);
  expect(jsonOf(reset)).toMatchObject({
    services: { [SERVICE]: { breaker: 'CLOSED', failures: 0, retryAt: null } },
  });
});
