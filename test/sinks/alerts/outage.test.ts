import { describe, expect, test } from 'vitest';
import { answering, HTML } from '../../peers/http.ts';
import { hookBodies, type Town } from '../../peers/town.ts';
import { raise, resolve } from '../../support/alarms.ts';
import { openAgent } from '../../support/agent.ts';
import { cutBehind } from '../../support/cut-journal.ts';
import { broken, TestChannel } from '../../support/test-channel.ts';
import { openTownAgent } from '../../support/town-agent.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** By the wall: of a receiver that does not answer. */
const PATIENCE_MS = 1_500;

/** Each in its own way: nobody takes a message, and none says the same. */
function breakAll({ smtp, telegram, slack, discord, pagerduty, hook }: Town): void {
  smtp.plan({ at: 'connect', reply: 421 });
  telegram.peer.plan(answering(502, HTML));
  slack.peer.plan({ does: 'reset' });
  discord.peer.plan({ does: 'hang', times: 1 }, { does: 'cut' });
  pagerduty.peer.plan(answering(503));
  hook.plan(answering(500));
}

function mendAll(town: Town): void {
  town.smtp.plan();
  town.plan();
}

const channels = [
  'email',
  'telegram:42',
  'slack',
  'discord',
  'pagerduty',
  'webhook:127.0.0.1',
] as const;

describe('ten minutes without any channel, and a crash in the middle of them', () => {
  test('lose nothing: all arrives once, and what was over by then as one message', async () => {
    const { town, start, dir } = await openTownAgent(...channels);
    const env = { ALERT_ERROR_RATE: '100', ALERT_DIGEST_OVER: '50' };
    const patience = { deliveryMs: PATIENCE_MS, env };
    const first = await start(patience);
    breakAll(town);
    await raise(first.agent, ['Fax', 'Mail', 'Chat']);
    await first.clock.advance(4 * MINUTE);
    await resolve(first.agent, ['Mail']);
    await first.clock.advance(MINUTE);
    expect(first.agent.channelsHealthy).toBe(false);
    // Killed: nobody stops it, and the next one starts on what is on disk.
    const cut = cutBehind(dir, first.agent.journal.seq);
    const second = await start({ ...patience, dataDir: cut, startAt: first.clock.now() + 5_000 });
    await resolve(second.agent, ['Chat']);
    await second.clock.advance(5 * MINUTE);
    expect(Object.values(town.told()).flat()).toEqual([]);

    mendAll(town);
    await second.clock.advance(20 * MINUTE);
    const ofFax = /Fax refuses this account/;
    const ofMail = /Resolved: it happened and is over: Mail refuses this account/;
    const ofChat = /Resolved: it happened and is over: Chat refuses this account/;
    const { pagerduty, ...others } = town.told();
    for (const [channel, lines] of Object.entries(others)) {
      const about = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
      const plain = lines.filter((line) => !/it happened and is over/.test(line));
      expect([channel, plain.filter((line) => ofFax.test(line)).length]).toEqual([channel, 1]);
      expect([channel, about(ofMail), about(ofChat)]).toEqual([channel, 1, 1]);
    }
    // Of those that are known to nobody there, PagerDuty makes no incidents.
    const ofServices = pagerduty?.filter((line) => line.includes('refuses this account'));
    expect(ofServices).toEqual([expect.stringMatching(/^trigger: Fax/)]);
    expect(town.pagerduty.open.size).toBe(1);
    const told = hookBodies(town).filter(({ rule }) => rule === 'account.error');
    expect(told).toHaveLength(3);
    // The first had been tried, and nobody knew how far it came; the others only waited.
    expect(told.map(({ repeat }) => repeat)).toEqual([true, false, false]);
    expect(second.agent.channelsHealthy).toBe(true);
    await first.agent.stop();
  });
});

describe('what waits too long', () => {
  async function openWith(mail: TestChannel): Promise<VirtualAgent> {
    const v = await openAgent({
      channels: [mail],
      onUnheard: () => {},
      env: { ALERT_REPEAT_INTERVAL: 'off' },
      // Less than is needed: a warning.
      freeBytes: () => Promise.resolve(1e6),
    });
    mail.now = () => v.clock.now();
    return v;
  }

  test.for([
    { hours: 0.9, told: ['raised account.error', 'raised disk.full'] },
    { hours: 1.5, told: ['raised account.error'] },
    { hours: 23, told: ['raised account.error'] },
    { hours: 25, told: [] },
  ])('a warning for an hour, a critical alert for a day: $hours h', async ({ hours, told }) => {
    const mail = new TestChannel();
    mail.behave = broken;
    const v = await openWith(mail);
    await raise(v.agent, ['Fax']);
    await v.clock.advance(hours * HOUR - 16 * MINUTE);
    mail.behave = () => {};
    await v.clock.advance(16 * MINUTE);
    expect(mail.told.toSorted()).toEqual(told);
    const listed = v.agent.command({ type: 'alerts.list', by: 'test' }) as {
      rule: string;
      deliveries: { state: string }[];
    }[];
    const states = listed.map(({ rule, deliveries }) => [rule, deliveries[0]?.state]);
    const isTold = (rule: string) => told.includes(`raised ${rule}`);
    for (const [rule, state] of states) {
      if (rule === 'channel.failing') continue;
      expect([rule, state]).toEqual([rule, isTold(rule ?? '') ? 'delivered' : 'expired']);
    }
  });
});
