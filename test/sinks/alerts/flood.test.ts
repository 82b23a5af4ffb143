import { describe, expect, test, vi } from 'vitest';
import type { JournalRecord } from '../../../store/record.ts';
import { hookBodies, type Town } from '../../peers/town.ts';
import { raise, servicesNamed } from '../../support/alarms.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import { list } from '../../support/stories.ts';
import { TestChannel } from '../../support/test-channel.ts';
import { openTownAgent } from '../../support/town-agent.ts';

vi.setConfig({ testTimeout: 600_000 });

const MINUTE = 60_000;
/** Three seconds of 10,000 alerts a minute; `FLOOD=full` plays the whole minute, which takes one. */
const ALERTS = process.env['FLOOD'] === 'full' ? 10_000 : 500;
const AT_ONCE = 50;
const STEP_MS = 300;

/** So many failures make an alert of their own otherwise, and it would be counted, too. */
const env = { ALERT_ERROR_RATE: '100' };

/** How many alerts each message of a channel tells of. */
const counts = (lines: readonly string[]): number[] =>
  lines.map((line) => Number(/(\d+) alerts/.exec(line)?.[1] ?? 1));
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function digestTexts({ smtp }: Town): string[] {
  const digests = smtp.mails.filter(({ parsed }) => parsed.subject?.endsWith(' alerts'));
  return digests.map(({ parsed }) => parsed.text ?? '');
}

describe('10,000 alerts a minute', () => {
  test('reach every channel below its limits, and none is uncounted', async () => {
    const { town, start } = await openTownAgent(
      'email',
      'telegram:42',
      'slack',
      'discord',
      'pagerduty',
      'webhook:127.0.0.1',
    );
    const v = await start({ env });
    const services = servicesNamed('Fax', ALERTS);
    for (let first = 0; first < ALERTS; first += AT_ONCE) {
      await raise(v.agent, services.slice(first, first + AT_ONCE));
      await v.clock.advance(STEP_MS);
    }
    // PagerDuty has each of them as an incident of its own, one a second.
    await v.clock.advance(MINUTE + ALERTS * 1_000);

    expect(town.https.flatMap(({ refused }) => refused)).toEqual([]);
    const { pagerduty, ...others } = town.told();
    for (const [channel, lines] of Object.entries(others)) {
      expect([channel, sum(counts(lines))]).toEqual([channel, ALERTS]);
    }
    expect(pagerduty).toHaveLength(ALERTS);
    expect(town.pagerduty.open.size).toBe(ALERTS);
    // 20 at once, and 20 an hour.
    expect(others['email']?.length).toBeLessThanOrEqual(20 + ALERTS / 180);
    expect(hookBodies(town).some(({ repeat }) => repeat)).toBe(false);

    const [digest] = digestTexts(town);
    expect(digest).toMatch(/Firing: #\d+ Fax\d+ refuses this account/);
    expect(digest?.match(/#\d+ Fax\d+/g)).toHaveLength(10);
    expect(digest).toMatch(/ and \d+ more\./);
  });

  test('of which nobody can be told keep no call waiting', async () => {
    const quiet = await callsWith(0);
    const loud = await callsWith(60);
    expect(loud.length).toBe(quiet.length);
    expect(loud).toEqual(quiet);
    expect(quiet.length).toBeGreaterThan(50);
  });
});

/** When each step of each call was taken, with a channel that takes no message and never says so. */
async function callsWith(alerts: number): Promise<[string, string, number][]> {
  const stuck = new TestChannel('stuck');
  const { promise: theEnd, resolve: end } = Promise.withResolvers<void>();
  stuck.behave = () => theEnd;
  const v = await openAgent({ channels: [stuck], env, onUnheard: () => {}, deliveryMs: 600_000 });
  await raise(v.agent, servicesNamed('Fax', alerts));
  const startedAt = v.clock.now();
  await v.drive(v.agent.runCampaign(list('six'), { concurrency: 2 }));
  expect(stuck.attempts).toBe(alerts === 0 ? 0 : 1);
  end();
  const isOfCall = ({ actor }: JournalRecord): boolean => actor.startsWith('call:');
  return journalOf(v)
    .filter(isOfCall)
    .map(({ actor, to, at }) => [actor, to, at - startedAt]);
}
