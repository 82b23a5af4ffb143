import { describe, expect, test } from 'vitest';
import { crmErrorBody } from '../../../scenarios/world/crm-errors.ts';
import { crm, openWorld, TRANSPORTS } from './support.ts';

const PROPERTIES = {
  hs_call_title: 'Reminder',
  hs_call_status: 'COMPLETED',
  hs_timestamp: '2026-09-21T14:13:20.000Z',
  call_agent_key: 'call:0007',
};

describe.each(TRANSPORTS)('%s', (transport) => {
  test('creates a record and finds it by id and by key', async () => {
    const opened = await openWorld(transport);
    const response = await crm(opened, '', PROPERTIES);
    expect(response.status).toBe(201);
    const record = (await response.json()) as { id: string };
    expect(record).toEqual({
      id: expect.stringMatching(/^\d+$/),
      properties: PROPERTIES,
      createdAt: '2026-09-21T14:13:20.000Z',
      updatedAt: '2026-09-21T14:13:20.000Z',
      archived: false,
    });
    const byKey = await crm(opened, '/call%3A0007?idProperty=call_agent_key');
    expect(await byKey.json()).toEqual(record);
    expect(await (await crm(opened, `/${record.id}`)).json()).toEqual(record);
  });

  test('answers a second create with the same key as a conflict', async () => {
    const opened = await openWorld(transport);
    const { id } = (await (await crm(opened, '', PROPERTIES)).json()) as { id: string };
    const second = await crm(opened, '', PROPERTIES);
    expect(second.status).toBe(409);
    expect(await second.json()).toEqual({
      status: 'error',
      category: 'CONFLICT',
      message: expect.stringContaining(`Existing ID: ${id}`),
      correlationId: second.headers.get('x-hubspot-correlation-id'),
    });
  });

  test('lists records for a health check', async () => {
    const opened = await openWorld(transport);
    expect(await (await crm(opened, '?limit=1')).json()).toEqual({ results: [] });
    await crm(opened, '', PROPERTIES);
    await crm(opened, '', { ...PROPERTIES, call_agent_key: 'call:0008' });
    expect(await (await crm(opened, '?limit=1')).json()).toMatchObject({
      results: [{ properties: PROPERTIES }],
    });
    expect(opened.world.counts.CRM).toEqual({ work: 2, health: 2, other: 0 });
  });

  test('tells of the property that holds the key', async () => {
    const { world, fetch } = await openWorld(transport);
    const ask = (name: string): Promise<Response> =>
      fetch(`${world.urls.CRM}/crm/v3/properties/calls/${name}`, {
        headers: { authorization: 'Bearer key' },
      });
    expect(await (await ask('call_agent_key')).json()).toMatchObject({
      name: 'call_agent_key',
      hasUniqueValue: true,
    });
    expect((await ask('another')).status).toBe(404);
  });

  test('takes no property that the account does not have', async () => {
    const opened = await openWorld(transport, { hasKeyProperty: false });
    const refused = await crm(opened, '', PROPERTIES);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      category: 'VALIDATION_ERROR',
      message: expect.stringContaining('"error":"PROPERTY_DOESNT_EXIST"'),
    });
    const { call_agent_key: _, ...others } = PROPERTIES;
    expect((await crm(opened, '', others)).status).toBe(201);
  });

  test('does not find what is not there', async () => {
    const response = await crm(await openWorld(transport), '/none?idProperty=call_agent_key');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 'error', category: 'OBJECT_NOT_FOUND' });
  });
});

test('records without a key never conflict', async () => {
  const opened = await openWorld('in process');
  const properties = { hs_timestamp: '1' };
  expect((await crm(opened, '', properties)).status).toBe(201);
  expect((await crm(opened, '', properties)).status).toBe(201);
});

test('refuses what it cannot take', async () => {
  const opened = await openWorld('in process');
  const noTime = await crm(opened, '', { hs_call_title: 'No time' });
  expect(await noTime.json()).toMatchObject({ category: 'VALIDATION_ERROR' });
  const noProperties = await opened.fetch(`${opened.world.urls.CRM}/crm/v3/objects/calls`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: '{}',
  });
  expect(noProperties.status).toBe(400);
  expect((await crm(opened, '/1?idProperty=hs_call_title')).status).toBe(400);
});

test('names the policy of a rate limit', () => {
  expect(crmErrorBody(429, 'DAILY')).toMatchObject({
    policyName: 'DAILY',
    message: 'You have reached your daily limit.',
  });
  expect(crmErrorBody(429)).toMatchObject({ policyName: 'SECONDLY' });
  expect(crmErrorBody(502)).toMatchObject({ category: 'INTERNAL_ERROR' });
});
