/**
 * ElevenLabs takes 8 seconds for every answer, health checks included, and is given 5.
 *
 * Expect: the first three contacts fail after four attempts that time out, which opens the circuit
 * breaker; the others wait. After about 100 seconds ElevenLabs is as quick as ever; a probe or a
 * health check finds that out, whichever comes first, and the breaker closes; the others are
 * completed.
 */
import { watch } from './evidence.ts';
import { peopleList } from './people.ts';
import { alertsOf, expect, isToldAsAWhole, type Scenario } from './scenario.ts';

/** From the breaker's opening on, so that no machine is too slow to see it open. */
const SLOW_FOR_MS = 45_000;
const LATENCY_MS = 8_000;
const FIRST = 3;

export const slow: Scenario = {
  name: 'slow',
  summary: 'ElevenLabs takes 8 s and is given 5: timeouts, an open breaker, and a recovery',
  view: 'steps',
  contacts: 6,
  env: { REQUEST_TIMEOUT: '5', RETRY_MAX_ATTEMPTS: '3', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3' },
  async run({ agent, world, say, runCampaign }) {
    const fault = { latencyMs: LATENCY_MS };
    world.plan('ElevenLabs', [{ fault }]);
    say('ElevenLabs takes 8 seconds for every answer.');
    let isOpen = false;
    const moves = watch(agent, 'breaker.moved', ({ service, to, at }) => {
      if (isOpen || service !== 'ElevenLabs' || to !== 'open') return;
      isOpen = true;
      world.plan('ElevenLabs', [{ until: at - world.startedAt + SLOW_FOR_MS, fault }]);
    });
    const failures = watch(agent, 'attempt.failed');
    const { calls } = await runCampaign(peopleList('six'), { concurrency: FIRST });
    const timedOut = failures.filter(({ service }) => service === 'ElevenLabs');
    const breaker = moves.filter(({ service }) => service === 'ElevenLabs').map(({ to }) => to);
    return {
      calls,
      facts: {
        kinds: [...new Set(timedOut.map(({ error }) => error.kind))],
        opened: breaker[0],
        inTheEnd: breaker.at(-1),
      },
    };
  },
  check(outcome) {
    const { calls, facts } = outcome;
    const first = calls.slice(0, FIRST);
    return [
      ...expect(
        'the first',
        first.map(() => 'failed Timeout 4'),
        first.map(
          ({ status, error, attempts }) =>
            `${status} ${error?.kind ?? ''} ${attempts['ElevenLabs'] ?? 0}`,
        ),
      ),
      ...expect(
        'the rest',
        ['completed', 'completed', 'completed'],
        calls.slice(FIRST).map(({ status }) => status),
      ),
      ...expect('failures of attempts', ['Timeout'], facts['kinds']),
      ...expect('breaker first', 'open', facts['opened']),
      ...expect('breaker in the end', 'closed', facts['inTheEnd']),
      ...(isToldAsAWhole(outcome, 'ElevenLabs')
        ? []
        : expect('alerts', ['breaker.opened resolved', 'call.failed firing'], alertsOf(outcome))),
    ];
  },
};
