import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../sinks/channels/channel.ts';
import { mailOf } from '../../../sinks/channels/email/mail.ts';
import { htmlOf } from '../../../sinks/channels/telegram/text.ts';
import { discord } from '../../../sinks/channels/webhook/discord.ts';
import { generic } from '../../../sinks/channels/webhook/generic.ts';
import { pagerduty } from '../../../sinks/channels/webhook/pagerduty.ts';
import { slack } from '../../../sinks/channels/webhook/slack.ts';
import { raised, resolved } from './notices.ts';

const settings = {
  host: 'smtp.example.com',
  port: 587,
  tls: 'starttls',
  sender: 'agent@example.com',
  user: 'agent@example.com',
  password: null,
  receiver: 'ada@example.org',
  receivers: 1,
} as unknown as Parameters<typeof mailOf>[1];

interface Seen {
  readonly first: string;
  readonly all: unknown;
}

/** What one sees first, and the whole message. */
const channels: { readonly [channel: string]: (notice: Notice) => Seen } = {
  email: (notice) => {
    const { subject = '', text, html } = mailOf(notice, settings);
    return { first: subject, all: { text, html } };
  },
  telegram: (notice) => ({
    first: htmlOf(notice).replace(/^<b>\S+ /u, ''),
    all: htmlOf(notice),
  }),
  slack: (notice) => {
    const all = slack.payload(notice) as { text: string };
    return { first: all.text.slice(2), all };
  },
  discord: (notice) => {
    const all = discord.payload(notice) as { embeds: { title: string }[] };
    return { first: all.embeds[0]?.title ?? '', all };
  },
  pagerduty: (notice) => {
    const all = pagerduty('key').payload(notice) as { payload: { summary: string } };
    return { first: all.payload.summary, all };
  },
};

describe('a message about simulated services', () => {
  test.for(Object.keys(channels))('says so at once and at length by %s', (name) => {
    const seenBy = channels[name] as (notice: Notice) => Seen;
    const ends: Notice = { ...resolved, wasMissed: true };
    for (const notice of [raised, resolved, ends, { ...raised, kind: 'digest' } as const]) {
      const { first, all } = seenBy({ ...notice, isSimulated: true });
      expect(first.trim()).toMatch(/^\\?\[simulated\\?\] /);
      expect(JSON.stringify(all)).toContain('no real service is concerned');
      expect(JSON.stringify(seenBy(notice))).not.toMatch(/simulat/i);
    }
  });

  test('is of no urgency', () => {
    const told = { ...raised, isSimulated: true };
    const severityOf = (notice: Notice) =>
      (pagerduty('key').payload(notice) as { payload: { severity: string } }).payload.severity;
    expect([severityOf(raised), severityOf(told)]).toEqual(['critical', 'info']);
    expect([mailOf(raised, settings), mailOf(told, settings)].map((mail) => mail.priority)).toEqual(
      ['high', undefined],
    );
  });

  test('tells a program in a field of its own', () => {
    const bodyOf = (notice: Notice) => generic(null).payload(notice);
    expect(bodyOf({ ...raised, isSimulated: true })).toMatchObject({
      simulated: true,
      title: raised.title,
      paragraphs: [expect.stringContaining('no real service'), ...raised.paragraphs],
    });
    expect(bodyOf(raised)).toMatchObject({ simulated: false, paragraphs: raised.paragraphs });
  });
});
