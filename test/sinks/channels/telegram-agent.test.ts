import { describe, expect, it, onTestFinished } from 'vitest';
import { TelegramPeer, TOKEN } from '../../peers/telegram.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import type { VirtualAgent } from '../../support/virtual-agent.ts';
import { until } from './until.ts';

async function agentWith(telegram: TelegramPeer, more: object = {}): Promise<VirtualAgent> {
  return openAgent({
    env: {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_CHAT_ID: '42',
      TELEGRAM_API_ROOT: telegram.peer.origin,
      TELEGRAM_COMMANDS: 'on',
      ...more,
    },
  });
}

async function startTelegram(): Promise<TelegramPeer> {
  // Telegram takes one answer a second of a chat; nobody waits for that here.
  let at = Date.now();
  const telegram = await TelegramPeer.start(['42'], () => (at += 1_000));
  onTestFinished(() => telegram.close());
  return telegram;
}

describe('an agent that a chat commands', () => {
  it('does what is asked, and its journal says who asked', async () => {
    const telegram = await startTelegram();
    const v = await agentWith(telegram);
    v.agent.isolate('LLM', 'a test');
    const update = telegram.write('/reset llm');
    await until(() => telegram.sent.length === 1);
    expect(telegram.sent[0]?.text).toBe('Closed: the circuit breaker of LLM.');
    expect(v.agent.status().services['LLM']?.breaker).toBe('CLOSED');
    const lines = journalOf(v).filter(({ event }) => event.type === 'breaker.reset');
    expect(lines.map(({ event }) => event['by'])).toEqual([`telegram @ada (815) update ${update}`]);
    expect(JSON.stringify(journalOf(v))).not.toContain('SECRET');
  });

  it('says how its services are', async () => {
    const telegram = await startTelegram();
    await agentWith(telegram);
    telegram.write('/status');
    await until(() => telegram.sent.length === 1);
    expect(telegram.sent[0]?.text).toMatch(/^🟢 LLM: CLOSED, unknown\n🟢 ElevenLabs: CLOSED/);
  });

  it('tells what is wrong with a service that it does not know', async () => {
    const telegram = await startTelegram();
    await agentWith(telegram);
    telegram.write('/reset Fax');
    await until(() => telegram.sent.length === 1);
    expect(telegram.sent[0]?.text).toMatch(/no service called Fax: known are LLM, ElevenLabs/);
  });

  it('ends what it was told to silence', async () => {
    const telegram = await startTelegram();
    const v = await agentWith(telegram);
    const answered = async (text: string): Promise<string | undefined> => {
      telegram.write(text);
      const { length } = telegram.sent;
      await until(() => telegram.sent.length > length);
      return telegram.sent.at(-1)?.text;
    };
    await answered('/mute LLM 5m');
    await v.clock.advance(1);
    expect(await answered('/unmute llm')).toMatch(/^Told of again: LLM \(silence 1, until /);
    expect(await answered('/status')).not.toContain('Nobody is told');
    const lifted = journalOf(v).filter(({ event }) => event.type === 'silence.lifted');
    expect(lifted.map(({ event }) => event['by'])).toEqual(['telegram @ada (815) update 1002']);
  });

  it('listens to nobody unless that is asked for', async () => {
    const telegram = await startTelegram();
    const v = await agentWith(telegram, { TELEGRAM_COMMANDS: 'off' });
    telegram.write('/reset LLM');
    await v.agent.stop();
    expect(telegram.peer.asked).toEqual([]);
  });

  it('repeats nothing after a restart on its folder', async () => {
    const telegram = await startTelegram();
    const first = await agentWith(telegram);
    telegram.write('/status');
    await until(() => telegram.sent.length === 1);
    await first.agent.stop();
    const second = await openAgent({
      dataDir: first.dir,
      startAt: first.clock.now(),
      env: {
        TELEGRAM_BOT_TOKEN: TOKEN,
        TELEGRAM_CHAT_ID: '42',
        TELEGRAM_API_ROOT: telegram.peer.origin,
        TELEGRAM_COMMANDS: 'on',
      },
    });
    telegram.write('/reset LLM');
    await until(() => telegram.sent.length >= 2);
    await second.agent.stop();
    expect(telegram.sent.map(({ text }) => text.slice(0, 6))).toEqual(['🟢 LLM', 'Closed']);
  });
});
