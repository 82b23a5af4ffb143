/**
 * The ElevenLabs account has no characters left: it answers 401 `quota_exceeded`, and its health
 * check says the same. Later there is a new quota.
 *
 * Expect: the campaign pauses when the first contact meets this, and nobody fails. Resumed, it
 * sends one contact alone; that goes well, and three at a time follow. All are completed.
 */
import { watch, watchCrowd } from './evidence.ts';
import { peopleList } from './people.ts';
import { alertsOf, expect, expectAll, type Scenario } from './scenario.ts';
import type { FaultRule } from './world/fault-plan.ts';

const list = peopleList('six');

/** ElevenLabs' own words (help centre, "API - Error Code 400 or 401"). */
const detail = {
  status: 'quota_exceeded',
  message:
    'This request exceeds your quota of 10000. You have 0 credits remaining, while 172 credits are required for this request.',
};

const exhausted: readonly FaultRule[] = [
  { match: 'work', fault: { status: 401, body: { detail } } },
  { match: 'health', fault: { body: { character_count: 10_000, character_limit: 10_000 } } },
];

export const quotaExhausted: Scenario = {
  name: 'quota-exhausted',
  summary: 'An empty quota pauses the campaign; resumed with a new one, one contact goes alone',
  view: 'steps',
  contacts: 6,
  async run({ agent, world, say, runCampaign }) {
    world.plan('ElevenLabs', exhausted);
    const moves = watch(agent, 'campaign.moved');
    const before = watchCrowd(agent);
    const paused = await runCampaign(list, { concurrency: 1 });
    const begun = before.length;
    say('ElevenLabs has a new quota, and the campaign is resumed.');
    world.plan('ElevenLabs', []);
    const after = watchCrowd(agent);
    const { calls } = await runCampaign(list, { concurrency: 3 });
    const { state, pausedBy, contacts } = paused;
    return {
      calls,
      facts: {
        paused: { state, service: pausedBy?.service, kind: pausedBy?.kind, code: pausedBy?.code },
        begun,
        deferred: contacts.deferred > 0,
        failed: contacts.failed,
        crowd: after.slice(0, 4),
        states: moves.map(({ to }) => to),
      },
    };
  },
  check(outcome) {
    const { facts } = outcome;
    const paused = {
      state: 'paused',
      service: 'ElevenLabs',
      kind: 'Quota',
      code: 'quota_exceeded',
    };
    return [
      ...expect('the pause', paused, facts['paused']),
      ...expect('contacts begun before the pause', 1, facts['begun']),
      ...expect('deferred at the pause', true, facts['deferred']),
      ...expect('failed at the pause', 0, facts['failed']),
      ...expect('at a time after it', [1, 1, 2, 3], facts['crowd']),
      ...expect('pauses and ends', ['running', 'paused', 'running', 'done'], facts['states']),
      ...expectAll('completed', 6, outcome),
      ...expect('alerts', ['campaign.paused resolved'], alertsOf(outcome)),
    ];
  },
};
