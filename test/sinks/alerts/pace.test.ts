import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { ada } from '../../../scenarios/people.ts';
import { paceAt } from '../../../sinks/alerts/pace.ts';
import type { Pace } from '../../../sinks/channels/channel.ts';
import { makeChannels } from '../../../sinks/channels/make.ts';
import { openAgent } from '../../support/agent.ts';
import { raise } from '../../support/alarms.ts';
import { down, limited, lost, TestChannel } from '../../support/test-channel.ts';

const EPOCH = 1_790_000_000_000;

/** When so many messages leave at the earliest, in milliseconds since the first. */
function leaving(count: number, pace: Pace, speed = 1): number[] {
  const begun: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const at = Math.max(begun.at(-1) ?? EPOCH, paceAt(pace, begun, speed));
    begun.push(at);
  }
  return begun.map((at) => at - EPOCH);
}

describe('a pace', () => {
  test('lets a burst go at once and then one after another', () => {
    const pace = { perMinute: 15, burst: 3 };
    expect(leaving(6, pace)).toEqual([0, 0, 0, 4_000, 8_000, 12_000]);
  });

  test('leaves time between two, also in a burst', () => {
    const pace = { perMinute: 15, burst: 3, gapMs: 1_100 };
    expect(leaving(5, pace)).toEqual([0, 1_100, 2_200, 4_001, 8_001]);
  });

  test('is kept by the wall’s clock, however fast the agent’s runs', () => {
    const pace = { perMinute: 15, burst: 3 };
    expect(leaving(5, pace, 20)).toEqual([0, 0, 0, 80_000, 160_000]);
  });

  test.for([1, 3])('lets no more mails out in a day than an account may: to %i', (receivers) => {
    const addresses = Array.from({ length: receivers }, (_, index) => `ada${index}@example.org`);
    const channels = makeChannels(
      readConfig({
        EMAIL_SMTP_SERVER: 'smtp.example.com',
        EMAIL_SENDER: 'agent@example.com',
        EMAIL_PASSWORD: 'correct horse',
        EMAIL_RECEIVER: addresses.join(','),
      }),
    );
    expect(channels).toHaveLength(receivers);
    const times = channels.flatMap(({ pace }) => leaving(600 / receivers, pace));
    const withinADay = times.map(
      (at) => times.filter((t) => t >= at && t < at + 86_400_000).length,
    );
    expect(Math.max(...withinADay)).toBeLessThanOrEqual(500);
  });
});

test('how long a channel asks to wait is by the wall’s clock, too', async () => {
  const mail = new TestChannel();
  mail.behave = () => (mail.attempts === 1 ? limited(2_000)() : undefined);
  const v = await openAgent({ channels: [mail], speed: 100 });
  mail.now = () => v.clock.now();
  await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
  await v.clock.advance(0);
  const start = v.clock.now();
  await v.clock.advance(400_000);
  expect(mail.times.map((at) => at - start)).toEqual([200_000]);
});

test.for([
  // The receiver counts it: two at once, and then what a minute takes.
  ['that may have arrived', lost, 4_000],
  ['that did not', down, 1_100],
] as const)(
  'a message is tried again at its pace by the wall, after a try %s',
  async ([, fails, secondGapMs]) => {
    const speed = 100;
    const chat = new TestChannel('chat', { perMinute: 15, burst: 2, gapMs: 1_100 });
    const v = await openAgent({ channels: [chat], speed });
    const tries: number[] = [];
    chat.behave = () => {
      tries.push(v.clock.now() / speed);
      fails();
    };
    await raise(v.agent, ['Fax']);
    await v.clock.advance(60_000 * speed);
    expect(tries.length).toBeGreaterThan(3);
    const gaps = tries.slice(1).map((at, index) => Math.round(at - (tries[index] ?? 0)));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_100);
    expect(gaps[1]).toBeGreaterThanOrEqual(secondGapMs);
  },
);

test('what took its time on the way arrives well before the next one leaves', async () => {
  const chat = new TestChannel('chat', { perMinute: 60, burst: 4, gapMs: 1_100 });
  const v = await openAgent({ channels: [chat] });
  const begun: number[] = [];
  chat.now = () => v.clock.now();
  chat.behave = async () => {
    begun.push(v.clock.now());
    await new Promise<void>((resolve) => void v.clock.setTimeout(resolve, 900));
  };
  await raise(v.agent, ['Fax', 'Pager']);
  await v.clock.advance(10_000);
  const [first = 0, second = 0] = [chat.times[0], begun[1]];
  expect(second - first).toBe(1_100);
});
