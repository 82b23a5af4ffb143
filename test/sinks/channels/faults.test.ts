import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { paceAt } from '../../../sinks/alerts/pace.ts';
import type { Channel } from '../../../sinks/channels/channel.ts';
import { makeChannels } from '../../../sinks/channels/make.ts';
import { answering, HTML, type Trouble } from '../../peers/http.ts';
import { openTown, type Town } from '../../peers/town.ts';
import { dataFolder } from '../../support/agent.ts';
import { raised } from './notices.ts';
import { patience, rejectionOf } from './rejection.ts';

const channels = ['telegram:42', 'slack', 'discord', 'pagerduty', 'webhook:127.0.0.1'] as const;
type Name = (typeof channels)[number];

const transient = { category: 'TRANSIENT_ERROR', scope: null } as const;
/** In the words of whoever answers: each provider has its own. */
const says = (code: number): string =>
  JSON.stringify({
    ok: false,
    error_code: code,
    description: 'no',
    message: 'no',
    parameters: { retry_after: 7 },
  });
const wait = { 'retry-after': '7' };

const faults: readonly (readonly [string, Trouble, object])[] = [
  [
    '429 is waited for as long as it asks, and nothing arrived',
    answering(429, says(429), wait),
    { ...transient, kind: 'RateLimit', retryAfterMs: 7_000, ambiguous: false },
  ],
  ['500 leaves doubt', answering(500, says(500)), { ...transient, ambiguous: true }],
  ['a page of 502 leaves doubt', answering(502, HTML), { ...transient, ambiguous: true }],
  [
    'a page in place of an answer leaves doubt',
    answering(200, HTML),
    { ...transient, ambiguous: true },
  ],
  ['a lost connection leaves doubt', { does: 'reset' }, { ...transient, ambiguous: true }],
  ['half an answer leaves doubt', { does: 'cut' }, { ...transient, ambiguous: true }],
  ['401 breaks it', answering(401, says(401)), { category: 'PERMANENT_ERROR', scope: 'account' }],
  ['404 breaks it', answering(404, says(404)), { category: 'PERMANENT_ERROR', scope: 'config' }],
];

const peerOf = ({ telegram, slack, discord, pagerduty, hook }: Town, name: Name) =>
  ({
    'telegram:42': telegram.peer,
    slack: slack.peer,
    discord: discord.peer,
    pagerduty: pagerduty.peer,
    'webhook:127.0.0.1': hook,
  })[name];

async function open(name: Name): Promise<{ town: Town; channel: Channel }> {
  const town = await openTown(dataFolder());
  const channel = makeChannels(readConfig(town.env)).find((one) => one.name === name);
  if (!channel) throw new Error(`there is no ${name}`);
  return { town, channel };
}

describe.each(channels)('at %s', (name) => {
  test.each(faults)('%s', async (_title, trouble, expected) => {
    const { town, channel } = await open(name);
    peerOf(town, name).plan({ ...trouble, times: 1 });
    const error = await rejectionOf(channel.deliver(raised, patience()));
    expect(error).toMatchObject({ service: name, ...expected });
    // None of it lasts.
    await channel.deliver(raised, patience());
    expect(town.told()[name]).toHaveLength(1);
  });

  test('nobody who is silent is waited for beyond the signal', async () => {
    const { town, channel } = await open(name);
    peerOf(town, name).plan({ does: 'hang' });
    const abort = new AbortController();
    const delivery = channel.deliver(raised, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 30);
    await expect(delivery).rejects.toThrow('enough');
  });

  test('its pace stays below the limit that it enforces', async () => {
    let now = 0;
    const town = await openTown(dataFolder(), () => now);
    const channel = makeChannels(readConfig(town.env)).find((one) => one.name === name);
    const { pace } = channel ?? { pace: { perMinute: 0, burst: 0 } };
    const begun: number[] = [];
    for (let sent = 0; sent < pace.burst + pace.perMinute; sent++) {
      now = Math.max(now, paceAt(pace, begun));
      begun.push(now);
      await channel?.deliver(raised, patience());
    }
    expect(peerOf(town, name).refused).toEqual([]);
    expect(town.told()[name]).toHaveLength(pace.burst + pace.perMinute);
  });
});
