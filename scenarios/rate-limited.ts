/**
 * The LLM and ElevenLabs answer 429, each time with a hint in another notation; one of them says `Retry-After: 9` beside `Retry-After-Ms: 0`.
 *
 * Expect: each retry waits as long as it is told, which here is longer than it would have waited of
 * itself, and no request reaches the service before that; all contacts are completed.
 */
import type { ServiceName } from '../config.ts';
import { watch, workOf } from './evidence.ts';
import { peopleList } from './people.ts';
import { alertsOf, expect, expectAll, type Scenario } from './scenario.ts';
import type { World } from './world/world.ts';

interface Hint {
  readonly service: ServiceName;
  readonly headers: Readonly<Record<string, string>>;
  readonly waitMs: number;
}

/** In the order in which they are met: by the first contact, which goes alone. */
const hints: readonly Hint[] = [
  { service: 'LLM', headers: { 'retry-after': '20' }, waitMs: 20_000 },
  {
    service: 'LLM',
    headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12s' },
    waitMs: 12_000,
  },
  {
    service: 'ElevenLabs',
    headers: { 'retry-after': '9', 'retry-after-ms': '0' },
    waitMs: 9_000,
  },
  { service: 'ElevenLabs', headers: { 'retry-after-ms': '30000' }, waitMs: 30_000 },
];

const hintsOf = (service: ServiceName): readonly Hint[] =>
  hints.filter((hint) => hint.service === service);

/** Between each 429 and the service's next request, how much less was waited than it asked for. */
function earlyMs(world: World, service: ServiceName): number[] {
  const requests = workOf(world, service);
  const refused = requests.flatMap(({ status }, index) => (status === 429 ? [index] : []));
  return refused.map((index, nth) => {
    const waitedMs = (requests[index + 1]?.at ?? Infinity) - (requests[index]?.at ?? 0);
    return Math.max(0, (hintsOf(service)[nth]?.waitMs ?? Infinity) - waitedMs);
  });
}

export const rateLimited: Scenario = {
  name: 'rate-limited',
  summary: '429 with a hint in four notations: each retry waits as long as it is told',
  view: 'steps',
  contacts: 6,
  env: { RETRY_INITIAL_DELAY: '5', RETRY_JITTER: 'none', RETRY_AFTER_CAP: '60' },
  async run({ agent, world, runCampaign }) {
    for (const service of ['LLM', 'ElevenLabs'] as const) {
      const rules = hintsOf(service).map(({ headers }) => ({
        match: 'work' as const,
        times: 1,
        fault: { status: 429, headers },
      }));
      world.plan(service, rules);
    }
    const retries = watch(agent, 'retry.planned');
    const { calls } = await runCampaign(peopleList('six'), { concurrency: 1 });
    const early = [...earlyMs(world, 'LLM'), ...earlyMs(world, 'ElevenLabs')];
    const waits = retries
      .filter(({ error }) => error.kind === 'RateLimit')
      .map(({ service, waitMs }) => `${service} ${waitMs}`);
    return { calls, facts: { early, waits } };
  },
  check(outcome) {
    const { facts } = outcome;
    return [
      ...expectAll('completed', 6, outcome),
      ...expect(
        'waits',
        hints.map(({ service, waitMs }) => `${service} ${waitMs}`),
        facts['waits'],
      ),
      ...expect(
        'milliseconds too early',
        hints.map(() => 0),
        facts['early'],
      ),
      ...expect('alerts', [], alertsOf(outcome)),
    ];
  },
};
