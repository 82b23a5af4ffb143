/**
 * Three requests in ten to the LLM, ElevenLabs and the CRM are answered with 503.
 *
 * Expect: retries and nothing else. All twelve contacts are completed, no request runs out of
 * attempts, and so no breaker hears of a failure.
 */
import type { ServiceName } from '../config.ts';
import { attemptsAt, workOf } from './evidence.ts';
import { peopleList } from './people.ts';
import { alertsOf, expect, expectAll, type Scenario } from './scenario.ts';

const CONTACTS = 12;
const SERVICES: readonly ServiceName[] = ['LLM', 'ElevenLabs', 'CRM'];
/** One after another, the chances fall to the same requests every time: none gets four in a row. */
const SEED = 102;

export const flaky: Scenario = {
  name: 'flaky',
  summary: '30 % of all requests are answered with 503: retries, and every contact is completed',
  view: 'journeys',
  contacts: CONTACTS,
  env: { RETRY_MAX_ATTEMPTS: '3' },
  world: { seed: SEED },
  async run({ world, runCampaign }) {
    for (const service of SERVICES) {
      world.plan(service, [{ match: 'work', chance: 0.3, fault: { status: 503 } }]);
    }
    const { calls } = await runCampaign(peopleList('twelve'), { concurrency: 1 });
    const refusals = SERVICES.map((service) => {
      return workOf(world, service).filter(({ status }) => status === 503).length;
    });
    return {
      calls,
      facts: { refusals, written: calls.filter(({ crm }) => crm === 'done').length },
    };
  },
  check(outcome) {
    const { calls, facts } = outcome;
    const retries = SERVICES.map((service) => attemptsAt(service, calls) - CONTACTS);
    const isFlaky = retries.every((count) => count > 0);
    return [
      ...expectAll('completed', CONTACTS, outcome),
      ...expect('retries, one for each 503', facts['refusals'], retries),
      ...expect('each service was retried', true, isFlaky),
      ...expect('CRM records', CONTACTS, facts['written']),
      ...expect('alerts', [], alertsOf(outcome)),
    ];
  },
};
