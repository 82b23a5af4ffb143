/**
 * ElevenLabs is down for an hour, health checks included; the hour passes in virtual time.
 *
 * Expect: each failed attempt counts for the circuit breaker, so that it opens before any request
 * has run out of attempts, and nobody fails. For an hour the list waits, with at most one probe a
 * minute. When the service is back, all twenty contacts are completed.
 */
import { gapsOf, watch, workOf } from './evidence.ts';
import { peopleList } from './people.ts';
import { alertsOf, expect, expectAll, type Scenario } from './scenario.ts';

const OUTAGE_MS = 3_600_000;
const BREAKER_TIMEOUT_S = 60;
const CONTACTS = 20;

export const longOutage: Scenario = {
  name: 'long-outage',
  summary: 'An hour without ElevenLabs (virtual time): nobody is burnt, one probe a minute',
  view: 'journeys',
  contacts: CONTACTS,
  isVirtual: true,
  env: {
    CIRCUIT_BREAKER_COUNTS: 'attempt',
    CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3',
    CIRCUIT_BREAKER_TIMEOUT: String(BREAKER_TIMEOUT_S),
  },
  async run({ agent, world, say, runCampaign }) {
    const start = agent.clock.now();
    const until = start - world.startedAt + OUTAGE_MS;
    world.plan('ElevenLabs', [{ until, fault: { status: 503 } }]);
    say('ElevenLabs is down for the next hour.');
    const moves = watch(agent, 'breaker.moved');
    const { calls } = await runCampaign(peopleList('twenty'), { concurrency: 4 });
    const openedAt = moves.find(({ to }) => to === 'open')?.at ?? 0;
    const closedAt = moves.findLast(({ to }) => to === 'closed')?.at ?? 0;
    const probes = workOf(world, 'ElevenLabs').filter(({ at }) => at > openedAt && at < closedAt);
    const gaps = gapsOf([openedAt, ...probes.map(({ at }) => at)]);
    const wasTried = probes.length > 1;
    return {
      calls,
      facts: {
        openedInTime: openedAt > start && openedAt < start + 10_000,
        closedAfterOutage: closedAt >= start + OUTAGE_MS,
        wasTried,
        tooSoon: gaps.filter((gapMs) => gapMs < BREAKER_TIMEOUT_S * 1000),
        dialled: new Set(world.dials.map(({ to }) => to)).size,
        dials: world.dials.length,
      },
    };
  },
  check(outcome) {
    const { facts } = outcome;
    return [
      ...expectAll('completed', CONTACTS, outcome),
      ...expect('opened at the first failures', true, facts['openedInTime']),
      ...expect('closed when the hour was over', true, facts['closedAfterOutage']),
      ...expect('probes', true, facts['wasTried']),
      ...expect('probes within a minute of the last', [], facts['tooSoon']),
      ...expect('dialled', [CONTACTS, CONTACTS], [facts['dialled'], facts['dials']]),
      ...expect('alerts', ['breaker.opened resolved', 'service.down resolved'], alertsOf(outcome)),
    ];
  },
};
