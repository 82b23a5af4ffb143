/**
 * The LLM's key is wrong: it answers 401 `invalid_api_key` to everything.
 *
 * Expect: the campaign pauses at the first such answer, and a person is told. The two contacts that
 * meet it are deferred; nobody fails and nobody is called. It stays paused, for only a person can
 * put this right.
 */
import { peopleList } from './people.ts';
import { alertsOf, expect, type Scenario } from './scenario.ts';

const CONTACTS = 6;
const CONCURRENCY = 2;

export const badKey: Scenario = {
  name: 'bad-key',
  summary: 'A wrong key pauses the campaign at once; no contact fails, and a person is told',
  view: 'steps',
  contacts: CONTACTS,
  async run({ world, runCampaign }) {
    world.plan('LLM', [{ fault: { status: 401, code: 'invalid_api_key' } }]);
    const report = await runCampaign(peopleList('six'), { concurrency: CONCURRENCY });
    const { calls, state, pausedBy } = report;
    return {
      calls,
      facts: {
        paused: { state, service: pausedBy?.service, kind: pausedBy?.kind, code: pausedBy?.code },
        dialled: world.dials.length,
      },
    };
  },
  check(outcome) {
    const { calls, facts } = outcome;
    const paused = {
      state: 'paused',
      service: 'LLM',
      kind: 'Authentication',
      code: 'invalid_api_key',
    };
    const statuses = calls.map(({ status }) => status);
    const met = calls.filter(({ attempts }) => (attempts['LLM'] ?? 0) > 0);
    return [
      ...expect('the pause', paused, facts['paused']),
      ...expect('contacts', CONTACTS, calls.length),
      ...expect(
        'those that met the error',
        Array.from({ length: CONCURRENCY }, () => 'deferred'),
        met.map(({ status }) => status),
      ),
      ...expect('failed', false, statuses.includes('failed')),
      ...expect('dialled', 0, facts['dialled']),
      ...expect('alerts', ['campaign.paused firing'], alertsOf(outcome)),
    ];
  },
};
