import { describe, expect, test } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import type { Channel } from '../../../sinks/channels/channel.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import { TestChannel, broken, down, limited, lost, refused } from '../../support/test-channel.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';

const MINUTE = 60_000;

interface Told extends VirtualAgent {
  /** A call that fails at ElevenLabs: one critical alert. */
  readonly fail: () => Promise<void>;
}

async function openTold(
  channels: readonly Channel[],
  env: Record<string, string> = {},
  dataDir?: string,
): Promise<Told> {
  const v = await openAgent({
    channels,
    env,
    onUnheard: () => {},
    ...(dataDir !== undefined && { dataDir }),
  });
  for (const channel of channels) (channel as TestChannel).now = () => v.clock.now();
  return {
    ...v,
    async fail() {
      await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
      await v.clock.advance(0);
    },
  };
}

const deliveries = (v: VirtualAgent) =>
  journalOf(v).filter(({ actor, from }) => actor.startsWith('request:channel:') && from === null);

describe('an alert', () => {
  test('reaches each channel once, and so does its end', async () => {
    const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
    const v = await openTold([mail, chat]);
    await v.fail();
    expect(mail.received).toMatchObject([
      {
        kind: 'raised',
        alert: '1',
        n: 0,
        rule: 'call.failed',
        severity: 'critical',
        service: 'ElevenLabs',
        isRepeat: false,
      },
    ]);
    await v.clock.advance(11 * MINUTE);
    for (const channel of [mail, chat]) {
      expect(channel.told).toEqual(['raised call.failed', 'resolved call.failed']);
      expect(channel.received[1]?.title).toMatch(/^Resolved/);
      expect(new Set(channel.received.map(({ key }) => key)).size).toBe(1);
    }
  });

  test('is tried again when its channel is down for a moment', async () => {
    const mail = new TestChannel();
    mail.behave = () => (mail.attempts <= 2 ? down() : undefined);
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(MINUTE);
    expect(mail.told).toEqual(['raised call.failed']);
    expect(mail.attempts).toBe(3);
    expect(mail.received[0]?.isRepeat).toBe(false);
  });

  test('waits as long as the channel asks', async () => {
    const mail = new TestChannel();
    mail.behave = () => (mail.attempts === 1 ? limited(40_000)() : undefined);
    const v = await openTold([mail]);
    await v.fail();
    const start = v.clock.now();
    await v.clock.advance(39_999);
    expect(mail.attempts).toBe(1);
    await v.clock.advance(1);
    expect(mail.times).toEqual([start + 40_000]);
  });

  test('says that it may be a repeat when nobody knows whether it arrived', async () => {
    const mail = new TestChannel();
    mail.behave = () => (mail.attempts === 1 ? lost() : undefined);
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(MINUTE);
    expect(mail.received).toMatchObject([{ kind: 'raised', isRepeat: true }]);
  });

  test('that a channel refuses for good is given up there, and the next goes out', async () => {
    const mail = new TestChannel();
    mail.behave = ({ kind }) => (kind === 'raised' ? refused() : undefined);
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(MINUTE);
    expect(mail.attempts).toBe(1);
    const [alert] = v.agent.command({ type: 'alerts.list', by: 'test' }) as {
      deliveries: object[];
    }[];
    expect(alert?.deliveries).toMatchObject([{ channel: 'mail', state: 'failed' }]);
    expect(v.agent.channelsHealthy).toBe(true);
  });

  test('survives an outage of its channel, and what is over by then is told as one message', async () => {
    const mail = new TestChannel();
    mail.behave = down;
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(15 * MINUTE);
    expect(mail.received).toEqual([]);
    mail.behave = () => {};
    await v.clock.advance(6 * MINUTE);
    expect(mail.told).toEqual(['resolved call.failed']);
    expect(mail.received[0]?.title).toContain('it happened and is over');
  });

  test('is not delivered when it is a day old', { timeout: 60_000 }, async () => {
    const mail = new TestChannel();
    mail.behave = down;
    const v = await openTold([mail], { ALERT_REPEAT_INTERVAL: 'off' });
    await v.fail();
    await v.clock.advance(25 * 60 * MINUTE);
    mail.behave = () => {};
    await v.clock.advance(10 * MINUTE);
    expect(mail.received).toEqual([]);
  });
});

describe('a channel that is new', () => {
  test('is told what is open, and not what had ended before there was one', async () => {
    const mail = new TestChannel('mail');
    const first = await openTold([mail], { ALERT_CALM_AFTER: '60' });
    await first.fail();
    await first.clock.advance(2 * MINUTE);
    await first.fail();
    expect(mail.told).toEqual(['raised call.failed', 'resolved call.failed', 'raised call.failed']);
    await first.agent.stop();
    const chat = new TestChannel('chat');
    const startAt = first.clock.now();
    const both = [mail, chat];
    for (const channel of both) channel.now = () => startAt;
    const second = await openAgent({ channels: both, dataDir: first.dir, startAt });
    await second.clock.advance(0);
    expect(chat.received).toMatchObject([{ kind: 'raised', alert: '2' }]);
    const listed = second.agent.command({ type: 'alerts.list', by: 'test' }) as {
      deliveries: { channel: string }[];
    }[];
    const channels = listed.map(
      ({ deliveries: all }) => new Set(all.map(({ channel }) => channel)),
    );
    expect(channels).toEqual([new Set(['mail', 'chat']), new Set(['mail'])]);
  });
});

describe('news about an alert', () => {
  const threeFailed = async (mail: TestChannel): Promise<Told> => {
    const v = await openTold([mail], { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '100' });
    for (const _ of [1, 2, 3]) await v.fail();
    expect(mail.told).toEqual(['raised call.failed']);
    return v;
  };

  test('that was held back is told when the agent ends, as one message', async () => {
    const mail = new TestChannel();
    const v = await threeFailed(mail);
    await v.agent.stop();
    expect(mail.told).toEqual(['raised call.failed', 'updated call.failed']);
    expect(mail.received[1]?.title).toMatch(/^3 calls have failed at ElevenLabs/);
    // What has been told is no news at the next end.
    const next = await openTold([mail], {}, v.dir);
    await next.agent.stop();
    expect(mail.told).toHaveLength(2);
  });

  test('is told to whoever asks for everything now, and counted', async () => {
    const mail = new TestChannel();
    const v = await threeFailed(mail);
    const flushed = await v.agent.command({ type: 'alerts.flush', by: 'test' });
    expect(flushed).toEqual({ mail: { delivered: 1, pending: 0 } });
    expect(mail.received[1]?.title).toMatch(/^3 calls have failed at ElevenLabs/);
  });
});

describe('a channel that fails', () => {
  test('is told of through the others, and never through itself', async () => {
    const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
    mail.behave = broken;
    const v = await openTold([mail, chat]);
    await v.fail();
    await v.clock.advance(MINUTE);
    expect(chat.told).toEqual(['raised call.failed', 'raised channel.failing']);
    expect(chat.received[1]?.title).toContain('mail');
    expect(v.agent.channelsHealthy).toBe(true);
    mail.behave = () => {};
    await v.clock.advance(20 * MINUTE);
    expect(mail.told.filter((told) => told.includes('channel'))).toEqual([]);
    expect(mail.told).toContain('resolved call.failed');
    expect(chat.told).toContain('resolved channel.failing');
  });

  test('is no news when all were away and come back', async () => {
    const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
    for (const channel of [mail, chat]) channel.behave = down;
    const v = await openTold([mail, chat]);
    await v.fail();
    await v.clock.advance(9 * MINUTE);
    expect(v.agent.channelsHealthy).toBe(false);
    for (const channel of [mail, chat]) channel.behave = () => {};
    await v.clock.advance(20 * MINUTE);
    const of = (channel: TestChannel) => channel.told.filter((told) => told.includes('channel'));
    expect([of(mail), of(chat)]).toEqual([[], []]);
    expect(mail.told).toEqual(['resolved call.failed']);
  });

  test('is forgotten when it is not set up any more', async () => {
    const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
    mail.behave = broken;
    const first = await openTold([mail, chat]);
    await first.fail();
    await first.clock.advance(MINUTE);
    expect(chat.told).toContain('raised channel.failing');
    await first.agent.stop();
    const second = await openTold([chat], {}, first.dir);
    await second.clock.advance(MINUTE);
    expect(chat.told.at(-1)).toBe('resolved channel.failing');
    expect(chat.received.at(-1)?.title).toBe('Resolved: mail is not set up any more');
  });

  test('with no other left is said aloud, and makes the agent unhealthy', async () => {
    const said: string[] = [];
    const mail = new TestChannel();
    mail.behave = broken;
    const v = await openAgent({ channels: [mail], onUnheard: (text) => said.push(text) });
    await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
    await v.clock.advance(MINUTE);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('mail');
    expect(v.agent.channelsHealthy).toBe(false);
  });

  test('is one that is told to wait for hours, and the others are told until when', async () => {
    const [chat, mail] = [new TestChannel('chat'), new TestChannel('mail')];
    chat.behave = limited(20_000_000);
    const v = await openTold([chat, mail], { ALERT_ESCALATE_AFTER: '86400' });
    await v.fail();
    const until = new Date(v.clock.now() + 20_000_000).toISOString().slice(0, 16).replace('T', ' ');
    await v.clock.advance(MINUTE);
    // It is passed over, not waited for.
    expect(mail.told).toEqual(['raised call.failed', 'raised channel.failing']);
    expect(mail.received[1]?.title).toContain(`alerts do not reach chat before ${until}`);
    expect(v.agent.health().problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Alerts do not reach chat: slow down\\. It has to wait until ${until}.* 1 message waits`,
        ),
      ),
    ]);
    expect(chat.attempts).toBe(1);
    chat.behave = () => {};
    await v.clock.advance(6 * 60 * MINUTE);
    expect(mail.told.at(-1)).toBe('resolved channel.failing');
    expect(v.agent.health().problems).toEqual([]);
  });

  test('is one that is told to wait again and again, not one that waits a little', async () => {
    const mail = new TestChannel();
    mail.behave = limited(400_000);
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(6 * MINUTE);
    expect(v.agent.channelsHealthy).toBe(true);
    await v.clock.advance(MINUTE);
    expect(mail.attempts).toBe(2);
    expect(v.agent.channelsHealthy).toBe(false);
    mail.behave = down;
    await v.clock.advance(7 * MINUTE);
    expect(v.agent.channelsHealthy).toBe(false);
    mail.behave = () => {};
    await v.clock.advance(7 * MINUTE);
    expect(v.agent.channelsHealthy).toBe(true);
  });

  test('is asked ever less often', async () => {
    const mail = new TestChannel();
    mail.behave = down;
    const v = await openTold([mail]);
    await v.fail();
    await v.clock.advance(60 * MINUTE);
    expect(deliveries(v).length).toBeLessThan(20);
  });
});
