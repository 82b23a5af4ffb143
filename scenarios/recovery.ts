/**
 * ElevenLabs is down, health checks included, until 90 seconds after its circuit breaker has opened:
 * some 200 seconds.
 *
 * Expect: three contacts fail after their retries, which opens the circuit breaker; the others are
 * not burnt but wait; a probe fails and the breaker opens again; a health check finds the service
 * back and closes the breaker; the others are completed.
 */
import { watch } from './evidence.ts';
import { peopleList } from './people.ts';
import { expect, isToldAsAWhole, type Scenario } from './scenario.ts';

/** From the breaker's opening on, so that no machine is too slow to see it open. */
const DOWN_FOR_MS = 90_000;

export const recovery: Scenario = {
  name: 'recovery',
  summary: 'An outage opens the breaker; the rest of the list waits until a health check passes',
  view: 'steps',
  contacts: 6,
  async run({ agent, world, say, runCampaign }) {
    const fault = { status: 503 };
    world.plan('ElevenLabs', [{ fault }]);
    say('ElevenLabs is down, until 90 seconds after its circuit breaker has opened.');
    let isOpen = false;
    watch(agent, 'breaker.moved', ({ service, to, at }) => {
      if (isOpen || service !== 'ElevenLabs' || to !== 'open') return;
      isOpen = true;
      world.plan('ElevenLabs', [{ until: at - world.startedAt + DOWN_FOR_MS, fault }]);
    });
    const { calls } = await runCampaign(peopleList('six'), { concurrency: 1 });
    return { calls };
  },
  check(outcome) {
    const { calls, alerts } = outcome;
    const statuses = calls.map(({ status }) => status);
    const breaker = alerts.find(({ rule }) => rule === 'breaker.opened');
    return [
      ...expect('failed', ['failed', 'failed', 'failed'], statuses.slice(0, 3)),
      ...expect('the rest', ['completed', 'completed', 'completed'], statuses.slice(3)),
      ...(breaker || !isToldAsAWhole(outcome, 'ElevenLabs')
        ? expect('alert of the breaker', 'resolved', breaker?.state)
        : []),
    ];
  },
};
