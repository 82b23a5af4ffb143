import { describe, expect, test } from 'vitest';
import { ada } from '../../scenarios/people.ts';
import { journalOf, openAgent } from '../support/agent.ts';
import { listOf, placedCalls } from '../support/campaigns.ts';
import { EPOCH, type VirtualAgent } from '../support/virtual-agent.ts';

const MINUTE = 60_000;
/** The CRM answers nobody for twelve minutes. */
const down = { plans: { CRM: [{ until: 12 * MINUTE, fault: { status: 503 } }] } };

const keysInCrm = ({ agent }: VirtualAgent): number[] =>
  (agent.world?.requests ?? [])
    .filter(({ service, status }) => service === 'CRM' && status === 201)
    .map(({ at }) => at - EPOCH);

describe('a result that the CRM could not take', () => {
  test('is written while the agent runs, as soon as the CRM is back, once', async () => {
    const v = await openAgent({ world: down });
    expect(await v.drive(v.agent.makeSingleCall(ada))).toMatchObject({ crm: 'pending' });
    await v.clock.advance(30 * MINUTE);
    const written = keysInCrm(v);
    expect(written).toHaveLength(1);
    expect(written[0]).toBeGreaterThanOrEqual(12 * MINUTE);
    expect(written[0]).toBeLessThan(18 * MINUTE);
    expect(placedCalls(v)).toBe(1);
    await v.clock.advance(60 * MINUTE);
    expect(v.agent.world?.requests.filter(({ service }) => service === 'CRM').at(-1)?.at).toBe(
      (written[0] ?? 0) + EPOCH,
    );
  });

  test('is written at once when a later call shows that the CRM is back', async () => {
    const v = await openAgent({
      env: { RETRY_MAX_ATTEMPTS: '0' },
      world: { plans: { CRM: [{ times: 1, fault: { status: 503 } }] } },
    });
    const campaign = await v.agent.campaigns.open(listOf(2), { concurrency: 1 });
    await v.drive(v.agent.campaigns.ended(campaign));
    await v.drive(v.agent.recordsSettled());
    const { calls } = v.agent.campaigns.report(campaign);
    expect(calls.map(({ crm }) => crm)).toEqual(['done', 'done']);
    expect(v.clock.now() - EPOCH).toBeLessThan(MINUTE);
  });

  test('is written with others a few at a time', async () => {
    const v = await openAgent({ world: { ...down, latencyMs: 100 } });
    const campaign = await v.agent.campaigns.open(listOf(9), { concurrency: 9 });
    await v.drive(v.agent.campaigns.ended(campaign));
    await v.clock.advance(30 * MINUTE);
    expect(keysInCrm(v)).toHaveLength(9);
    let [running, most] = [0, 0];
    for (const { actor, from, done } of journalOf(v)) {
      if (!actor.startsWith('record:')) continue;
      running += (from === null ? 1 : 0) - (done ? 1 : 0);
      most = Math.max(most, running);
    }
    expect(most).toBe(4);
  });

  test('is left to the next start when the CRM refuses it for good', async () => {
    const v = await openAgent({ world: { plans: { CRM: [{ fault: { status: 400 } }] } } });
    await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(60 * MINUTE);
    const attempts = v.agent.world?.counts.CRM?.work ?? 0;
    expect(attempts).toBeLessThanOrEqual(2);
  });
});
