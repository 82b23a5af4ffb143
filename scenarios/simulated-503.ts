/**
 * One call, while ElevenLabs answers 503: the menu's "Simulate 503".
 *
 * Expect: four attempts with waits of 5, 10 and 20 seconds between them, then the call fails, and
 * a person is told.
 */
import { expect, type Scenario } from './scenario.ts';
import { ada } from './people.ts';

export const simulated503: Scenario = {
  name: 'simulated-503',
  summary: 'ElevenLabs answers 503: retries after 5 s, 10 s and 20 s, then an alert',
  view: 'steps',
  contacts: 1,
  async run({ agent }) {
    return { calls: [await agent.makeSingleCall(ada, { simulate503: true })] };
  },
  check({ calls, alerts }) {
    return [
      ...expect(
        'status',
        ['failed'],
        calls.map(({ status }) => status),
      ),
      ...expect('attempts', { LLM: 1, ElevenLabs: 4 }, calls[0]?.attempts),
      ...expect(
        'alerts',
        ['call.failed'],
        alerts.map(({ rule }) => rule),
      ),
    ];
  },
};
