import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ServiceName } from '../config.ts';
import type { CampaignReport } from '../actors/report.ts';
import type { FaultRule } from '../scenarios/world/fault-plan.ts';
import { verifyJournal } from '../store/verify.ts';
import { machines } from '../machines/registry.ts';
import { journalOf, openAgent } from './support/agent.ts';
import { always, listOf, runAgain } from './support/campaigns.ts';
import { EPOCH, startVirtualAgent, type VirtualAgent } from './support/virtual-agent.ts';

const MINUTE = 60_000;
const first = '+14155550100';

const proven = ({ dir }: VirtualAgent): boolean => verifyJournal(`${dir}/journal`, machines).ok;

/** Runs a list to its end, however long it waits. */
async function runWaiting(v: VirtualAgent, file: string): Promise<CampaignReport> {
  const campaign = await v.agent.campaigns.open(file, { concurrency: 1 });
  await v.drive(v.agent.campaigns.ended(campaign, { wait: true }));
  return v.agent.campaigns.report(campaign);
}

describe('a contact that is busy', () => {
  test('ends the command, which says when to come back', async () => {
    const v = await openAgent();
    v.agent.world?.setOutcome(first, 'busy');
    const report = await runAgain(v, listOf(2));
    expect(report).toMatchObject({
      state: 'stopped',
      contacts: { total: 2, completed: 1, deferred: 1, failed: 0 },
      calls: [{ status: 'deferred', disposition: 'busy' }, { status: 'completed' }],
    });
    const waitMs = Date.parse(report.nextAt ?? '') - EPOCH;
    expect(waitMs).toBeGreaterThan(30 * MINUTE);
    expect(waitMs).toBeLessThan(31 * MINUTE);
  });

  test('is called again after 30, 60 and 120 minutes, and then no more', async () => {
    const v = await openAgent();
    v.agent.world?.setOutcome(first, 'busy');
    const report = await runWaiting(v, listOf(1));
    expect(report).toMatchObject({
      state: 'done',
      calls: [
        {
          status: 'completed',
          disposition: 'busy',
          attempts: { LLM: 1, ElevenLabs: 1, Telephony: 4 },
        },
      ],
    });
    const dials = v.agent.world?.dials.map(({ at }) => at) ?? [];
    const gaps = dials.slice(1).map((at, index) => Math.floor((at - (dials[index] ?? 0)) / MINUTE));
    expect(gaps).toEqual([30, 60, 120]);
    expect(proven(v)).toBe(true);
  });

  test('is waited for when the next start comes early', async () => {
    const v = await openAgent();
    v.agent.world?.setOutcome(first, 'no-answer');
    const file = listOf(1);
    const before = await runAgain(v, file);
    await v.agent.stop();
    const again = await openAgent({ dataDir: v.dir, startAt: EPOCH + 10 * MINUTE });
    const report = await runAgain(again, file);
    expect(report).toMatchObject({ state: 'stopped', nextAt: before.nextAt });
    expect(again.agent.world?.dials).toHaveLength(0);
  });
});

describe('a contact outside its calling window', () => {
  // 2026-09-21 14:13 UTC: day in Berlin, night in Tokyo.
  test('is put back until its own morning, and the others are called', async () => {
    const v = await openAgent({ env: { CALL_WINDOW: '8-21' } });
    const file = `${v.dir}/zones.csv`;
    fs.writeFileSync(
      file,
      'name,phone,timezone\nKen,+14155550101,Asia/Tokyo\nEva,+14155550102,Europe/Berlin\n',
    );
    const report = await runAgain(v, file);
    expect(report).toMatchObject({
      state: 'stopped',
      nextAt: '2026-09-21T23:00:00.000Z',
      calls: [{ status: 'deferred', attempts: {} }, { status: 'completed' }],
    });
    expect(v.agent.world?.dials.map(({ to }) => to)).toEqual(['+14155550102']);
    const later = await v.agent.campaigns.open(file, { concurrency: 1 });
    await v.drive(v.agent.campaigns.ended(later, { wait: true }));
    expect(v.agent.campaigns.report(later)).toMatchObject({
      state: 'done',
      contacts: { completed: 2 },
    });
    expect(v.agent.world?.dials[1]?.at).toBeGreaterThanOrEqual(Date.parse('2026-09-21T23:00:00Z'));
    expect(proven(v)).toBe(true);
  });
});

describe('a campaign that holds for a service', () => {
  test('goes on as soon as its breaker is closed', async () => {
    const v = await openAgent({
      env: {
        RETRY_MAX_ATTEMPTS: '0',
        CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1',
        CIRCUIT_BREAKER_TIMEOUT: '86400',
      },
      world: { plans: { ElevenLabs: always({ status: 503 }, 1) } },
    });
    v.clock.setTimeout(() => v.agent.reset(['ElevenLabs']), 5 * MINUTE);
    const report = await runAgain(v, listOf(2));
    expect(report).toMatchObject({ state: 'done', contacts: { completed: 1, failed: 1 } });
    expect(v.clock.now()).toBeLessThan(EPOCH + 6 * MINUTE);
    expect(proven(v)).toBe(true);
  });
});

describe('a refusal that would meet everybody', () => {
  test.for<[string, ServiceName, FaultRule['fault']]>([
    ['a voice that does not exist', 'ElevenLabs', { status: 400, code: 'invalid_uid' }],
    ['a model that it can’t read', 'ElevenLabs', { status: 422 }],
    ['a wrong method', 'ElevenLabs', { status: 405 }],
    ['an address that it can’t use', 'Telephony', { status: 400, code: 21609 }],
    ['a page of a proxy’s', 'Telephony', { status: 400, body: '<html>Bad Request</html>' }],
  ])('pauses the campaign, and fails nobody: %s', async ([, service, fault]) => {
    const v = await openAgent({ world: { plans: { [service]: always(fault) } } });
    expect(await runAgain(v, listOf(3))).toMatchObject({
      state: 'paused',
      pausedBy: { service, kind: 'InvalidPayload' },
      contacts: { failed: 0, deferred: 3, unknown: 0 },
    });
  });
});

describe('a campaign that is paused by an empty quota', () => {
  test('stays when it is told to, and sends one contact alone when the service is healthy', async () => {
    const v = await startVirtualAgent({
      simulateAll: true,
      world: { plans: { ElevenLabs: always({ status: 401, code: 'quota_exceeded' }, 1) } },
    });
    const campaign = await v.agent.campaigns.open(listOf(4), { concurrency: 2 });
    await v.drive(v.agent.campaigns.ended(campaign, { wait: true }));
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 4, failed: 0 },
    });
    const lines = journalOf(v).filter(({ machine }) => machine === 'campaign');
    const resumed = lines.find(({ event }) => event.type === 'campaign.resume');
    expect(resumed?.event).toMatchObject({ by: 'a wait', isTrial: true });
    expect(resumed?.context).toMatchObject({ active: 1 });
    await v.agent.stop();
    fs.rmSync(v.dir, { recursive: true });
  });
});

describe('a campaign that is paused while its service can’t be checked', () => {
  const MISSING = { fault: { status: 401, code: 'missing_permissions' } } as const;
  const quota = always({ status: 401, code: 'quota_exceeded' }, 2);

  async function runPaused(health: FaultRule): Promise<{ v: VirtualAgent; waits: number[] }> {
    const plans = { ElevenLabs: [...quota, { match: 'health' as const, ...health }] };
    const v = await openAgent({ healthChecks: true, world: { plans } });
    const file = listOf(2);
    expect(await runWaiting(v, file)).toMatchObject({ state: 'done', contacts: { completed: 2 } });
    const lines = journalOf(v).filter(({ machine }) => machine === 'campaign');
    const paused = lines.filter(({ to, from }) => to === 'paused' && from !== to);
    const resumed = lines.filter(({ event }) => event.type === 'campaign.resume');
    return { v, waits: resumed.map(({ at }, i) => (at - (paused[i]?.at ?? 0)) / MINUTE) };
  }

  test('goes on by itself with a key that may only speak, and is healthy meanwhile', async () => {
    const { v, waits } = await runPaused(MISSING);
    expect(waits).toEqual([1, 2]);
    expect(journalOf(v).some(({ event }) => event.type === 'check.failed')).toBe(false);
  });

  test('goes on by itself also when no check passes', async () => {
    const { waits } = await runPaused({ fault: { status: 403 } });
    expect(waits).toEqual([1, 2]);
  });

  test('goes on sooner when a check passes again', async () => {
    const { waits } = await runPaused({ fault: { status: 503 }, from: 20_000, until: 85_000 });
    expect(waits[1]).toBe(1);
  });
});

describe('a telephony outage after a dial in doubt', () => {
  test('does not use the look-ups up that its breaker refuses', async () => {
    const v = await openAgent({
      env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1', RETRY_MAX_ATTEMPTS: '0' },
      world: { plans: { Telephony: [{ until: 15 * MINUTE, fault: { status: 503 } }] } },
    });
    const report = await runAgain(v, listOf(1));
    expect(report.contacts.unknown).toBe(0);
    expect(v.agent.world?.dials.length).toBeLessThanOrEqual(1);
  });
});
