import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../sinks/channels/channel.ts';
import { openAgent } from '../../support/agent.ts';
import { raise, resolve, servicesNamed } from '../../support/alarms.ts';
import { broken, TestChannel } from '../../support/test-channel.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const by = 'a test';

/** Rates are none of these stories. */
const calm = { ALERT_ERROR_RATE: '100', ALERT_REPEAT_INTERVAL: 'off' };

async function open(
  channels: readonly Channel[],
  env: { readonly [name: string]: string } = {},
): Promise<VirtualAgent> {
  const v = await openAgent({ channels, env: { ...calm, ...env }, onUnheard: () => {} });
  for (const channel of channels) (channel as TestChannel).now = () => v.clock.now();
  return v;
}

describe('an alert that lasts', () => {
  test('is repeated at its interval, until somebody takes notice of it', async () => {
    const mail = new TestChannel();
    const v = await open([mail], { ALERT_REPEAT_INTERVAL: '3600' });
    await raise(v.agent, ['Fax']);
    const start = v.clock.now();
    await v.clock.advance(2 * HOUR + MINUTE);
    expect(mail.told).toEqual(['raised account.error', ...Array(2).fill('updated account.error')]);
    expect(mail.times.map((at) => at - start)).toEqual([0, HOUR, 2 * HOUR]);
    v.agent.command({ type: 'alerts.ack', id: '1', by });
    await v.clock.advance(5 * HOUR);
    expect(mail.told).toHaveLength(3);
    await resolve(v.agent, ['Fax']);
    await v.clock.advance(0);
    expect(mail.told.at(-1)).toBe('resolved account.error');
  });

  test('reaches one channel after another while nobody takes notice', async () => {
    const [first, second, third] = ['one', 'two', 'three'].map((name) => new TestChannel(name));
    const all = [first, second, third] as TestChannel[];
    const v = await open(all, { ALERT_ESCALATE_AFTER: '300', ALERT_CHANNELS: 'two,one' });
    await raise(v.agent, ['Fax']);
    const told = () => all.map((channel) => channel.told.length);
    await v.clock.advance(MINUTE);
    expect(told()).toEqual([0, 1, 0]);
    await v.clock.advance(5 * MINUTE);
    expect(told()).toEqual([1, 1, 0]);
    v.agent.command({ type: 'alerts.ack', id: 'Fax', by });
    await v.clock.advance(HOUR);
    expect(told()).toEqual([1, 1, 0]);
    // The end is told to whom it was told, and to nobody else.
    await resolve(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    expect(all.map((channel) => channel.told)).toEqual([
      ['raised account.error', 'resolved account.error'],
      ['raised account.error', 'resolved account.error'],
      [],
    ]);
  });

  test('waits for no channel in the list once each has been told, then or a day later', async () => {
    const channels = ['one', 'two', 'three'].map((name) => new TestChannel(name));
    const v = await open(channels, { ALERT_ESCALATE_AFTER: '300' });
    const fates = (): string[] => {
      const alerts = v.agent.command({ type: 'alerts.list', by }) as {
        service: string;
        deliveries: { channel: string; message: string; state: string }[];
      }[];
      const fax = alerts.find(({ service }) => service === 'Fax');
      return (fax?.deliveries ?? []).map((one) => `${one.channel} ${one.message} ${one.state}`);
    };
    channels[2]!.behave = broken;
    await raise(v.agent, ['Fax']);
    await v.clock.advance(11 * MINUTE);
    const told = ['one raised delivered', 'two updated delivered'];
    expect(fates()).toEqual([...told, 'three updated pending']);
    channels[2]!.behave = () => {};
    await v.clock.advance(20 * MINUTE);
    const flushed = await v.agent.command({ type: 'alerts.flush', by });
    expect(Object.values(flushed as object).map(({ pending }) => pending as number)).toEqual([
      0, 0, 0,
    ]);
    expect(fates()).toEqual([...told, 'three updated delivered']);
    await v.clock.advance(24 * HOUR);
    expect(fates()).toEqual([...told, 'three updated delivered']);
  });

  test('is told by the next channel at once when the first does not work', async () => {
    const [first, second] = [new TestChannel('one'), new TestChannel('two')];
    first.behave = broken;
    const v = await open([first, second], { ALERT_ESCALATE_AFTER: '3600' });
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    expect(second.told).toContain('raised account.error');
  });

  test('does not count as told by a digest that went out beside it', async () => {
    const first = new TestChannel('one');
    const second = new TestChannel('two', { perMinute: 60, burst: 1 });
    const v = await open([first, second], { ALERT_ESCALATE_AFTER: '60' });
    await raise(v.agent, servicesNamed('Fax', 7));
    await v.clock.advance(55_000);
    await raise(v.agent, ['Late']);
    await v.clock.advance(6_000);
    expect(second.told).toEqual(['raised account.error', 'digest digest']);
    expect(JSON.stringify(second.received)).not.toContain('Late');
    const listed = v.agent.command({ type: 'alerts.list', by }) as {
      service: string;
      deliveries: { channel: string; state: string }[];
    }[];
    const told = (service: string) =>
      listed
        .find((one) => one.service === service)
        ?.deliveries.filter(({ state }) => state === 'delivered')
        .map(({ channel }) => channel);
    expect(told('Late')).toEqual(['one']);
    expect(told('Fax7')).toEqual(['one', 'two']);
    await v.clock.advance(MINUTE);
    expect(second.received.at(-1)).toMatchObject({ kind: 'raised', service: 'Late' });
  });
});

describe('what comes and goes', () => {
  test('is left open from the fourth time on, and is one alert then', async () => {
    const mail = new TestChannel();
    const v = await open([mail]);
    for (let turn = 0; turn < 8; turn++) {
      await raise(v.agent, ['Fax']);
      await v.clock.advance(10_000);
      await resolve(v.agent, ['Fax']);
      await v.clock.advance(10_000);
    }
    expect(mail.told.filter((told) => told.startsWith('raised'))).toHaveLength(4);
    expect(mail.received.find(({ alert }) => alert === '4')?.paragraphs.join(' ')).toContain(
      'It comes and goes: 4 times lately.',
    );
    await v.clock.advance(HOUR);
    expect(mail.told.filter((told) => told.startsWith('resolved'))).toHaveLength(4);
  });
});

describe('a silence', () => {
  const silence = (v: VirtualAgent, more: object) =>
    v.agent.command({ type: 'alerts.silence', match: ['all'], by, ...more });

  test('keeps quiet while it lasts, and what still holds then is told', async () => {
    const mail = new TestChannel();
    const v = await open([mail]);
    silence(v, { durationMs: HOUR });
    await raise(v.agent, ['Fax', 'Mail']);
    await v.clock.advance(HOUR - MINUTE);
    await resolve(v.agent, ['Mail']);
    expect(mail.told).toEqual([]);
    await v.clock.advance(2 * MINUTE);
    expect(mail.received.map(({ kind, service }) => [kind, service])).toEqual([['raised', 'Fax']]);
  });

  test('keeps the end from nobody who knows of the beginning', async () => {
    const mail = new TestChannel();
    const v = await open([mail]);
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    silence(v, { durationMs: HOUR });
    await resolve(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    expect(mail.told).toEqual(['raised account.error', 'resolved account.error']);
  });

  test('that begins later is a maintenance window: before and after it people are told', async () => {
    const mail = new TestChannel();
    const v = await open([mail]);
    silence(v, { startsInMs: 2 * HOUR, durationMs: HOUR / 2 });
    await raise(v.agent, ['Before']);
    await v.clock.advance(2 * HOUR);
    await raise(v.agent, ['Within']);
    await v.clock.advance(HOUR / 2 - MINUTE);
    expect(mail.received.map(({ service }) => service)).toEqual(['Before']);
    await v.clock.advance(2 * MINUTE);
    expect(mail.received.map(({ service }) => service)).toEqual(['Before', 'Within']);
  });

  test('that would begin in more than a year is refused, and is none', async () => {
    const v = await open([new TestChannel()]);
    for (const startsInMs of [367 * 24 * HOUR, 1e8 * 24 * HOUR]) {
      expect(() => silence(v, { startsInMs, durationMs: HOUR })).toThrow(/within a year/);
    }
    expect(v.agent.command({ type: 'alerts.silences', by })).toEqual([]);
  });

  test('can be lifted before its time, also before it begins', async () => {
    const mail = new TestChannel();
    const v = await open([mail]);
    silence(v, { durationMs: HOUR });
    silence(v, { startsInMs: HOUR, durationMs: HOUR });
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    for (const id of ['1', '2']) v.agent.command({ type: 'alerts.lift', id, by });
    await v.clock.advance(MINUTE);
    expect(mail.told).toEqual(['raised account.error']);
    expect(v.agent.command({ type: 'alerts.silences', by })).toEqual([]);
  });
});
