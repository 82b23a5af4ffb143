import { describe, expect, test } from 'vitest';
import { TelegramPeer, TOKEN } from '../../peers/telegram.ts';
import { openAgent } from '../../support/agent.ts';
import { raise } from '../../support/alarms.ts';
import { broken, down, TestChannel } from '../../support/test-channel.ts';
import { until } from '../channels/until.ts';

const MINUTE = 60_000;

const rulesOf = (channel: TestChannel): string[] => [
  ...new Set(channel.received.map(({ rule }) => rule)),
];

describe('the agent’s own trouble with telling people', () => {
  test('answers 503 on /healthz, says why, and is over when one channel works again', async () => {
    const said: string[] = [];
    const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
    for (const channel of [mail, chat]) channel.behave = broken;
    const v = await openAgent({
      channels: [mail, chat],
      env: { METRICS_PORT: '0' },
      onUnheard: (sentence) => said.push(sentence),
    });
    const asked = () => fetch(`http://127.0.0.1:${v.agent.metricsPort}/healthz`);
    const health = async () => (await asked()).status;
    expect(await health()).toBe(200);
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    expect(await health()).toBe(503);
    expect(await (await asked()).json()).toEqual({
      ok: false,
      problems: ['mail', 'chat'].map(
        (name) => `Alerts do not reach ${name}: the password is wrong. 1 message waits for it.`,
      ),
    });
    expect(said).toEqual([
      expect.stringMatching(/^Nobody can be told of alerts: mail, chat do not/),
    ]);
    chat.behave = () => {};
    await v.clock.advance(16 * MINUTE);
    expect(await health()).toBe(200);
    expect(said).toHaveLength(1);
    // Of itself it is told nothing, of the other one it is, which had its time to come back.
    await v.clock.advance(7 * MINUTE);
    expect(chat.received.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      expect.stringMatching(/^raised Fax refuses/),
      expect.stringMatching(/^raised alerts do not reach mail/),
    ]);
  });

  test('makes no alert of latency, rates, breakers or failed requests', async () => {
    const [slow, dead, good] = ['slow', 'dead', 'good'].map((name) => new TestChannel(name));
    const channels = [slow, dead, good] as TestChannel[];
    const env = { ALERT_REPEAT_INTERVAL: '60', ALERT_MIN_SAMPLES: '2' };
    const v = await openAgent({ channels, env });
    const slowly = async (): Promise<void> => {
      await new Promise<void>((resolve) => void v.clock.setTimeout(resolve, 20_000));
      down();
    };
    (slow as TestChannel).behave = slowly;
    (dead as TestChannel).behave = down;
    await raise(v.agent, ['Fax']);
    await v.clock.advance(30 * MINUTE);
    (slow as TestChannel).behave = () => {};
    await v.clock.advance(MINUTE);
    expect((slow as TestChannel).attempts).toBeGreaterThan(10);
    expect((dead as TestChannel).attempts).toBeGreaterThan(10);
    expect(rulesOf(good as TestChannel).toSorted()).toEqual(['account.error', 'channel.failing']);
    expect(rulesOf(dead as TestChannel)).toEqual([]);
  });

  test('and what came in by chat are counted in /metrics', async ({ onTestFinished }) => {
    const telegram = await TelegramPeer.start(['42', '43']);
    onTestFinished(() => telegram.close());
    const v = await openAgent({
      env: {
        TELEGRAM_BOT_TOKEN: TOKEN,
        TELEGRAM_CHAT_ID: '42',
        TELEGRAM_API_ROOT: telegram.peer.origin,
        TELEGRAM_COMMANDS: 'on',
        METRICS_PORT: '0',
      },
    });
    telegram.write('/reset LLM', '43');
    telegram.write('hello', '42');
    telegram.write('/reset Nothing', '42');
    telegram.write('/status', '42');
    await until(() => telegram.sent.length === 2 && telegram.unconfirmed.length === 0);
    const answer = await fetch(`http://127.0.0.1:${v.agent.metricsPort}/metrics`);
    const lines = (await answer.text())
      .split('\n')
      .filter((line) => line.startsWith('call_agent_chat'));
    const outcomes = Object.fromEntries(
      lines.map((line) => [/outcome="(\w+)"/.exec(line)?.[1], Number(line.split(' ').at(-1))]),
    );
    expect(outcomes).toEqual({
      carriedOut: 1,
      refused: 1,
      foreign: 1,
      ignored: 1,
      late: 0,
      repeated: 0,
      unanswered: 0,
    });
  });
});
