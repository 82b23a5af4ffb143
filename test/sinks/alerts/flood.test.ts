import { describe, expect, test, vi } from 'vitest';
import type { ListedAlert } from '../../../sinks/alerts/listing.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { hookBodies, type Town } from '../../peers/town.ts';
import { raise, servicesNamed } from '../../support/alarms.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import { list } from '../../support/stories.ts';
import { TestChannel } from '../../support/test-channel.ts';
import { openTownAgent } from '../../support/town-agent.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';

vi.setConfig({ testTimeout: 240_000 });

const MINUTE = 60_000;
const ALERTS = 10_000;
const AT_ONCE = 50;
const STEP_MS = 300;
/** `FLOOD=full` goes on until PagerDuty has each of them as an incident: two hours and three quarters. */
const PLAYS_TO_THE_END = process.env['FLOOD'] === 'full';

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

/** Milliseconds of processor time. */
async function costOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Raises them within a minute. */
async function flood(v: VirtualAgent, services: readonly string[]): Promise<void> {
  for (let first = 0; first < services.length; first += AT_ONCE) {
    await raise(v.agent, services.slice(first, first + AT_ONCE));
    await v.clock.advance(STEP_MS);
  }
}

/** How many deliveries of a channel are done, and how many wait, as `alerts list` has it. */
function listedFor({ agent }: VirtualAgent, channel: string): { [state: string]: number } {
  const alerts = agent.command({ type: 'alerts.list', by: 'test' }) as ListedAlert[];
  const states: { [state: string]: number } = {};
  for (const one of alerts.flatMap(({ deliveries }) => deliveries)) {
    if (one.channel === channel) states[one.state] = (states[one.state] ?? 0) + 1;
  }
  return states;
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
    const costOfAlert = (await costOf(() => flood(v, services))) / ALERTS;
    const early = town.pagerduty.events.length;
    const costOfOthers = await costOf(() => v.clock.advance(3 * MINUTE));
    const { pagerduty, ...others } = town.told();
    // However many wait, the next one is found as soon as the first.
    const costOfDelivery = costOfOthers / ((pagerduty?.length ?? 0) - early);
    expect(costOfDelivery).toBeLessThan(8 * costOfAlert);
    for (const [channel, lines] of Object.entries(others)) {
      expect([channel, sum(counts(lines))]).toEqual([channel, ALERTS]);
    }
    // 20 at once, and 20 an hour.
    expect(others['email']?.length).toBeLessThanOrEqual(20 + 4 / 3);
    expect(hookBodies(town).some(({ repeat }) => repeat)).toBe(false);
    // Each is an incident of its own there, one a second.
    const delivered = pagerduty?.length ?? 0;
    expect(delivered).toBeGreaterThan(200);
    expect(listedFor(v, 'pagerduty')).toEqual({ delivered, pending: ALERTS - delivered });
    expect(v.agent.command({ type: 'alerts.list', by: 'test' })).toHaveLength(ALERTS);

    await v.clock.advance(PLAYS_TO_THE_END ? ALERTS * 1_000 : 0);
    const told = PLAYS_TO_THE_END ? ALERTS : delivered;
    expect([town.pagerduty.events.length, town.pagerduty.open.size]).toEqual([told, told]);
    expect(town.https.flatMap(({ refused }) => refused)).toEqual([]);

    const [digest] = digestTexts(town);
    expect(digest).toMatch(/Firing: #\d+ Fax\d+ refuses this account/);
    expect(digest?.match(/#\d+ Fax\d+/g)).toHaveLength(10);
    expect(digest).toMatch(/ and \d+ more\./);
  });

  test('keep no call waiting', async () => {
    const quiet = await callsWith(0);
    const loud = await callsWith(1_000);
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
  const startedAt = v.clock.now();
  const services = servicesNamed('Fax', alerts);
  // They come all the while, so that calls and alerts are under way at once.
  for (let first = 0; first < alerts; first += AT_ONCE) {
    const some = services.slice(first, first + AT_ONCE);
    const come = (): void => void v.clock.hold(raise(v.agent, some));
    v.clock.setTimeout(come, (first / AT_ONCE) * STEP_MS);
  }
  await v.drive(v.agent.runCampaign(list('six'), { concurrency: 2 }));
  expect(v.clock.now() - startedAt).toBeGreaterThan((alerts / AT_ONCE) * STEP_MS);
  expect(stuck.attempts).toBe(alerts === 0 ? 0 : 1);
  end();
  const isOfCall = ({ actor }: JournalRecord): boolean => actor.startsWith('call:');
  return journalOf(v)
    .filter(isOfCall)
    .map(({ actor, to, at }) => [actor, to, at - startedAt]);
}
