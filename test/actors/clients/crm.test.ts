import { describe, expect, test } from 'vitest';
import { openWorld } from '../../scenarios/world/support.ts';
import { clientsAt } from './clients.ts';

const never = new AbortController().signal;
const call = {
  key: 'call:0001@CA1',
  title: 'Call to Ada',
  disposition: 'answered',
  durationMs: 5_000,
  at: 1_790_000_000_000,
};

describe('a call that is written to HubSpot', () => {
  test('a second time is the same record', async () => {
    const { world } = await openWorld('sockets');
    const { hubspot } = clientsAt(world.urls.CRM ?? '');
    const id = await hubspot.record(call, never);
    expect(await hubspot.record(call, never)).toBe(id);
    expect(await hubspot.record({ ...call, key: 'call:0001@CA2' }, never)).not.toBe(id);
  });

  test('and whose answer was lost is found when it is written again', async () => {
    const { world } = await openWorld('sockets');
    const { hubspot } = clientsAt(world.urls.CRM ?? '');
    world.plan('CRM', [{ times: 1, fault: { reset: true, after: true } }]);
    await expect(hubspot.record(call, never)).rejects.toThrow('could not be reached');
    const id = await hubspot.record(call, never);
    const again = await hubspot.record(call, never);
    expect(again).toBe(id);
  });

  test.for([
    ['a conflict', 409, { category: 'CONFLICT', message: 'Existing ID: 1' }],
    [
      'a unique value that is taken',
      400,
      {
        category: 'VALIDATION_ERROR',
        message: `Property values were not valid: [{"isValid":false,"message":"${'x'.repeat(400)} 7 already has that value.","error":"CONFLICTING_UNIQUE_VALUE","name":"call_agent_key"}]`,
      },
    ],
  ] as const)('is looked up when HubSpot tells of %s', async ([, status, body]) => {
    const { world } = await openWorld('sockets');
    const { hubspot } = clientsAt(world.urls.CRM ?? '');
    const id = await hubspot.record(call, never);
    world.plan('CRM', [{ times: 1, fault: { status, body: { status: 'error', ...body } } }]);
    expect(await hubspot.record(call, never)).toBe(id);
    expect(world.requests.at(-1)).toMatchObject({ method: 'GET', status: 200 });
  });

  test('needs a property in the account, and says so as a matter of configuration', async () => {
    const { world } = await openWorld('sockets', { hasKeyProperty: false });
    const { hubspot } = clientsAt(world.urls.CRM ?? '');
    await expect(hubspot.record(call, never)).rejects.toMatchObject({
      code: 'PROPERTY_DOESNT_EXIST',
      scope: 'config',
    });
    expect(await hubspot.keyProperty(never)).toBe('missing');
  });

  test('is kept out a second time only by a property that is unique', async () => {
    const { world } = await openWorld('sockets');
    const { hubspot } = clientsAt(world.urls.CRM ?? '');
    expect(await hubspot.keyProperty(never)).toBe('unique');
    const body = { name: 'call_agent_key', hasUniqueValue: false };
    world.plan('CRM', [{ fault: { body } }]);
    expect(await hubspot.keyProperty(never)).toBe('not unique');
    world.plan('CRM', [{ fault: { status: 401 } }]);
    await expect(hubspot.keyProperty(never)).rejects.toMatchObject({ kind: 'Authentication' });
  });
});
