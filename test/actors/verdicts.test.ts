import { describe, expect, test } from 'vitest';
import { haltOffline, settleOffline } from '../../actors/campaign-offline.ts';
import { readFolder, readReports } from '../../actors/reading.ts';
import { summary } from '../../cli/summary.ts';
import { machines } from '../../machines/registry.ts';
import { ada } from '../../scenarios/people.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { verifyJournal } from '../../store/verify.ts';
import { journalOf, openAgent } from '../support/agent.ts';
import { listOf, placedCalls, runAgain } from '../support/campaigns.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

/** The first dial is carried out and its answer lost; the look-up is refused for good. */
const doubt: readonly FaultRule[] = [
  { match: 'work', times: 1, fault: { status: 503, after: true } },
  { match: 'work', times: 1, fault: { status: 400 } },
];

/** The first of two contacts is unknown, the other one completed. */
async function inDoubt() {
  const v = await openAgent({ world: { plans: { Telephony: doubt } } });
  const file = listOf(2);
  const report = await runAgain(v, file);
  expect(report).toMatchObject({ state: 'stopped', contacts: { completed: 1, unknown: 1 } });
  return { v, file, campaign: report.campaign };
}

const settle = ({ agent }: VirtualAgent, verdict: string, contact = '0001'): unknown =>
  agent.command({ type: 'campaign.settle', contact, verdict, by: 'a test' });

const isProven = ({ dir }: VirtualAgent): boolean => verifyJournal(`${dir}/journal`, machines).ok;

describe('an unknown contact that a person settles', () => {
  test('is completed when it was answered, and its result is written to the CRM', async () => {
    const { v, campaign } = await inDoubt();
    expect(settle(v, 'answered')).toMatchObject({ status: 'completed', crm: 'pending' });
    await v.drive(v.agent.recordsSettled());
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 2 },
      calls: [{ disposition: 'answered', crm: 'done' }, {}],
    });
    expect(v.agent.world?.counts.CRM?.work).toBe(2);
    expect(placedCalls(v)).toBe(2);
    expect(isProven(v)).toBe(true);
  });

  test('is called again when a person says so, with the script and speech that are there', async () => {
    const { v, campaign } = await inDoubt();
    settle(v, 'retry');
    await v.drive(v.agent.campaigns.ended(campaign));
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      calls: [{ status: 'completed', attempts: { LLM: 1, ElevenLabs: 1, Telephony: 2 } }, {}],
    });
    expect(placedCalls(v)).toBe(3);
    expect(isProven(v)).toBe(true);
  });

  test('is skipped when a person leaves it at that', async () => {
    const { v, campaign } = await inDoubt();
    expect(settle(v, 'skip')).toMatchObject({ status: 'skipped' });
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 1, skipped: 1 },
    });
    const [decided] = journalOf(v).filter(({ event }) => event.type === 'contact.decided');
    expect(decided).toMatchObject({ event: { contact: '0001', by: 'a test' }, to: 'done' });
  });

  test('is settled once', async () => {
    const { v } = await inDoubt();
    settle(v, 'skip');
    expect(() => settle(v, 'retry')).toThrow('Contact 0001 is skipped: only one');
    expect(() => settle(v, 'retry', '0077')).toThrow('No contact 0077 has been called');
    expect(() => settle(v, 'perhaps')).toThrow('campaign.settle is not as it should be');
  });

  test('need not belong to a campaign, but then nothing can call it again', async () => {
    const v = await openAgent({ world: { plans: { Telephony: doubt } } });
    expect(await v.drive(v.agent.makeSingleCall(ada))).toMatchObject({ status: 'unknown' });
    expect(() => settle(v, 'retry')).toThrow('belongs to no campaign');
    expect(settle(v, 'answered')).toMatchObject({ status: 'completed' });
    await v.drive(v.agent.recordsSettled());
    expect(v.agent.world?.counts.CRM?.work).toBe(1);
    expect(isProven(v)).toBe(true);
  });
});

describe('without an agent', () => {
  const reportOf = ({ dir }: VirtualAgent) => readReports(readFolder(dir), false)[0];

  test('a verdict is written, and the next start acts on it', async () => {
    const { v, campaign } = await inDoubt();
    await v.agent.stop();
    settleOffline(v.dir, '0001', 'retry', 'a test');
    expect(reportOf(v)).toMatchObject({ state: 'stopped', contacts: { deferred: 1 } });
    expect(isProven(v)).toBe(true);
    const next = await openAgent({ dataDir: v.dir, startAt: Date.now(), goesOnWith: { campaign } });
    await next.clock.runUntil(() => !next.agent.campaigns.isUnfinished(campaign));
    expect(next.agent.campaigns.report(campaign)).toMatchObject({ contacts: { completed: 2 } });
    expect(isProven(v)).toBe(true);
  });

  test('an answered contact is recorded by the next start', async () => {
    const { v } = await inDoubt();
    await v.agent.stop();
    settleOffline(v.dir, '0001', 'answered', 'a test');
    expect(reportOf(v)).toMatchObject({ state: 'done', calls: [{ crm: 'pending' }, {}] });
    const next = await openAgent({ dataDir: v.dir, startAt: Date.now() });
    await next.clock.runUntil(() => next.agent.world?.counts.CRM?.work === 1);
    await next.drive(next.agent.recordsSettled());
    await next.agent.stop();
    expect(reportOf(v)).toMatchObject({ calls: [{ crm: 'done' }, {}] });
  });

  test('a campaign is paused and stopped, and goes on when it is resumed', async () => {
    const v = await openAgent();
    const campaign = await v.agent.campaigns.open(listOf(3), { concurrency: 1 });
    await v.agent.stop();
    expect(haltOffline(v.dir, 'campaign.pause', null, 'a test')).toEqual([campaign]);
    expect(reportOf(v)).toMatchObject({ state: 'paused', haltedBy: 'a test', pausedBy: null });
    haltOffline(v.dir, 'campaign.stop', campaign, 'another');
    expect(reportOf(v)).toMatchObject({ state: 'stopped', haltedBy: 'another' });
    expect(isProven(v)).toBe(true);
    const next = await openAgent({ dataDir: v.dir, startAt: Date.now() });
    expect(next.agent.campaigns.reopen(null, 'a test', 2)).toBe(campaign);
    await next.drive(next.agent.campaigns.ended(campaign));
    expect(next.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 3 },
    });
  });
});

describe('a contact whose own error pauses the campaign', () => {
  /** One country that the account may not call. */
  async function blocked() {
    const fault = { status: 400, code: 21215 };
    const v = await openAgent({ world: { plans: { Telephony: [{ match: 'work', fault }] } } });
    const file = listOf(1);
    const report = await runAgain(v, file);
    expect(report).toMatchObject({ state: 'paused', contacts: { deferred: 1 } });
    expect(summary(report, undefined)).toContain('npx call-agent campaign settle 0001 skip');
    return { v, campaign: report.campaign };
  }

  test('is left out by a person, and the campaign has its end', async () => {
    const { v, campaign } = await blocked();
    expect(() => settle(v, 'retry')).toThrow('can be settled with skip');
    expect(settle(v, 'skip')).toMatchObject({ status: 'skipped', error: null });
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { deferred: 0, skipped: 1 },
    });
    expect(() => settle(v, 'skip')).toThrow('Contact 0001 is skipped');
    expect(isProven(v)).toBe(true);
  });

  test('also where no agent runs', async () => {
    const { v, campaign } = await blocked();
    await v.agent.stop();
    settleOffline(v.dir, '0001', 'skip', 'a test');
    const [report] = readReports(readFolder(v.dir), false);
    expect(report).toMatchObject({ campaign, state: 'done', contacts: { skipped: 1 } });
    expect(isProven(v)).toBe(true);
  });
});
