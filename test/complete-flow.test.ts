import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines } from '../machines/registry.ts';
import { fullDemo } from '../scenarios/full-demo.ts';
import { normalCall } from '../scenarios/normal-call.ts';
import { simulated503 } from '../scenarios/simulated-503.ts';
import { ada } from '../scenarios/people.ts';
import { play, type Played } from '../scenarios/play.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { verifyJournal } from '../store/verify.ts';
import { dataFolder, journalOf, openAgent } from './support/agent.ts';
import { always, listOf, runAgain } from './support/campaigns.ts';
import { EPOCH, type VirtualAgent } from './support/virtual-agent.ts';

async function told(scenario: Scenario): Promise<{ lines: string[]; played: Played }> {
  const v = await openAgent();
  const lines: string[] = [];
  const played = await v.drive(play(scenario, v.agent, (line) => lines.push(line)));
  return { lines, played };
}

describe('a normal call', () => {
  test('is told step by step', async () => {
    const { lines, played } = await told(normalCall);
    expect(played.problems).toEqual([]);
    expect(lines.map((line) => line.replace(/CA[0-9a-f]{32}|file:.*/, '…'))).toEqual([
      '📝 Asking the LLM for a script...',
      expect.stringMatching(/^✓ LLM Response: "Hello Ada Lovelace, .*"$/),
      '🔊 Turning the script into speech...',
      '✓ Audio URL: …',
      '📞 Placing the call...',
      '✓ Call placed: …',
      '✓ Duration: 5.0s',
      '✓ Outcome: answered',
      '💾 Writing the result to the CRM...',
      '✓ CRM updated',
      '✅ CALL COMPLETED SUCCESSFULLY',
    ]);
  });

  test('says what each service had to do with it, in order', async () => {
    const v = await openAgent();
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({
      contact: '0001',
      name: ada.name,
      status: 'completed',
      disposition: 'answered',
      crm: 'done',
      error: null,
    });
    expect(result.steps.map(({ service, ok }) => [service, ok])).toEqual([
      ['LLM', true],
      ['ElevenLabs', true],
      ['Telephony', true],
      ['CRM', true],
    ]);
    expect(v.agent.world?.dials.map(({ to }) => to)).toEqual([ada.phone]);
  });

  test.for([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['voicemail', 'voicemail'],
    ['failed', 'failed'],
  ] as const)('that ends %s is completed, with that as its outcome', async ([outcome, becomes]) => {
    const v = await openAgent();
    v.agent.world?.setOutcome(ada.phone, outcome);
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', disposition: becomes, crm: 'done' });
    expect(v.agent.status().services['Telephony']).toMatchObject({ failures: 0 });
  });

  test('is refused for a number that is none, in one sentence', async () => {
    const { agent } = await openAgent();
    const call = agent.makeSingleCall({ name: 'Ada', phone: '123' });
    await expect(call).rejects.toThrow(/^Ada can't be called: .+$/);
  });
});

describe('a call while ElevenLabs answers 503', () => {
  test('is told with its waits, and a person is alerted', async () => {
    const { lines, played } = await told(simulated503);
    expect(played.problems).toEqual([]);
    expect(lines.slice(3)).toEqual([
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 1/3 (waiting 5s)...',
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 2/3 (waiting 10s)...',
      '✗ ElevenLabs: 503 Error',
      '→ Retry attempt 3/3 (waiting 20s)...',
      '✗ ElevenLabs: 503 Error',
      '❌ Max retries exceeded',
      expect.stringMatching(/^❌ CALL FAILED: ElevenLabs answered 503: /),
      expect.stringMatching(/^🚨 ALERT: call:0001 failed: ElevenLabs answered 503: /),
    ]);
  });

  test('leaves no fault behind for the next one', async () => {
    const v = await openAgent();
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    const next = await v.drive(v.agent.makeSingleCall(ada));
    expect(next.status).toBe('completed');
  });
});

describe('the full demo', () => {
  test('prints exactly these lines', async () => {
    const { lines, played } = await told(fullDemo);
    expect(lines).toEqual([
      'Contact 1: ❌ 503 Error → Retry (5s) → Retry (10s) → Retry (20s) → Failed → Alert → Next',
      'Contact 2: ✅ Service Recovered → Success',
      'Contact 3: ✅ Success',
      'Result: 2/3 contacts processed (66% success rate)',
    ]);
    expect(played.problems).toEqual([]);
  });
});

describe('a campaign among failing services', () => {
  test('goes on with the next contact when one fails', async () => {
    const v = await openAgent({
      world: {
        plans: { ElevenLabs: always({ status: 400, code: 'max_character_limit_exceeded' }, 1) },
      },
    });
    const report = await v.drive(v.agent.runCampaign(listOf(3), { concurrency: 1 }));
    expect(report).toMatchObject({ state: 'done', contacts: { completed: 2, failed: 1 } });
    expect(report.calls.map(({ status }) => status)).toEqual(['failed', 'completed', 'completed']);
  });

  test('defers the contacts that need an open service, and burns none of them', async () => {
    const v = await openAgent({
      world: { plans: { ElevenLabs: [{ until: 200_000, fault: { status: 503 } }] } },
    });
    const report = await v.drive(v.agent.runCampaign(listOf(6), { concurrency: 2 }));
    expect(report.state).toBe('done');
    const { completed, failed } = report.contacts;
    expect([completed, failed]).toEqual([3, 3]);
    const asked = v.agent.world?.requests.filter(({ service, at }) => {
      return service === 'ElevenLabs' && at - EPOCH < 200_000;
    });
    // Three requests of four attempts, the three of one that was deferred, and two probes.
    expect(asked?.length).toBe(3 * 4 + 3 + 2);
  });

  test('stops calling when an account is refused, and goes on when it is told to', async () => {
    const v = await openAgent({ world: { plans: { LLM: always({ status: 401 }, 1) } } });
    const file = listOf(3);
    const paused = await v.drive(v.agent.runCampaign(file, { concurrency: 1 }));
    expect(paused).toMatchObject({
      state: 'paused',
      pausedBy: { service: 'LLM', kind: 'Authentication' },
      contacts: { total: 3, deferred: 3, completed: 0, failed: 0 },
    });
    const done = await runAgain(v, file);
    expect(done).toMatchObject({ state: 'done', contacts: { completed: 3 } });
    expect(v.agent.world?.dials).toHaveLength(3);
  });

  test('survives the death of every service in turn', async () => {
    const v = await openAgent({
      world: {
        plans: {
          LLM: [{ until: 100_000, fault: { status: 500 } }],
          ElevenLabs: [{ from: 100_000, until: 300_000, fault: { reset: true } }],
          Telephony: [{ from: 300_000, until: 500_000, fault: { status: 503 } }],
          CRM: [{ from: 500_000, fault: { status: 500 } }],
        },
      },
    });
    const report = await v.drive(v.agent.runCampaign(listOf(9), { concurrency: 3 }));
    const { total, completed, failed, unknown } = report.contacts;
    expect(completed + failed + unknown).toBe(total);
    const dialled = v.agent.world?.dials.map(({ to }) => to) ?? [];
    expect(new Set(dialled).size).toBe(dialled.length);
    expect(dialled.length).toBeGreaterThanOrEqual(completed);
    expect(verifyJournal(path.join(v.dir, 'journal'), machines).firstDifference).toBeNull();
  });
});

describe('a health check', () => {
  const outage = { plans: { CRM: [{ until: 100_000, fault: { status: 503 } }] } };
  /** Health checks are at 0, 30, 60, … s: the first after the outage is at 120 s. */
  async function trippedCrm(): Promise<VirtualAgent> {
    const v = await openAgent({
      healthChecks: true,
      env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1', CIRCUIT_BREAKER_TIMEOUT: '3600' },
      world: outage,
    });
    await v.drive(v.agent.makeSingleCall(ada));
    return v;
  }
  const crm = ({ agent }: VirtualAgent) => agent.status().services['CRM'];

  test('that finds a service back resets its open breaker', async () => {
    const v = await trippedCrm();
    expect(crm(v)).toMatchObject({ breaker: 'OPEN', health: 'UNHEALTHY' });
    await v.clock.advance(EPOCH + 119_999 - v.clock.now());
    expect(crm(v)).toMatchObject({ breaker: 'OPEN' });
    await v.clock.advance(1);
    expect(crm(v)).toEqual({ breaker: 'CLOSED', failures: 0, retryAt: null, health: 'HEALTHY' });
    const log = fs.readFileSync(path.join(v.dir, 'log.json'), 'utf8');
    expect(log).toContain('health: HEALTHY → UNHEALTHY'.slice(-9));
    expect(log).toContain('health: UNHEALTHY → HEALTHY');
  });

  test('never releases a breaker that somebody has isolated', async () => {
    const v = await trippedCrm();
    v.agent.isolate('CRM');
    await v.clock.advance(600_000);
    expect(crm(v)).toMatchObject({ breaker: 'ISOLATED', health: 'HEALTHY' });
  });

  test('runs every 30 seconds, gets 5 seconds, and is never there twice', async () => {
    const v = await openAgent({
      healthChecks: true,
      world: { plans: { LLM: [{ match: 'health', fault: { hang: 'headers' } }] } },
    });
    await v.clock.advance(120_000);
    const checks = v.agent.world?.requests.filter(({ service }) => service === 'LLM');
    expect(checks?.map(({ at }) => at - EPOCH)).toEqual([0, 35_000, 70_000, 105_000]);
    const healthy = v.agent.world?.requests.filter(({ service }) => service === 'CRM');
    expect(healthy?.map(({ at }) => at - EPOCH)).toEqual([0, 30_000, 60_000, 90_000, 120_000]);
  });
});

describe('a CRM that can’t be written to', () => {
  const down = { plans: { CRM: always({ status: 500 }) } };

  test('leaves the call completed and the record pending', async () => {
    const v = await openAgent({ world: down });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result).toMatchObject({ status: 'completed', crm: 'pending', error: null });
  });

  test('is written to at the next start, without a second call', async () => {
    const dataDir = dataFolder();
    const first = await openAgent({ dataDir, world: down });
    await first.drive(first.agent.makeSingleCall(ada));
    await first.agent.stop();

    const second = await openAgent({ dataDir, startAt: EPOCH + 3_600_000 });
    await second.clock.advance(60_000);
    expect(second.agent.world?.counts).toMatchObject({
      LLM: { work: 0 },
      ElevenLabs: { work: 0 },
      Telephony: { work: 0 },
      CRM: { work: 1 },
    });
    await second.agent.stop();
    const written = fs.readFileSync(path.join(dataDir, 'contacts/simulated-providers.log'), 'utf8');
    expect(written.match(/"call_agent_key":"call:0001@CA/g)).toHaveLength(1);

    const third = await openAgent({ dataDir, startAt: EPOCH + 7_200_000 });
    await third.clock.advance(60_000);
    expect(third.agent.world?.counts.CRM?.work).toBe(0);
  });

  test('is tried once more at each start until it takes the record', async () => {
    const dataDir = dataFolder();
    for (let life = 0; life < 3; life++) {
      const v = await openAgent({ dataDir, startAt: EPOCH + life * 3_600_000, world: down });
      if (life === 0) await v.drive(v.agent.makeSingleCall(ada));
      else await v.clock.advance(60_000);
      await v.agent.stop();
    }
    const v = await openAgent({ dataDir, startAt: EPOCH + 4 * 3_600_000 });
    await v.clock.advance(60_000);
    expect(v.agent.world?.counts).toMatchObject({ CRM: { work: 1 }, Telephony: { work: 0 } });
    const births = journalOf(v).filter(
      ({ actor, from }) => actor.startsWith('record:') && from === null,
    );
    expect(births.map(({ actor }) => actor)).toEqual([
      'record:0001',
      'record:0001.2',
      'record:0001.3',
      'record:0001.4',
    ]);
  });
});
