import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../sinks/channels/channel.ts';
import { WebhookChannel } from '../../../sinks/channels/webhook/channel.ts';
import { discord } from '../../../sinks/channels/webhook/discord.ts';
import { generic } from '../../../sinks/channels/webhook/generic.ts';
import { pagerduty } from '../../../sinks/channels/webhook/pagerduty.ts';
import { slack } from '../../../sinks/channels/webhook/slack.ts';
import { startDiscord } from '../../peers/discord.ts';
import { answering, HTML, HttpPeer, type Asked, type Trouble } from '../../peers/http.ts';
import { ROUTING_KEY, startPagerDuty } from '../../peers/pagerduty.ts';
import { startSlack } from '../../peers/slack.ts';
import { raised, resolved } from './notices.ts';
import { patience, rejectionOf } from './rejection.ts';

const peers: HttpPeer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

function kept<T extends { readonly peer: HttpPeer }>(started: T): T {
  peers.push(started.peer);
  return started;
}

/** More of everything than any receiver takes. */
const huge: Notice = {
  ...raised,
  title: 'A title <!channel> & @everyone '.repeat(100),
  key: 'k'.repeat(400),
  paragraphs: Array.from({ length: 60 }, () => '<b>&*_`|'.repeat(1_000)),
  facts: Array.from({ length: 80 }, (_, index) => ({
    name: `fact ${index}`,
    value: index % 7 === 0 ? '' : '<&>'.repeat(1_500),
  })),
};

describe('Slack', () => {
  it('gets blocks that it takes, and a text for its notification', async () => {
    const { peer, messages, url } = kept(await startSlack());
    await new WebhookChannel('slack', url, slack).deliver(raised, patience());
    expect(messages).toHaveLength(1);
    expect(messages[0]?.text).toBe(`🔴 Critical: ${raised.title}`);
    expect(messages[0]?.blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'section',
      'context',
    ]);
    expect(peer.asked[0]?.headers['content-type']).toContain('application/json');
  });

  it('gets a resolve that says so in its first line', async () => {
    const { messages, url } = kept(await startSlack());
    await new WebhookChannel('slack', url, slack).deliver(resolved, patience());
    expect(messages[0]?.text).toBe(`✅ ${resolved.title}`);
    expect(messages[0]?.blocks[0]?.text?.text).toMatch(/^✅ Resolved/);
  });

  it('can not be made to mention anybody, and gets no more than it takes', async () => {
    const { messages, url } = kept(await startSlack());
    await new WebhookChannel('slack', url, slack).deliver(huge, patience());
    expect(messages).toHaveLength(1);
    const text = JSON.stringify(messages[0]);
    expect(text).not.toContain('<!channel>');
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
  });

  it('says how long to wait when there are too many', async () => {
    const { url } = kept(await startSlack(() => 0));
    const channel = new WebhookChannel('slack', url, slack);
    await channel.deliver(raised, patience());
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ kind: 'RateLimit', status: 429, retryAfterMs: 1_000 });
  });

  it('that does not know the webhook any more is a broken channel', async () => {
    const { url } = kept(await startSlack());
    const channel = new WebhookChannel('slack', url.replace('B0000', 'B0001'), slack);
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', scope: 'config', status: 404 });
    expect(error.message).toBe('slack is not there any more (404: no_service)');
  });
});

describe('Discord', () => {
  it('gets an embed, waits for it to be saved, and mentions nobody', async () => {
    const { peer, messages, url } = kept(await startDiscord());
    await new WebhookChannel('discord', url, discord).deliver(raised, patience());
    expect(messages[0]?.allowed_mentions).toEqual({ parse: [] });
    expect(messages[0]?.embeds?.[0]).toMatchObject({
      title: `Critical: ${raised.title}`,
      color: 0xc62828,
      timestamp: '2026-11-24T00:15:07.000Z',
    });
    expect(peer.asked[0]?.path).toMatch(/\?wait=true$/);
  });

  it('gets no more than it takes', async () => {
    const { messages, url } = kept(await startDiscord());
    await new WebhookChannel('discord', url, discord).deliver(huge, patience());
    expect(messages).toHaveLength(1);
  });

  it('says to a tenth of a second how long to wait', async () => {
    let now = 0;
    const { url } = kept(await startDiscord(() => now));
    const channel = new WebhookChannel('discord', url, discord);
    for (let sent = 0; sent < 5; sent++) {
      now += 100;
      await channel.deliver(raised, patience());
    }
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ kind: 'RateLimit', retryAfterMs: 2_000 });
  });

  it('is asked in a check whether the webhook exists, and nobody is told', async () => {
    const { messages, peer, url } = kept(await startDiscord());
    expect(await new WebhookChannel('discord', url, discord).check(patience())).toBe('works');
    expect(peer.asked.map(({ method }) => method)).toEqual(['GET']);
    expect(messages).toHaveLength(0);
    const gone = new WebhookChannel('discord', url.replace('111', '222'), discord);
    expect(await rejectionOf(gone.check(patience()))).toMatchObject({ scope: 'config' });
  });
});

describe('PagerDuty', () => {
  it('opens one incident, however often it is told, and closes it', async () => {
    const { events, open, url } = kept(await startPagerDuty());
    const channel = new WebhookChannel('pagerduty', url, pagerduty(ROUTING_KEY));
    await channel.deliver(raised, patience());
    await channel.deliver({ ...raised, kind: 'updated', n: 1 }, patience());
    expect([...open]).toEqual([raised.key]);
    await channel.deliver(resolved, patience());
    expect(open.size).toBe(0);
    expect(events.map(({ event_action: action }) => action)).toEqual([
      'trigger',
      'trigger',
      'resolve',
    ]);
    expect(events[0]?.payload).toMatchObject({
      summary: raised.title,
      severity: 'critical',
      component: 'ElevenLabs',
      custom_details: { 'Contacts waiting': '12' },
    });
  });

  it('is told of an acknowledgement under the same key', async () => {
    const { events, url } = kept(await startPagerDuty());
    const channel = new WebhookChannel('pagerduty', url, pagerduty(ROUTING_KEY));
    await channel.deliver({ ...raised, kind: 'acknowledged', n: 1 }, patience());
    expect(events).toMatchObject([{ event_action: 'acknowledge', dedup_key: raised.key }]);
  });

  it('gets no more than it takes, and the same key for the same long one', async () => {
    const { events, url } = kept(await startPagerDuty());
    const channel = new WebhookChannel('pagerduty', url, pagerduty(ROUTING_KEY));
    await channel.deliver(huge, patience());
    await channel.deliver({ ...huge, kind: 'resolved' }, patience());
    expect(events[0]?.dedup_key).toBe(events[1]?.dedup_key);
  });

  it('that does not know the key is a broken channel, and the key stays secret', async () => {
    const { url } = kept(await startPagerDuty());
    const key = 'notakeynotakeynotakeynotakey';
    const channel = new WebhookChannel('pagerduty', url, pagerduty(key));
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', scope: 'config', status: 400 });
    expect(error.message).not.toContain(key);
  });

  it('is found by its origin alone', async () => {
    const { peer, events } = kept(await startPagerDuty());
    const channel = new WebhookChannel('pagerduty', peer.origin, pagerduty(ROUTING_KEY));
    await channel.deliver(raised, patience());
    expect(events).toHaveLength(1);
  });
});

describe('a receiver of our own JSON', () => {
  const start = async (...troubles: readonly Trouble[]) => {
    const peer = await HttpPeer.start(() => ({ status: 204 }));
    peer.plan(...troubles);
    peers.push(peer);
    return peer;
  };
  const hook = (peer: HttpPeer, secret: string | null = null) =>
    new WebhookChannel('webhook:127.0.0.1', `${peer.origin}/hooks/urlSECRETurl`, generic(secret));

  it('gets what is documented', async () => {
    const peer = await start();
    await hook(peer).deliver(resolved, patience());
    expect(peer.asked[0]?.json).toEqual({
      version: 1,
      source: 'ai-call-agent',
      id: `${resolved.alert}.1.${resolved.since.toString(36)}`,
      event: 'resolved',
      state: 'resolved',
      alert: resolved.alert,
      n: 1,
      key: resolved.key,
      rule: 'breaker.opened',
      severity: 'critical',
      service: 'ElevenLabs',
      title: resolved.title,
      paragraphs: resolved.paragraphs,
      facts: resolved.facts,
      at: '2026-11-24T00:18:19.000Z',
      since: '2026-11-24T00:15:07.000Z',
      repeat: false,
      simulated: false,
    });
    expect(peer.asked[0]?.headers['x-call-agent-signature']).toBeUndefined();
  });

  it('can prove who sent it and when, and tell a repeat', async () => {
    const peer = await start();
    await hook(peer, 'signing secret').deliver(raised, patience());
    const { headers, text } = peer.asked[0] as Asked;
    const timestamp = String(headers['x-call-agent-timestamp']);
    const hmac = createHmac('sha256', 'signing secret').update(`${timestamp}.${text}`);
    expect(headers['x-call-agent-signature']).toBe(`sha256=${hmac.digest('hex')}`);
    expect(Math.abs(Number(timestamp) * 1_000 - Date.now())).toBeLessThan(60_000);
    const { id } = JSON.parse(text) as { id: string };
    expect(headers['idempotency-key']).toBe(id);
    await hook(peer, 'signing secret').deliver({ ...raised, since: raised.since + 1 }, patience());
    expect(peer.asked[1]?.headers['idempotency-key']).not.toBe(id);
  });

  it('may want a login, which stands in its URL', async () => {
    const peer = await start();
    const url = peer.origin.replace('http://', 'http://agent:p%40ss@');
    await new WebhookChannel('webhook:x', url, generic(null)).deliver(raised, patience());
    const login = Buffer.from('agent:p@ss').toString('base64');
    expect(peer.asked[0]?.headers.authorization).toBe(`Basic ${login}`);
  });

  it.each<[string, Trouble, object]>([
    ['400 is about this message', answering(400), { scope: 'contact' }],
    ['401 is about the channel', answering(401), { kind: 'Authentication', scope: 'account' }],
    ['403 is about the channel', answering(403), { scope: 'account' }],
    ['404 is about the channel', answering(404, HTML), { scope: 'config' }],
    ['410 is about the channel', answering(410), { scope: 'config' }],
    ['413 is about this message', answering(413), { scope: 'contact' }],
    [
      '429 is to be waited for',
      answering(429, '', { 'retry-after': '7' }),
      { kind: 'RateLimit', scope: null, retryAfterMs: 7_000 },
    ],
    ['500 is for now', answering(500), { kind: 'ServiceUnavailable', scope: null }],
    ['502 with a page is for now', answering(502, HTML), { kind: 'ServiceUnavailable' }],
    [
      '503 may say how long',
      answering(503, '', { 'retry-after': '30' }),
      { scope: null, retryAfterMs: 30_000 },
    ],
    ['a page in place of an answer is for now', answering(200, HTML), { kind: 'InvalidResponse' }],
    ['a cut leaves doubt', { does: 'reset' }, { kind: 'Network', scope: null, ambiguous: true }],
  ])('%s', async (_title, trouble, expected) => {
    const peer = await start(trouble);
    const error = await rejectionOf(hook(peer).deliver(raised, patience()));
    expect(error).toMatchObject({ service: 'webhook:127.0.0.1', ...expected });
  });

  it('is not followed to where it sends us', async () => {
    const other = await start();
    const peer = await start(answering(307, '', { location: `${other.origin}/elsewhere` }));
    const error = await rejectionOf(hook(peer).deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', scope: 'config', status: 307 });
    expect(other.asked).toHaveLength(0);
  });

  it('is not listened to for ever', async () => {
    const peer = await start(answering(400, `too much ${'x'.repeat(5_000_000)}`));
    const error = await rejectionOf(hook(peer).deliver(raised, patience()));
    expect(error.message.length).toBeLessThan(300);
  });

  it('is not waited for beyond the signal', async () => {
    const peer = await start({ does: 'hang' });
    const abort = new AbortController();
    const delivery = hook(peer).deliver(raised, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(delivery).rejects.toThrow('enough');
  });

  it('is only connected to in a check', async () => {
    const peer = await start();
    expect(await hook(peer).check(patience())).toBe('reached');
    expect(peer.asked).toHaveLength(0);
    await peer.close();
    expect(await rejectionOf(hook(peer).check(patience()))).toMatchObject({ kind: 'Network' });
  });

  it.each<[string, Trouble]>([
    ['repeats its URL', answering(400, 'no http://127.0.0.1/hooks/urlSECRETurl here')],
    ['repeats its path', answering(500, '{"message":"cannot POST /hooks/urlSECRETurl"}')],
    ['repeats our signature secret', answering(403, 'wrong signing secret')],
    ['resets', { does: 'reset' }],
    ['cuts its answer', { does: 'cut' }],
    ['redirects', answering(302, '', { location: 'http://x/urlSECRETurl' })],
  ])('never brings a secret into an error when it %s', async (_title, trouble) => {
    const peer = await start(trouble);
    const error = await rejectionOf(hook(peer, 'signing secret').deliver(raised, patience()));
    const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(everything).not.toMatch(/urlSECRETurl|signing secret/);
  });
});
