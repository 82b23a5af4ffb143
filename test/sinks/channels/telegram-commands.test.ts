import { describe, expect, it } from 'vitest';
import type { Command } from '../../../runtime/commands.ts';
import { durationMs, parseCommand } from '../../../sinks/channels/telegram/commands/parse.ts';
import { answering } from '../../peers/http.ts';
import { ada } from '../../peers/telegram.ts';
import { alert, answersFrom, begin, newDesk, telegram } from './chats.ts';
import { until } from './until.ts';

describe('a command from a configured chat', () => {
  it.each<[string, object, RegExp]>([
    ['/reset elevenlabs', { type: 'reset', services: ['ElevenLabs'] }, /^Closed: .* ElevenLabs/],
    ['/reset all', { type: 'reset', services: null }, /every circuit breaker/],
    ['/ack 12', { type: 'alerts.ack', id: '12' }, /^Acknowledged: 12/],
    ['/ack', { type: 'alerts.ack', id: '12' }, /^Acknowledged: 12/],
    [
      '/mute ElevenLabs 30m',
      { type: 'alerts.silence', match: ['ElevenLabs'], durationMs: 1_800_000 },
      /Nobody is told of ElevenLabs for 30m/,
    ],
    ['/RESET@agent_bot LLM', { type: 'reset', services: ['LLM'] }, /^Closed/],
  ])('%s goes through the command port with who sent it', async (text, expected, answer) => {
    const desk = newDesk();
    begin(desk);
    const update = telegram.write(text);
    expect((await answersFrom(1))[0]).toMatch(answer);
    expect(desk.done).toEqual([{ ...expected, by: `telegram @ada (815) update ${update}` }]);
  });

  it('/status tells of services and open alerts', async () => {
    begin(newDesk());
    telegram.write('/status');
    expect((await answersFrom(1))[0]).toBe(
      [
        '🟢 LLM: CLOSED, healthy',
        '🔴 ElevenLabs: OPEN, unhealthy, next try 2026-11-24 00:16:07 UTC',
        'Open alerts: 1',
        '12  breaker.opened ElevenLabs',
      ].join('\n'),
    );
  });

  it('/ack without an id asks which when there are several, and says when there is none', async () => {
    const desk = newDesk();
    begin(desk);
    desk.alerts = [alert, { ...alert, id: '13', title: 'It is down' }];
    telegram.write('/ack');
    expect((await answersFrom(1))[0]).toBe(
      'Several alerts wait:\n/ack 12  breaker.opened ElevenLabs\n/ack 13  It is down',
    );
    desk.alerts = [
      { ...alert, state: 'resolved' },
      { ...alert, state: 'acknowledged' },
    ];
    telegram.write('/ack');
    expect((await answersFrom(2))[1]).toBe('No alert waits to be acknowledged.');
    expect(desk.done).toEqual([]);
  });

  it.each(['/pause', '/resume'])('%s is answered in the words of the desk', async (text) => {
    const chat = begin(newDesk());
    telegram.write(text);
    expect((await answersFrom(1))[0]).toContain('does not know the command campaign.');
    expect(chat.counts.refused).toBe(1);
  });

  it('/pause and /resume are about every campaign, or the one that is named', async () => {
    const asked: Command[] = [];
    begin(newDesk(), { port: (command) => asked.push(command) });
    telegram.write('/pause');
    telegram.write('/resume spring');
    await answersFrom(2);
    expect(asked).toMatchObject([
      { type: 'campaign.pause', campaign: null },
      { type: 'campaign.resume', campaign: 'spring' },
    ]);
  });

  it('that is asked in the wrong way is answered with the right one, and one unknown with all', async () => {
    const desk = newDesk();
    begin(desk);
    telegram.write('/mute ElevenLabs soon');
    telegram.write('/reset');
    telegram.write('/dance');
    const [mute, reset, dance] = await answersFrom(3);
    expect(mute).toBe('Please write: /mute SERVICE 30m');
    expect(reset).toBe('Please write: /reset SERVICE');
    for (const known of ['/status', '/reset', '/ack', '/mute', '/unmute', '/pause', '/resume']) {
      expect(dance).toContain(known);
    }
    expect(desk.done).toEqual([]);
  });

  it('is answered late when an alert went to the chat just before', async () => {
    const full = { ok: false, error_code: 429, parameters: { retry_after: 3 } };
    const path = 'sendMessage';
    telegram.peer.plan({ ...answering(429, JSON.stringify(full)), path, times: 2 });
    const waits: number[] = [];
    const chat = begin(newDesk(), { wait: async (ms) => void waits.push(ms) });
    telegram.write('/status');
    expect((await answersFrom(1))[0]).toContain('LLM: CLOSED');
    expect(waits).toEqual([3_000, 3_000]);
    expect(chat.counts.unanswered).toBe(0);
  });

  it('that hits a defect is answered without its text', async () => {
    const port = () => {
      throw new Error('ENOENT /home/agent/data');
    };
    begin(newDesk(), { port });
    telegram.write('/status');
    expect((await answersFrom(1))[0]).not.toContain('ENOENT');
  });
});

const silence = (number: string, services: readonly string[], state = 'active') => ({
  number,
  state,
  match: { services, rules: [] },
  until: Date.UTC(2026, 10, 24, 9),
});

describe('what is silenced', () => {
  it('is part of /status', async () => {
    const desk = newDesk();
    desk.silences = [silence('1', ['LLM']), silence('2', []), silence('3', ['CRM'], 'scheduled')];
    begin(desk);
    telegram.write('/status');
    expect((await answersFrom(1))[0]?.split('\n').slice(-2)).toEqual([
      'Nobody is told of LLM (silence 1, until 2026-11-24 09:00:00 UTC)',
      'Nobody is told of all (silence 2, until 2026-11-24 09:00:00 UTC)',
    ]);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      '/unmute llm',
      ['1', '4'],
      /^Told of again: LLM \(silence 1.*llm \(silence 4.*\nStill silenced: LLM CRM \(silence 2, until .*\)\. \/unmute 2 ends that\.\nStill silenced: all/,
    ],
    ['/unmute 2', ['2'], /^Told of again: LLM CRM/],
    ['/unmute all', ['1', '2', '3', '4'], /^Told of again: LLM .*, all/],
    ['/unmute CRM', [], /^Nothing silences CRM alone now\.\nStill silenced: LLM CRM/],
  ])('is told of again after %s, a window to come excepted', async (text, lifted, answer) => {
    const desk = newDesk();
    desk.silences = [
      silence('1', ['LLM']),
      silence('2', ['LLM', 'CRM']),
      silence('3', []),
      silence('4', ['llm']),
      silence('5', ['LLM'], 'scheduled'),
    ];
    begin(desk);
    const update = telegram.write(text);
    expect((await answersFrom(1))[0]).toMatch(answer);
    const by = `telegram @ada (815) update ${update}`;
    expect(desk.done).toEqual(lifted.map((id) => ({ type: 'alerts.lift', id, by })));
  });
});

describe('a command that was sent long ago', () => {
  const NOW = Date.UTC(2026, 10, 24, 9);
  const now = (): number => NOW;
  const sent = (minutesAgo: number): object => ({ date: NOW / 1_000 - minutesAgo * 60 });

  it('is not carried out but answered', async () => {
    const desk = newDesk();
    const chat = begin(desk, { now });
    telegram.write('/mute all 30m', '42', ada, sent(20 * 60));
    telegram.write('/pause', '42', ada, sent(11));
    const [mute, pause] = await answersFrom(2);
    expect(mute).toBe(
      'Not done: /mute was sent at 2026-11-23 13:00:00 UTC, while no agent ran or could hear it, and now it is 2026-11-24 09:00:00 UTC. Send it again if it is still wanted.',
    );
    expect(pause).toMatch(/^Not done: \/pause was sent at 2026-11-24 08:49:00 UTC/);
    expect(desk.done).toEqual([]);
    expect(chat.counts).toMatchObject({ late: 2, carriedOut: 0, refused: 0 });
  });

  it('is carried out within ten minutes', async () => {
    const desk = newDesk();
    begin(desk, { now });
    telegram.write('/reset LLM', '42', ada, sent(10));
    expect((await answersFrom(1))[0]).toMatch(/^Closed/);
  });

  it('is answered when it only asks', async () => {
    begin(newDesk(), { now });
    telegram.write('/status', '42', ada, sent(20 * 60));
    expect((await answersFrom(1))[0]).toContain('LLM: CLOSED');
  });
});

describe('a chat that is configured by its public name', () => {
  it('is heard, and no other one', async () => {
    const desk = newDesk();
    const chat = begin(desk, { chats: ['@OpsRoom'] });
    const from = (username: string) => ({ chat: { id: -100, type: 'supergroup', username } });
    telegram.write('/reset LLM', '-100', ada, from('opsroom2'));
    telegram.write('/reset CRM', '-100', ada, from('opsRoom'));
    expect(await answersFrom(1)).toEqual(['Closed: the circuit breaker of CRM.']);
    expect(chat.counts.foreign).toBe(1);
  });
});

describe('whatever else is written', () => {
  it('is not heard from another chat, and counted', async () => {
    const desk = newDesk();
    const chat = begin(desk);
    telegram.write('/reset LLM', '-100');
    telegram.write('/reset LLM', '4242');
    await until(() => chat.counts.foreign === 2);
    expect(desk.done).toEqual([]);
    expect(telegram.sent).toEqual([]);
  });

  it('is not heard when it is talk, or meant for another bot', async () => {
    const desk = newDesk();
    const chat = begin(desk);
    telegram.write('shall we /reset LLM?');
    telegram.write('/reset@other_bot LLM');
    await until(() => chat.counts.ignored === 2);
    expect(desk.done).toEqual([]);
  });

  it('leaves no first or last name of whoever wrote it', async () => {
    const desk = newDesk();
    begin(desk);
    telegram.write('/reset LLM', '42', { id: 7, first_name: 'Grace', last_name: 'Hopper' });
    await answersFrom(1);
    expect(desk.done[0]?.by).toMatch(/^telegram 7 update \d+$/);
  });
});

describe('what is written', () => {
  it('is read as command, bot and words', () => {
    expect(parseCommand(' /Mute@Bot  LLM  30m ')).toEqual({
      name: 'mute',
      bot: 'Bot',
      words: ['LLM', '30m'],
    });
    for (const text of ['', 'status', '/', '/a-b', 'see /status']) {
      expect(parseCommand(text), text).toBeNull();
    }
  });

  it('is read as a duration', () => {
    expect(['45s', '30m', '2H', '1d'].map(durationMs)).toEqual([
      45_000, 1_800_000, 7_200_000, 86_400_000,
    ]);
    for (const text of ['', '30', 'm', '0m', '-5m', '1w', '1.5h']) {
      expect(durationMs(text), text).toBeNull();
    }
  });
});
