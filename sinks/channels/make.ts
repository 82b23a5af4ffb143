import { webhookTargetsOf, type ChannelSettings, type WebhookTarget } from '../../config.ts';
import type { Channel } from './channel.ts';
import { EmailChannel } from './email/channel.ts';
import { tlsFor } from './email/settings.ts';
import { TelegramChannel } from './telegram/channel.ts';
import { TelegrafTransport } from './telegram/transport.ts';
import { WebhookChannel } from './webhook/channel.ts';
import { discord } from './webhook/discord.ts';
import type { Format } from './webhook/format.ts';
import { generic } from './webhook/generic.ts';
import { pagerduty } from './webhook/pagerduty.ts';
import { slack } from './webhook/slack.ts';
import { shortHash } from './words.ts';

/**
 * Names for channels of one kind, which the journal keeps. The first has the plain one, each other
 * one a hash of its address behind it: an address more renames none, and none tells the address.
 * An address that is set twice is one channel.
 */
export function named<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  addressOf: (item: T) => string,
): { readonly name: string; readonly item: T }[] {
  const taken = new Set<string>();
  const addresses = new Set<string>();
  return items.flatMap((item) => {
    const [plain, address] = [nameOf(item), addressOf(item)];
    if (addresses.has(address)) return [];
    const name = taken.has(plain) ? `${plain}:${shortHash(address)}` : plain;
    taken.add(name);
    addresses.add(address);
    return [{ name, item }];
  });
}

function emailChannels(settings: ChannelSettings): Channel[] {
  const { EMAIL_SMTP_SERVER: host, EMAIL_SENDER: sender } = settings;
  if (host === undefined || sender === undefined) return [];
  const receivers = named(
    settings.EMAIL_RECEIVER ?? [],
    () => 'email',
    (receiver) => receiver,
  );
  return receivers.map(
    ({ name, item: receiver }) =>
      new EmailChannel(name, {
        host,
        port: settings.EMAIL_SMTP_PORT,
        tls: tlsFor(settings.EMAIL_SMTP_PORT, settings.EMAIL_SMTP_TLS === 'off'),
        sender,
        user: settings.EMAIL_USER ?? sender,
        password: settings.EMAIL_PASSWORD ?? null,
        receiver,
        receivers: receivers.length,
      }),
  );
}

function telegramChannels(settings: ChannelSettings): Channel[] {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: chats = [] } = settings;
  if (token === undefined) return [];
  const transport = new TelegrafTransport(token, settings.TELEGRAM_API_ROOT);
  return [...new Set(chats)].map(
    (chat) => new TelegramChannel(`telegram:${chat}`, { token, chat, transport }),
  );
}

function formatOf({ format }: WebhookTarget, settings: ChannelSettings): Format {
  switch (format) {
    case 'slack':
      return slack;
    case 'discord':
      return discord;
    case 'pagerduty':
      return pagerduty(settings.PAGERDUTY_ROUTING_KEY ?? '');
    case 'generic':
      return generic(settings.WEBHOOK_SECRET ?? null);
  }
}

const webhookName = ({ url, format }: WebhookTarget): string =>
  format === 'generic' ? `webhook:${new URL(url).hostname}` : format;

const webhookChannels = (settings: ChannelSettings): Channel[] =>
  named(webhookTargetsOf(settings), webhookName, ({ url }) => url).map(
    ({ name, item }) => new WebhookChannel(name, item.url, formatOf(item, settings)),
  );

/** A channel for every address that is set; none is asked whether it works. */
export function makeChannels(settings: ChannelSettings): Channel[] {
  return [...emailChannels(settings), ...telegramChannels(settings), ...webhookChannels(settings)];
}
