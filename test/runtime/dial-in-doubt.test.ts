import { describe, expect, test } from 'vitest';
import { ada } from '../../scenarios/people.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { journalOf, openAgent } from '../support/agent.ts';
import { always, listOf, placedCalls, runAgain } from '../support/campaigns.ts';

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
