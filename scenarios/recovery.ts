/**
 * ElevenLabs is down for 200 seconds, health checks included.
 *
 * Expect: three contacts fail after their retries, which opens the circuit breaker; the others are
 * not burnt but wait; a probe fails and the breaker opens again; a health check finds the service
 * back and closes the breaker; the others are completed.
 */
import { peopleList } from './people.ts';
import { expect, type Scenario } from './scenario.ts';

const OUTAGE_MS = 200_000;

export const recovery: Scenario = {
  name: 'recovery',
  summary: 'An outage opens the breaker; the rest of the list waits until a health check passes',
  view: 'steps',
  contacts: 6,
  async run({ agent, world, say, runCampaign }) {
    const start = agent.clock.now() - world.startedAt;
    world.plan('ElevenLabs', [{ until: start + OUTAGE_MS, fault: { status: 503 } }]);
    say('ElevenLabs is down for the next 200 seconds.');
    const { calls } = await runCampaign(peopleList('six'), { concurrency: 1 });
    return { calls };
  },
  check({ calls, alerts }) {
    const statuses = calls.map(({ status }) => status);
    const breaker = alerts.find(({ rule }) => rule === 'breaker.opened');
    return [
      ...expect('failed', ['failed', 'failed', 'failed'], statuses.slice(0, 3)),
      ...expect('the rest', ['completed', 'completed', 'completed'], statuses.slice(3)),
      ...expect('alert of the breaker', 'resolved', breaker?.state),
    ];
  },
};
