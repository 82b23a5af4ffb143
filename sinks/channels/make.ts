import { webhookTargetsOf, type ChannelSettings, type WebhookTarget } from '../../config.ts';
import type { Channel } from './channel.ts';
import { ChannelNames } from './names.ts';
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

/** An address that is set twice is one channel. */
function named<T>(
  items: readonly T[],
  plainOf: (item: T) => string,
  addressOf: (item: T) => string,
  names: ChannelNames,
): { readonly name: string; readonly item: T }[] {
  const addresses = items.map(addressOf);
  const unique = items.filter((_, index) => addresses.indexOf(addresses[index] ?? '') === index);
  const nameOf = new Map<T, string>();
  for (const [plain, group] of Map.groupBy(unique, plainOf)) {
    const given = names.give(plain, group.map(addressOf));
    for (const [index, item] of group.entries()) nameOf.set(item, given[index] ?? plain);
  }
  return unique.map((item) => ({ name: nameOf.get(item) ?? plainOf(item), item }));
}

function emailChannels(settings: ChannelSettings, names: ChannelNames): Channel[] {
  const { EMAIL_SMTP_SERVER: host, EMAIL_SENDER: sender } = settings;
  if (host === undefined || sender === undefined) return [];
  const receivers = named(
    settings.EMAIL_RECEIVER ?? [],
    () => 'email',
    (receiver) => receiver,
    names,
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

const webhookChannels = (settings: ChannelSettings, names: ChannelNames): Channel[] =>
  named(webhookTargetsOf(settings), webhookName, ({ url }) => url, names).map(
    ({ name, item }) => new WebhookChannel(name, item.url, formatOf(item, settings)),
  );

/**
 * A channel for every address that is set; none is asked whether it works.
 * @param names as the data folder remembers them; a chat's name is its id
 */
export function makeChannels(settings: ChannelSettings, names = new ChannelNames()): Channel[] {
  return [
    ...emailChannels(settings, names),
    ...telegramChannels(settings),
    ...webhookChannels(settings, names),
  ];
}
