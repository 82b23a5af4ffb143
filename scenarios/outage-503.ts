/**
 * ElevenLabs answers 503 to all work until half a minute after its circuit breaker has opened, and
 * takes five seconds for its first good answer. Its health checks pass all the while.
 *
 * Expect: each of the first three contacts fails after four attempts with waits of 5, 10 and 20
 * seconds between them, and people are told; the third one opens the breaker; the fourth contact
 * waits a minute, is the probe that closes it, and is completed.
 */
import { watch } from './evidence.ts';
import { peopleList } from './people.ts';
import { expect, isToldAsAWhole, type Scenario } from './scenario.ts';

/** From the breaker's opening on: over by the time of the probe, however slow the machine is. */
const DOWN_FOR_MS = 30_000;
/** Long enough to be seen by whoever looks at the half-open breaker. */
const PROBE_MS = 5_000;

export const outage503: Scenario = {
  name: 'outage-503',
  summary: 'ElevenLabs answers 503: retries after 5 s, 10 s and 20 s, an open breaker, a probe',
  view: 'steps',
  contacts: 4,
  isOneByOne: true,
  async run({ agent, world, runCampaign }) {
    const fault = { status: 503 };
    world.plan('ElevenLabs', [{ match: 'work', fault }]);
    const moves: string[] = [];
    watch(agent, 'breaker.moved', ({ service, from, to, at }) => {
      if (service !== 'ElevenLabs') return;
      moves.push(to);
      if (from !== 'closed' || to !== 'open') return;
      world.plan('ElevenLabs', [
        { match: 'work', until: at - world.startedAt + DOWN_FOR_MS, fault },
        { match: 'work', times: 1, fault: { latencyMs: PROBE_MS } },
      ]);
    });
    const { calls } = await runCampaign(peopleList('four'), { concurrency: 1 });
    return { calls, facts: { moves } };
  },
  check(outcome) {
    const { calls, alerts, facts } = outcome;
    const retried = { LLM: 1, ElevenLabs: 4 };
    const states = (rule: string): string[] =>
      alerts.filter((alert) => alert.rule === rule).map(({ state }) => state);
    const breaker = states('breaker.opened');
    return [
      ...expect(
        'status',
        ['failed', 'failed', 'failed', 'completed'],
        calls.map(({ status }) => status),
      ),
      ...expect(
        'attempts of those that failed',
        [retried, retried, retried],
        calls.slice(0, 3).map(({ attempts }) => attempts),
      ),
      ...expect('breaker', ['open', 'halfOpen', 'closed'], facts['moves']),
      ...expect('alert of the calls', ['firing'], states('call.failed')),
      ...(breaker.length > 0 || !isToldAsAWhole(outcome, 'ElevenLabs')
        ? expect('alert of the breaker', ['resolved'], breaker)
        : []),
    ];
  },
};
