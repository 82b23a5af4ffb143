import { describe, expect, test } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import { paceAt } from '../../../sinks/alerts/pace.ts';
import { openAgent } from '../../support/agent.ts';
import { limited, TestChannel } from '../../support/test-channel.ts';

const EPOCH = 1_790_000_000_000;

/** When so many messages leave at the earliest, in milliseconds since the first. */
function leaving(count: number, pace: { perMinute: number; burst: number }, speed = 1): number[] {
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

  test('is kept by the wall’s clock, however fast the agent’s runs', () => {
    const pace = { perMinute: 15, burst: 3 };
    expect(leaving(5, pace, 20)).toEqual([0, 0, 0, 80_000, 160_000]);
  });

  test('lets no more mails out in a day than a mail box takes', () => {
    const times = leaving(600, { perMinute: 20 / 60, burst: 20 });
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
