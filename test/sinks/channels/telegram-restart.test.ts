import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TelegrafTransport } from '../../../sinks/channels/telegram/transport.ts';
import { answering, type Trouble } from '../../peers/http.ts';
import { TOKEN } from '../../peers/telegram.ts';
import { answersFrom, begin, dir, newDesk, start, telegram } from './chats.ts';
import { until } from './until.ts';

describe('a restart', () => {
  it('carries out what was written in between, and nothing twice', async () => {
    const desk = newDesk();
    const first = begin(desk);
    telegram.write('/reset LLM');
    await answersFrom(1);
    await first.close();
    telegram.write('/reset ElevenLabs');
    begin(desk);
    await answersFrom(2);
    expect(desk.done.map(({ services }) => services)).toEqual([['LLM'], ['ElevenLabs']]);
  });

  it('repeats nothing that was carried out and not yet written down', async () => {
    const desk = newDesk();
    const update = telegram.write('/reset LLM');
    const second = start(desk);
    const event = { type: 'breaker.reset', by: `telegram @ada (815) update ${update}` };
    second.prime({ event } as never);
    second.start();
    await until(() => second.counts.repeated === 1);
    telegram.write('/reset ElevenLabs');
    await answersFrom(1);
    expect(desk.done.map(({ services }) => services)).toEqual([['ElevenLabs']]);
  });

  it('finds what started a silence in the birth of it', async () => {
    const update = telegram.write('/mute LLM 5m');
    const chat = start(newDesk());
    const event = { type: 'xstate.init', input: { by: `telegram 7 update ${update}` } };
    chat.prime({ event } as never);
    chat.start();
    await until(() => chat.counts.repeated === 1);
    expect(chat.counts.carriedOut).toBe(0);
  });

  it('does not confirm what is not on disk', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const desk = newDesk();
    const chat = begin(desk, { onDisk: () => promise });
    telegram.write('/reset LLM');
    await answersFrom(1);
    expect(fs.existsSync(path.join(dir, 'cursors'))).toBe(false);
    expect(telegram.unconfirmed).toHaveLength(1);
    resolve();
    await until(() => telegram.unconfirmed.length === 0);
    await chat.close();
    expect(fs.readFileSync(path.join(dir, 'cursors', 'telegram-commands.json'), 'utf8')).toContain(
      '1001',
    );
  });

  it('hears updates whose ids begin anew after a quiet week', async () => {
    const file = path.join(dir, 'cursors', 'telegram-commands.json');
    const weekAgo = Date.now() - 7 * 86_400_000;
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, JSON.stringify({ v: 1, bot: '4711', handled: [999_999], at: weekAgo }));
    const desk = newDesk();
    begin(desk);
    telegram.write('/reset LLM');
    await answersFrom(1);
    expect(desk.done).toHaveLength(1);
  });

  it('starts anew with another bot, and with a file that is broken', async () => {
    const file = path.join(dir, 'cursors', 'telegram-commands.json');
    fs.mkdirSync(path.dirname(file));
    for (const text of [
      '{',
      JSON.stringify({ v: 1, bot: '1', handled: [5_000], at: Date.now() }),
    ]) {
      fs.writeFileSync(file, text);
      const desk = newDesk();
      const chat = begin(desk);
      telegram.write('/reset LLM');
      await until(() => desk.done.length >= 1);
      expect(desk.done[0]).toMatchObject({ type: 'reset' });
      await chat.close();
    }
  });
});

describe('trouble with Telegram', () => {
  const refusal = (code: number, parameters?: object): Trouble => ({
    ...answering(
      code,
      JSON.stringify({ ok: false, error_code: code, description: 'no', parameters }),
    ),
    path: '/getUpdates',
    times: 1,
  });

  async function waitsAfter(...troubles: readonly Trouble[]) {
    const waits: number[] = [];
    telegram.peer.plan(...troubles);
    const chat = begin(newDesk(), {
      wait(ms) {
        waits.push(ms);
        return Promise.resolve();
      },
    });
    telegram.write('/status');
    const before = new Set<string | null>();
    await until(() => {
      before.add(chat.problem);
      return telegram.sent.length > 0;
    });
    return { waits, problems: [...before].filter((problem) => problem !== null), chat };
  }

  it('is waited out, longer each time, and as long as Telegram asks', async () => {
    const { waits } = await waitsAfter(
      refusal(502),
      { does: 'reset', path: '/getUpdates', times: 1 },
      refusal(429, { retry_after: 33 }),
      refusal(500),
    );
    expect(waits).toEqual([1_000, 2_000, 33_000, 8_000]);
  });

  it('that is a second program reading the same bot is put into words', async () => {
    const waits: number[] = [];
    const chat = begin(newDesk(), {
      wait: (ms, signal) => {
        waits.push(ms);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        );
      },
    });
    await until(() => telegram.polls === 1);
    const other = new TelegrafTransport(TOKEN, telegram.peer.origin);
    void other.call('getUpdates', { timeout: 1 }, AbortSignal.timeout(5_000)).catch(() => {});
    await until(() => waits.length === 1);
    expect(chat.problem).toMatch(/^Another program reads the messages of this Telegram bot/);
    expect(waits).toEqual([45_000]);
  });

  it('never shows the token', async () => {
    const { chat } = await waitsAfter({
      ...answering(403, '<html>'),
      path: '/getUpdates',
      times: 1,
    });
    expect(JSON.stringify(chat.counts) + String(chat.problem)).not.toContain('SECRET');
  });

  it('with an answer repeats no command', async () => {
    telegram.peer.plan({ does: 'reset', path: '/sendMessage', times: 1 });
    const desk = newDesk();
    const chat = begin(desk);
    telegram.write('/reset LLM');
    await until(() => telegram.unconfirmed.length === 0);
    expect(desk.done).toHaveLength(1);
    expect(chat.counts.unanswered).toBe(1);
  });
});
