import { describe, expect, test } from 'vitest';
import { simulate, type Simulated } from '../../scenarios/simulation/simulate.ts';

/** Seeds in one test: few enough for its time limit on a busy machine. */
const AT_ONCE = 5;
const TIMEOUT_MS = 120_000;

/** Whoever sees it fail runs that seed again, and gets the same journal. */
const telling = ({ seed, problems }: Simulated): string[] =>
  problems.length === 0 ? [] : [`npm run simulate -- --seed ${seed}`, ...problems];

/** Whole campaigns with all that can befall them; each file of tests takes a share of the seeds. */
export function describeSeeds(first: number, count: number): void {
  const firsts = Array.from({ length: count / AT_ONCE }, (_, index) => first + index * AT_ONCE);
  describe('a campaign in virtual time, whatever befalls it', () => {
    test.for(firsts)(
      `loses nobody and calls nobody twice, seeds %i to + ${AT_ONCE - 1}`,
      { timeout: TIMEOUT_MS },
      async (seed) => {
        const found: string[] = [];
        for (let at = seed; at < seed + AT_ONCE; at++) found.push(...telling(await simulate(at)));
        expect(found).toEqual([]);
      },
    );
  });
}
