import { expect } from 'vitest';
import type { CampaignReport, ReportedCall } from '../../../actors/report.ts';
import { jsonOf } from './desk.ts';
import type { Ended } from './program.ts';

export type { CampaignReport };

const STATUSES = ['waiting', 'active', 'completed', 'failed', 'deferred', 'skipped', 'unknown'];
const keysOf = (value: object): string[] => Object.keys(value).toSorted();
const oneOf = (...values: readonly unknown[]): unknown => expect.toBeOneOf([...values]);
const textOrNull = oneOf(null, expect.any(String));

const anError = {
  category: oneOf('TRANSIENT_ERROR', 'PERMANENT_ERROR', 'CIRCUIT_BREAKER_OPEN'),
  kind: expect.any(String) as unknown,
  scope: oneOf('contact', 'account', 'config', null),
  service: oneOf('LLM', 'ElevenLabs', 'Telephony', 'CRM'),
  code: oneOf(null, expect.any(Number), expect.any(String)),
  message: expect.any(String) as unknown,
};

function expectCall(call: ReportedCall): void {
  expect(call).toStrictEqual({
    contact: expect.any(String),
    name: expect.any(String),
    status: oneOf(...STATUSES),
    disposition: textOrNull,
    crm: oneOf('done', 'pending', null),
    attempts: expect.any(Object),
    error: call.error === null ? null : anError,
  });
  for (const [service, count] of Object.entries(call.attempts)) {
    expect(['LLM', 'ElevenLabs', 'Telephony', 'CRM']).toContain(service);
    expect(count).toBeTypeOf('number');
  }
}

/** The report of a campaign as the contract has it: every key, every type, counts that add up. */
export function reportOf(ended: Ended): CampaignReport {
  const report = jsonOf(ended) as CampaignReport;
  expect(report).toMatchObject({
    campaign: expect.any(String),
    state: oneOf('running', 'done', 'paused', 'stopped'),
    pausedBy: oneOf(null, expect.any(Object)),
    nextAt: textOrNull,
    rejected: expect.any(Number),
    duplicates: expect.any(Number),
    rejectedFile: textOrNull,
    calls: expect.any(Array),
  });
  const { contacts, calls, pausedBy } = report;
  if (pausedBy) expect(keysOf(pausedBy)).toEqual(['code', 'kind', 'message', 'service']);
  for (const call of calls) expectCall(call);
  expect(calls).toHaveLength(contacts.total);
  for (const status of ['completed', 'failed', 'deferred', 'skipped', 'unknown'] as const) {
    expect(contacts[status]).toBe(calls.filter((call) => call.status === status).length);
  }
  return report;
}
