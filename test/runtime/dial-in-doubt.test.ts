import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { ada } from '../../scenarios/people.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { verifyJournal } from '../../store/verify.ts';
import { journalOf, openAgent } from '../support/agent.ts';
import { always, listOf, placedCalls, runAgain } from '../support/campaigns.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

describe('a dial whose answer leaves doubt', () => {
  test.for<[string, FaultRule['fault']]>([
    ['503 after it was placed', { status: 503, after: true }],
    ['a connection reset after it was placed', { reset: true, after: true }],
    ['no answer after it was placed', { hang: 'headers', after: true }],
    ['an answer without a call id', { json: true, after: true }],
  ])('is looked up and not repeated: %s', async ([, fault]) => {
    const v = await openAgent({ world: { plans: { Telephony: always(fault, 1) } } });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', disposition: 'answered' });
    expect(placedCalls(v)).toBe(1);
    expect(result.attempts['Telephony']).toBe(1);
  });

  test('is repeated when the provider does not know of the call', async () => {
    const v = await openAgent({
      world: { plans: { Telephony: always({ reset: true }, 1) } },
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', attempts: { Telephony: 2 } });
    expect(placedCalls(v)).toBe(1);
  });

  test('is retried at once when it was refused for certain', async () => {
    const v = await openAgent({
      world: { plans: { Telephony: always({ status: 429 }, 2) } },
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', attempts: { Telephony: 3 } });
    expect(journalOf(v).some(({ actor }) => actor.endsWith('/lookup'))).toBe(false);
  });

  test('is unknown when the provider can’t be asked, and the number is not dialled again', async () => {
    const v = await openAgent({
      env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1000' },
      world: {
        plans: {
          Telephony: [
            { match: 'work', times: 1, fault: { reset: true, after: true } },
            { match: 'work', fault: { status: 500 } },
          ],
        },
      },
    });
    const file = listOf(1);
    const report = await v.drive(v.agent.runCampaign(file));
    expect(report).toMatchObject({ state: 'stopped', contacts: { total: 1, unknown: 1 } });
    expect(placedCalls(v)).toBe(1);
    // The same command again leaves the contact to a person.
    const again = await runAgain(v, file);
    expect(again).toMatchObject({ state: 'stopped', contacts: { unknown: 1 } });
    expect(placedCalls(v)).toBe(1);
  });

  test('is found by an answer that takes half a minute to come', async () => {
    const v = await openAgent({
      world: {
        plans: {
          Telephony: [
            { match: 'work', times: 1, fault: { reset: true, after: true } },
            { match: 'work', times: 1, fault: { latencyMs: 25_000 } },
          ],
        },
      },
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', attempts: { Telephony: 1 } });
    expect(placedCalls(v)).toBe(1);
  });

  test('fails, with its reason, when four dials were lost and the provider knows of none', async () => {
    const v = await openAgent();
    v.agent.journal.on('record', ({ actor, from }) => {
      const isDial = actor.endsWith('/dial') && from === null;
      if (isDial) v.agent.world?.plan('Telephony', always({ reset: true }, 1));
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({
      status: 'failed',
      attempts: { Telephony: 4 },
      error: { service: 'Telephony', kind: 'Network' },
    });
    expect(v.agent.world?.dials).toEqual([]);
  });
});

describe('an account that is refused while calls are under way', () => {
  /** From the first time that one is asked about. */
  const refuse = ({ agent }: VirtualAgent, step: string, rules: readonly FaultRule[]): void => {
    let isRefused = false;
    agent.journal.on('record', ({ actor, from }) => {
      if (isRefused || from !== null || !actor.endsWith(`/${step}`)) return;
      isRefused = true;
      agent.world?.plan('Telephony', rules);
    });
  };

  test('leaves nothing for a person to decide when it is let in again', async () => {
    const v = await openAgent();
    refuse(v, 'follow', always({ status: 401 }, 4));
    expect(await runAgain(v, listOf(2))).toMatchObject({
      state: 'done',
      contacts: { completed: 2, unknown: 0 },
    });
    expect(placedCalls(v)).toBe(2);
  });

  test('nor when a dial in doubt is looked up meanwhile', async () => {
    const v = await openAgent({
      world: { plans: { Telephony: always({ reset: true, after: true }, 1) } },
    });
    refuse(v, 'lookup', always({ status: 401 }, 4));
    expect(await runAgain(v, listOf(1))).toMatchObject({
      state: 'done',
      contacts: { completed: 1, unknown: 0 },
    });
    expect(placedCalls(v)).toBe(1);
  });

  test('nor when the program is started again with a new key', async () => {
    const v = await openAgent();
    refuse(v, 'follow', always({ status: 401 }));
    const file = listOf(1);
    const campaign = await v.agent.campaigns.open(file, { concurrency: 1 });
    let refusals = 0;
    v.agent.journal.on('record', ({ machine, from, to }) => {
      if (machine === 'call' && from === 'following' && to === 'inCall') refusals++;
    });
    await v.clock.runUntil(() => refusals === 2);
    await v.agent.stop();
    const next = await openAgent({ dataDir: v.dir, startAt: v.clock.now() + 60_000 });
    await next.clock.runUntil(() => !next.agent.campaigns.isUnfinished(campaign));
    expect(next.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 1, unknown: 0 },
    });
    expect(placedCalls(next)).toBe(1);
    expect(verifyJournal(`${v.dir}/journal`, machines).ok).toBe(true);
  });
});
