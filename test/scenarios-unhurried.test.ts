import { describe, expect, test } from 'vitest';
import { play } from '../scenarios/play.ts';
import { recovery } from '../scenarios/recovery.ts';
import { slow } from '../scenarios/slow.ts';
import { openAgent } from './support/agent.ts';

describe('on a computer that is slow for the speed of the clock', () => {
  test('the outage of recovery lasts until it has opened the breaker', async () => {
    const latencyMs = { LLM: 28_000, ElevenLabs: 28_000 };
    const v = await openAgent({ healthChecks: true, world: { latencyMs } });
    const { problems } = await v.drive(play(recovery, v.agent, () => {}));
    expect(problems).toEqual([]);
  });

  test('the answers of slow are too late also where time limits are stretched', async () => {
    const v = await openAgent({ healthChecks: true, env: { ...slow.env } });
    v.clock.setTimeLimit = (callback, delayMs) => v.clock.setTimeout(callback, 4 * delayMs);
    const { problems } = await v.drive(play(slow, v.agent, () => {}));
    expect(problems).toEqual([]);
  });
});
