import { describe, expect, test } from 'vitest';
import { statusOf } from '../../runtime/status.ts';
import { openAgent } from '../support/agent.ts';
import { EPOCH } from '../support/virtual-agent.ts';

describe('the status', () => {
  test('of a new agent is closed and healthy nowhere yet', async () => {
    const { agent } = await openAgent();
    const unknown = { breaker: 'CLOSED', failures: 0, retryAt: null, health: 'UNKNOWN' };
    expect(agent.status()).toEqual({
      services: { LLM: unknown, ElevenLabs: unknown, Telephony: unknown, CRM: unknown },
    });
  });

  test('says of a service with health checks whether it is well', async () => {
    const v = await openAgent({
      healthChecks: true,
      world: { plans: { CRM: [{ fault: { status: 500 } }] } },
    });
    await v.clock.advance(1);
    const { LLM, CRM } = v.agent.status().services;
    expect([LLM?.health, CRM?.health]).toEqual(['HEALTHY', 'UNHEALTHY']);
    expect(CRM?.breaker).toBe('CLOSED');
  });

  test.for([
    ['closed', 'CLOSED', null],
    ['open', 'OPEN', new Date(EPOCH).toISOString()],
    ['halfOpen', 'HALF_OPEN', null],
    ['isolated', 'ISOLATED', null],
  ] as const)('of a breaker that is %s', ([state, breaker, retryAt]) => {
    const context = { failures: 2, dueAt: EPOCH, health: 'UNHEALTHY' };
    const { services } = statusOf(['LLM'], () => ({ state, context }));
    expect(services['LLM']).toEqual({ breaker, failures: 2, retryAt, health: 'UNHEALTHY' });
  });

  test('of a service that nobody knows yet is closed', () => {
    const { services } = statusOf(['New'], () => undefined);
    expect(services['New']).toEqual({
      breaker: 'CLOSED',
      failures: 0,
      retryAt: null,
      health: 'UNKNOWN',
    });
  });
});
