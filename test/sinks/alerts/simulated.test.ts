import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../sinks/channels/channel.ts';
import { openAgent } from '../../support/agent.ts';
import { raise } from '../../support/alarms.ts';
import { broken, down, TestChannel } from '../../support/test-channel.ts';

const MINUTE = 60_000;

/** By service: whether it was told of as simulated. */
const told = ({ received }: TestChannel) =>
  received.map(({ service, kind, isSimulated = false }) => [service, kind, isSimulated]);

async function openWith(channels: readonly Channel[], more: Parameters<typeof openAgent>[0] = {}) {
  return openAgent({ channels, onUnheard: () => {}, ...more });
}

describe('that it is simulated is told', () => {
  test('of the services that are, and not of a caller’s own', async () => {
    const mail = new TestChannel();
    const v = await openWith([mail]);
    await raise(v.agent, ['LLM', 'Fax']);
    await v.clock.advance(MINUTE);
    expect(told(mail)).toEqual([
      ['LLM', 'raised', true],
      ['Fax', 'raised', false],
    ]);
  });

  test('not of the one that has a key', async () => {
    const mail = new TestChannel();
    const env = { ELEVENLABS_API_KEY: 'sk_1234567890', CALL_WINDOW: 'off' };
    const v = await openWith([mail], { simulateAll: false, env });
    await raise(v.agent, ['LLM', 'ElevenLabs']);
    await v.clock.advance(MINUTE);
    expect(told(mail)).toEqual([
      ['LLM', 'raised', true],
      ['ElevenLabs', 'raised', false],
    ]);
  });

  test('of what is about no single service where all are', async () => {
    const mail = new TestChannel();
    const v = await openWith([mail], { freeBytes: () => Promise.resolve(1) });
    await v.clock.advance(MINUTE);
    expect(told(mail)).toEqual([[null, 'raised', true]]);
  });

  test('after a restart as well, also when there is a key by then', async () => {
    const mail = new TestChannel();
    mail.behave = broken;
    const first = await openWith([mail]);
    await raise(first.agent, ['ElevenLabs']);
    await first.agent.stop();
    mail.behave = () => {};
    const second = await openWith([mail], {
      dataDir: first.dir,
      startAt: first.clock.now(),
      simulateAll: false,
      env: { ELEVENLABS_API_KEY: 'sk_1234567890', CALL_WINDOW: 'off' },
    });
    await second.clock.advance(MINUTE);
    expect(told(mail)).toEqual([['ElevenLabs', 'raised', true]]);
  });

  test('of several at once only when all of them are', async () => {
    const mail = new TestChannel('mail', { perMinute: 60, burst: 60 });
    mail.behave = () => (mail.attempts < 4 ? down() : undefined);
    const v = await openWith([mail], { env: { ALERT_DIGEST_OVER: '1' } });
    await raise(v.agent, ['LLM', 'CRM', 'Telephony']);
    await v.clock.advance(5 * MINUTE);
    expect(mail.received.find(({ kind }) => kind === 'digest')).toMatchObject({
      isSimulated: true,
    });
  });
});
