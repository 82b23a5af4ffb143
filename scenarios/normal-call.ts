/**
 * One call, nothing goes wrong.
 *
 * Expect: script, speech, dial and CRM in one attempt each, and a completed call.
 */
import { expect, type Scenario } from './scenario.ts';
import { ada } from './people.ts';

export const normalCall: Scenario = {
  name: 'normal-call',
  summary: 'One call, nothing goes wrong',
  view: 'steps',
  contacts: 1,
  async run({ agent }) {
    return { calls: [await agent.makeSingleCall(ada)] };
  },
  check({ calls, alerts }) {
    return [
      ...expect(
        'status',
        ['completed'],
        calls.map(({ status }) => status),
      ),
      ...expect('attempts', { LLM: 1, ElevenLabs: 1, Telephony: 1, CRM: 1 }, calls[0]?.attempts),
      ...expect('alerts', 0, alerts.length),
    ];
  },
};
