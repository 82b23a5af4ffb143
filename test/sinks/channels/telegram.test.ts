import { afterEach, describe, expect, it } from 'vitest';
import { TelegramChannel } from '../../../sinks/channels/telegram/channel.ts';
import { hideToken } from '../../../sinks/channels/telegram/errors.ts';
import { TelegrafTransport } from '../../../sinks/channels/telegram/transport.ts';
import { answering, HTML, type Trouble } from '../../peers/http.ts';
import { TelegramPeer, TOKEN } from '../../peers/telegram.ts';
import { raised, resolved } from './notices.ts';
import { patience, rejectionOf } from './rejection.ts';

const peers: TelegramPeer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function start(...troubles: readonly Trouble[]): Promise<TelegramPeer> {
  const telegram = await TelegramPeer.start();
  telegram.peer.plan(...troubles);
  peers.push(telegram);
  return telegram;
}

const channelOf = (
  { peer }: TelegramPeer,
  { token = TOKEN, chat = '42', root = peer.origin } = {},
): TelegramChannel =>
  new TelegramChannel(`telegram:${chat}`, {
    token,
    chat,
    transport: new TelegrafTransport(token, root),
  });

const refusal = (code: number, description: string, parameters?: object): Trouble =>
  answering(code, JSON.stringify({ ok: false, error_code: code, description, parameters }));

describe('an alert in Telegram', () => {
  it('arrives with its markup', async () => {
    const telegram = await start();
    await channelOf(telegram).deliver(raised, patience());
    expect(telegram.sent).toMatchObject([{ chat_id: '42', parse_mode: 'HTML' }]);
    const [{ text } = { text: '' }] = telegram.sent;
    expect(text).toContain(`<b>🔴 Critical: ${raised.title}</b>`);
    expect(text).toContain('503 &lt;Service &amp; "Unavailable"&gt;');
    expect(text).toContain('\n<b>Contacts waiting:</b> 12');
  });

  it('is resolved with Resolved in the first line, and says when it may be a repeat', async () => {
    const telegram = await start();
    await channelOf(telegram).deliver({ ...resolved, isRepeat: true }, patience());
    expect(telegram.sent[0]?.text.split('\n')[0]).toBe(`<b>✅ ${resolved.title}</b>`);
    expect(telegram.sent[0]?.text).toContain('may have reached you before');
  });

  it('is cut to what Telegram takes, and its markup stays whole', async () => {
    const telegram = await start();
    const long = {
      ...raised,
      title: '<b>&'.repeat(500),
      paragraphs: Array.from({ length: 5 }, () => '😀<i>&amp;'.repeat(400)),
      facts: Array.from({ length: 30 }, () => ({ name: '<u>'.repeat(50), value: '&'.repeat(900) })),
    };
    await channelOf(telegram).deliver(long, patience());
    expect(telegram.sent).toHaveLength(1);
    expect(telegram.sent[0]?.text).toContain('…');
    expect(telegram.sent[0]?.text).toContain(`since 2026-11-24 00:15:07 UTC</i>`);
  });

  it('is sent as plain text, once, when the markup is refused', async () => {
    const telegram = await start({
      ...refusal(400, "Bad Request: can't parse entities: unsupported start tag"),
      path: '/sendMessage',
      times: 1,
    });
    await channelOf(telegram).deliver(raised, patience());
    expect(telegram.sent).toHaveLength(1);
    expect(telegram.sent[0]?.parse_mode).toBeUndefined();
    expect(telegram.sent[0]?.text).toContain('503 <Service & "Unavailable">');
    telegram.peer.plan(refusal(400, "Bad Request: can't parse entities: still"));
    const before = telegram.peer.asked.length;
    await rejectionOf(channelOf(telegram).deliver(raised, patience()));
    expect(telegram.peer.asked.length - before).toBe(2);
  });

  it('goes to an API root with a path', async () => {
    const telegram = await start(answering(200, '{"ok":true,"result":{}}'));
    const root = `${telegram.peer.origin}/proxy`;
    await channelOf(telegram, { root }).deliver(raised, patience());
    expect(telegram.peer.asked[0]?.path).toBe(`/proxy/bot${TOKEN}/sendMessage`);
  });
});

describe('what Telegram answers', () => {
  it.each<[string, Trouble, object]>([
    [
      '429 is obeyed',
      refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
      { category: 'TRANSIENT_ERROR', kind: 'RateLimit', retryAfterMs: 7_000 },
    ],
    ['401 breaks the channel', refusal(401, 'Unauthorized'), { scope: 'account', status: 401 }],
    [
      '403 breaks the channel',
      refusal(403, 'Forbidden: bot was blocked by the user'),
      { kind: 'Authentication', scope: 'account' },
    ],
    ['404 is no token', refusal(404, 'Not Found'), { scope: 'config' }],
    ['a chat that is not there', refusal(400, 'Bad Request: chat not found'), { scope: 'config' }],
    [
      '400 is about this message',
      refusal(400, 'Bad Request: message is too long'),
      { scope: 'contact' },
    ],
    [
      '502 with a page is for now',
      answering(502, HTML),
      { kind: 'ServiceUnavailable', scope: null },
    ],
    [
      '400 with a page is not Telegram',
      answering(400, HTML),
      { kind: 'InvalidResponse', scope: null },
    ],
    ['a cut leaves doubt', { does: 'reset' }, { kind: 'Network', scope: null, ambiguous: true }],
  ])('%s', async (_title, trouble, expected) => {
    const telegram = await start(trouble);
    const error = await rejectionOf(channelOf(telegram).deliver(raised, patience()));
    expect(error).toMatchObject({ service: 'telegram:42', ...expected });
  });

  it('may be the new id of a group, which the error tells', async () => {
    const moved = refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1001234,
    });
    const error = await rejectionOf(channelOf(await start(moved)).deliver(raised, patience()));
    expect(error).toMatchObject({ scope: 'config' });
    expect(error.message).toContain('set TELEGRAM_CHAT_ID to -1001234');
  });

  it('is a limit of 20 a minute, and our pace stays below it', async () => {
    let now = 0;
    const telegram = await TelegramPeer.start(['42'], () => now);
    peers.push(telegram);
    const channel = channelOf(telegram);
    for (let sent = 0; sent < 20; sent++) {
      now = sent * 2_000;
      await channel.deliver(raised, patience());
    }
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ kind: 'RateLimit', retryAfterMs: 22_000 });
    expect(channel.pace.perMinute + channel.pace.burst).toBeLessThanOrEqual(20);
  });

  it('is not waited for beyond the signal', async () => {
    const telegram = await start({ does: 'hang' });
    const abort = new AbortController();
    const delivery = channelOf(telegram).deliver(raised, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(delivery).rejects.toThrow('enough');
  });
});

describe('the check', () => {
  it('asks for bot and chat, and sends nothing', async () => {
    const telegram = await start();
    await channelOf(telegram).check(patience());
    expect(telegram.peer.asked.map(({ path }) => path.split('/').at(-1))).toEqual([
      'getMe',
      'getChat',
    ]);
    expect(telegram.sent).toHaveLength(0);
    const stranger = channelOf(telegram, { chat: '43' });
    expect(await rejectionOf(stranger.check(patience()))).toMatchObject({ scope: 'config' });
  });
});

describe('the token', () => {
  it.each<[string, Trouble]>([
    ['a page with 4xx, whose URL node-fetch shows', answering(403, HTML)],
    ['a broken answer', answering(200, '{')],
    ['a reset', { does: 'reset' }],
    ['a cut in the middle, of which node-fetch names the URL', { does: 'cut' }],
    [
      'an answer that repeats it',
      refusal(400, `Bad Request: /bot${TOKEN}/sendMessage and ${TOKEN}`),
    ],
  ])('is in no error after %s', async (_title, trouble) => {
    const telegram = await start(trouble);
    const error = await rejectionOf(channelOf(telegram).deliver(raised, patience()));
    const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(everything).not.toContain('SECRET');
  });

  it('is in no error when nobody is there', async () => {
    const telegram = await start();
    await telegram.close();
    const error = await rejectionOf(channelOf(telegram).deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'TRANSIENT_ERROR', kind: 'Network', ambiguous: false });
    expect(`${error.message} ${error.stack}`).not.toContain('SECRET');
  });

  it('is hidden in a URL and bare, whole or in part', () => {
    const text = `POST https://api.telegram.org/bot${TOKEN}/getMe ${TOKEN} ${TOKEN.split(':')[1]}`;
    expect(hideToken(text, TOKEN)).toBe('POST https://api.telegram.org/bot***/getMe *** ***');
    expect(hideToken('/bot1:other/x', TOKEN)).toBe('/bot***/x');
  });
});
