import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import { TransientError } from '../../../errors.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import { list } from '../../support/stories.ts';
import { TestChannel } from '../../support/test-channel.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

interface Watched extends VirtualAgent {
  readonly mail: TestChannel;
}

async function openWatched(options: Parameters<typeof openAgent>[0] = {}): Promise<Watched> {
  const mail = new TestChannel();
  const v = await openAgent({ channels: [mail], ...options });
  mail.now = () => v.clock.now();
  return { ...v, mail };
}

/** Requests to a service of the test's own, with one attempt each. */
async function ask(v: VirtualAgent, outcomes: readonly ('ok' | 'fails' | number)[]): Promise<void> {
  const guard = v.agent.guard('MyService', {
    retry: { maxRetries: 0 },
    breaker: { failureThreshold: 1_000 },
  });
  for (const outcome of outcomes) {
    const asked = guard.tryExecute(async () => {
      if (typeof outcome === 'number')
        await new Promise<void>((done) => void v.clock.setTimeout(done, outcome));
      if (outcome === 'fails')
        throw new TransientError('no', { service: 'MyService', kind: 'Network' });
    });
    if (typeof outcome === 'number') await v.clock.advance(outcome);
    else await v.clock.advance(0);
    await asked;
  }
  await v.clock.advance(0);
}

const times = <T>(n: number, what: T): T[] => Array.from({ length: n }, () => what);

describe('the rules', () => {
  test('tell nothing when all goes well', async () => {
    const v = await openWatched({ healthChecks: true });
    await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(10 * MINUTE);
    expect(v.mail.told).toEqual([]);
  });

  test('tell of a call that failed, with its reason and what to do', async () => {
    const v = await openWatched();
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.clock.advance(0);
    expect(v.mail.received).toMatchObject([{ kind: 'raised', service: 'ElevenLabs' }]);
    const [{ title, paragraphs, facts } = { title: '', paragraphs: [], facts: [] }] =
      v.mail.received;
    expect(title).toMatch(/^call:0001 failed: ElevenLabs answered 503/);
    expect(title).not.toMatch(/\.$/);
    expect(paragraphs.join(' ')).toContain('What you can do');
    expect(facts).toContainEqual({ name: 'Calls', value: 'call:0001' });
  });

  test('tell of one outage once: its breaker, its long duration, and the end of both', async () => {
    const outage = [{ until: 20 * MINUTE, fault: { status: 503 } }];
    const v = await openWatched({ healthChecks: true, world: { plans: { ElevenLabs: outage } } });
    await v.drive(v.agent.runCampaign(list('six'), { concurrency: 1 }));
    await v.clock.advance(15 * MINUTE);
    expect(v.mail.told).toEqual([
      'raised call.failed',
      'raised breaker.opened',
      'raised service.down',
      'resolved service.down',
      'resolved breaker.opened',
      // Three calls failed, two of them while the open breaker said it all.
      'resolved call.failed',
    ]);
    const opened = v.mail.received[1];
    expect(opened?.title).toContain('next probe at');
    expect(opened?.facts).toContainEqual({ name: 'Contacts waiting', value: '3' });
    expect(v.mail.received[5]?.paragraphs).toContain('Failed in all: 3 calls.');
  });

  test('do not say that a service is not called when only its health check fails', async () => {
    const unwell = { match: 'health', fault: { status: 503 } } as const;
    const away = { match: 'work', fault: { status: 503 } } as const;
    const v = await openWatched({
      healthChecks: true,
      world: { plans: { ElevenLabs: [unwell] } },
      env: { CIRCUIT_BREAKER_TIMEOUT: '3600' },
    });
    await v.clock.advance(6 * MINUTE);
    const [raised] = v.mail.received;
    expect(raised).toMatchObject({
      rule: 'service.down',
      title: 'the health check of ElevenLabs has failed for more than 5 min',
    });
    expect(raised?.paragraphs[0]).toContain('requests still go to it');
    expect(raised?.paragraphs.join(' ')).not.toContain('not called');
    // That its breaker opens now is muted by this alert, so it has to say so itself.
    v.agent.world?.plan('ElevenLabs', [unwell, away]);
    for (let call = 0; call < 3; call++) await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(6 * MINUTE);
    expect(v.mail.told.filter((told) => /down|breaker/.test(told))).toEqual([
      'raised service.down',
      'updated service.down',
    ]);
    const [, updated] = v.mail.received.filter(({ rule }) => rule === 'service.down');
    expect(updated?.paragraphs[0]).toContain('it is not called for now');
  });

  test('count nobody as waiting for a service whose campaign a person has stopped', async () => {
    const v = await openWatched({ world: { latencyMs: SECOND } });
    const campaign = await v.agent.campaigns.open(list('six'), { concurrency: 1 });
    await v.clock.advance(SECOND);
    v.agent.command({ type: 'campaign.stop', campaign, by: 'test' });
    await v.clock.advance(SECOND);
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.clock.advance(0);
    const opened = v.mail.received.find(({ rule }) => rule === 'breaker.opened');
    expect(opened?.facts).toContainEqual({ name: 'Contacts waiting', value: '0' });
    expect(opened?.paragraphs).toContain('No campaign waits for it.');
  });

  test('tell of a campaign that paused itself, and not of the key besides', async () => {
    const v = await openWatched({
      world: { plans: { LLM: [{ times: 1, fault: { status: 401 } }] } },
    });
    const file = path.join(v.dir, 'one.csv');
    fs.writeFileSync(file, 'name,phone\nAda,+14155550101\n');
    await v.drive(v.agent.runCampaign(file));
    await v.clock.advance(MINUTE);
    expect(v.mail.told).toEqual(['raised campaign.paused']);
    await v.drive(v.agent.campaigns.ended(await v.agent.campaigns.open(file)));
    await v.clock.advance(0);
    expect(v.mail.told).toEqual(['raised campaign.paused', 'resolved campaign.paused']);
  });

  test('tell of the key when a single call meets it', async () => {
    const v = await openWatched({
      world: { plans: { LLM: [{ times: 1, fault: { status: 401 } }] } },
    });
    await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(0);
    expect(v.mail.told).toContain('raised account.error');
    await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(0);
    expect(v.mail.told).toContain('resolved account.error');
  });

  test('take no rate from less than twenty requests', async () => {
    const v = await openWatched();
    await ask(v, [...times(9, 'ok' as const), ...times(10, 'fails' as const)]);
    expect(v.mail.told).toEqual([]);
    await ask(v, ['ok']);
    expect(v.mail.told).toEqual(['raised error.rate']);
    expect(v.mail.received[0]?.title).toContain(
      '50 % of all requests fail, most of them at MyService',
    );
  });

  test('tell of no rate what the breaker of an outage that is over has told', async () => {
    const v = await openWatched();
    for (let call = 0; call < 3; call++) {
      await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    }
    await v.clock.advance(MINUTE);
    // 3 of 26 requests have failed in the last minutes.
    for (let call = 0; call < 5; call++) await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(0);
    const told = v.mail.told.filter((one) => !one.endsWith('call.failed'));
    expect(told).toEqual(['raised breaker.opened', 'resolved breaker.opened']);
    // What fails from then on counts again.
    await ask(v, times(4, 'fails'));
    expect(v.mail.told).toContain('raised error.rate');
  });

  test('end a rate only when it is clearly better', async () => {
    const v = await openWatched();
    // 3 of 29 are above 10 %; 3 of 30 to 3 of 37 are below that, but not below 8 %.
    await ask(v, [...times(26, 'ok' as const), ...times(3, 'fails' as const)]);
    expect(v.mail.told).toEqual(['raised error.rate']);
    await ask(v, times(8, 'ok'));
    expect(v.mail.told).toEqual(['raised error.rate']);
    await ask(v, times(2, 'ok'));
    expect(v.mail.told).toEqual(['raised error.rate', 'resolved error.rate']);
  });

  test('end a rate when nobody asks any more', async () => {
    const v = await openWatched();
    await ask(v, times(20, 'fails'));
    await v.clock.advance(11 * MINUTE);
    expect(v.mail.told).toEqual(['raised error.rate', 'resolved error.rate']);
  });

  test('tell of a service that takes long', async () => {
    const v = await openWatched();
    await ask(v, times(20, 6 * SECOND));
    expect(v.mail.told).toEqual(['raised latency.high']);
    expect(v.mail.received[0]).toMatchObject({ severity: 'warning', service: 'MyService' });
    await ask(v, times(60, 100));
    expect(v.mail.told).toEqual(['raised latency.high', 'resolved latency.high']);
  });

  /** Calls whose dials, and looks at them, all take so long. */
  async function dialled(telephonyMs: number, env: Record<string, string>): Promise<Watched> {
    const v = await openWatched({ env, world: { latencyMs: { Telephony: telephonyMs } } });
    await v.drive(v.agent.runCampaign(list('six'), { concurrency: 6 }));
    await v.clock.advance(0);
    return v;
  }

  test('do not count a turn to dial that is waited for as the time of the service', async () => {
    const paced = { CALLS_PER_SECOND: '0.1', ALERT_MIN_SAMPLES: '3' };
    const v = await dialled(100, paced);
    expect(v.mail.told).toEqual([]);
    const held = journalOf(v).flatMap(({ event }) => event['heldMs'] ?? []);
    expect(held).toEqual([10, 20, 30, 40, 50].map((seconds) => seconds * SECOND));
    const slow = await dialled(6 * SECOND, paced);
    expect(slow.mail.received[0]?.title).toBe('Telephony takes 6 s for an answer');
  });

  test('do not count how long a look at a call takes', async () => {
    const v = await dialled(6 * SECOND, { ALERT_MIN_SAMPLES: '7' });
    expect(v.mail.told).toEqual([]);
  });

  test('tell of a disk that is nearly full, and of room again', async () => {
    let free = 400e6;
    const v = await openWatched({ freeBytes: () => Promise.resolve(free) });
    await v.clock.advance(0);
    expect(v.mail.told).toEqual(['raised disk.full']);
    free = 2e9;
    await ask(v, times(600, 'ok'));
    expect(v.mail.told).toEqual(['raised disk.full', 'resolved disk.full']);
  });

  test('say nothing of ways to a person in rates and breakers', async () => {
    const v = await openWatched();
    v.mail.behave = () => {
      throw new TransientError('away', { service: 'channel:mail', kind: 'Network' });
    };
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.clock.advance(30 * MINUTE);
    const alerts = v.agent.command({ type: 'alerts.list', by: 'test' }) as { rule: string }[];
    expect(alerts.map(({ rule }) => rule).toSorted()).toEqual(['call.failed', 'channel.failing']);
    expect(Object.keys(v.agent.status().services)).toEqual([
      'LLM',
      'ElevenLabs',
      'Telephony',
      'CRM',
    ]);
  });

  test('hold no name and no number', async () => {
    const v = await openWatched({
      world: { plans: { ElevenLabs: [{ times: 30, fault: { status: 503 } }] } },
    });
    await v.drive(v.agent.runCampaign(list('six'), { concurrency: 1 }));
    const lines = journalOf(v).filter(({ machine }) => machine === 'incident');
    expect(lines.length).toBeGreaterThan(4);
    expect(JSON.stringify(lines)).not.toMatch(/\+1415|Lovelace|Hopper/);
  });
});
