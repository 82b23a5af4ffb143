/**
 * Three contacts, and an ElevenLabs that fails during the first one's call and then comes back.
 *
 * Expect: the first contact fails after its retries and is alerted, the next two are completed;
 * "Result: 2/3 contacts processed (66% success rate)".
 */
import { peopleList } from './people.ts';
import { expect, type Scenario } from './scenario.ts';

export const fullDemo: Scenario = {
  name: 'full-demo',
  summary: 'Three contacts: one fails and is alerted, the service comes back, the next go on',
  view: 'journeys',
  contacts: 3,
  async run({ world, runCampaign }) {
    world.plan('ElevenLabs', [{ match: 'work', times: 4, fault: { status: 503 } }]);
    const { calls } = await runCampaign(peopleList('three'), { concurrency: 1 });
    return { calls };
  },
  check({ calls, alerts }) {
    return [
      ...expect(
        'status',
        ['failed', 'completed', 'completed'],
        calls.map(({ status }) => status),
      ),
      ...expect('attempts of the first', { LLM: 1, ElevenLabs: 4 }, calls[0]?.attempts),
      ...expect(
        'alerts',
        ['call.failed'],
        alerts.map(({ rule }) => rule),
      ),
    ];
  },
};
