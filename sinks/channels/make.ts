import type { ChannelSettings } from '../../config.ts';
import type { Channel } from './channel.ts';
import { EmailChannel } from './email/channel.ts';
import { tlsFor } from './email/settings.ts';
import { shortHash } from './words.ts';

/**
 * Names for channels of one kind, which the journal keeps. The first has the plain one, each other
 * one a hash of its address behind it: an address more renames none, and none tells the address.
 */
export function named<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  addressOf: (item: T) => string,
): { readonly name: string; readonly item: T }[] {
  const taken = new Set<string>();
  return items.flatMap((item) => {
    const plain = nameOf(item);
    const name = taken.has(plain) ? `${plain}:${shortHash(addressOf(item))}` : plain;
    if (taken.has(name)) return [];
    taken.add(name);
    return [{ name, item }];
  });
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function emailChannels(settings: ChannelSettings): Channel[] {
  const { EMAIL_SMTP_SERVER: host, EMAIL_SENDER: sender } = settings;
  if (host === undefined || sender === undefined) return [];
  const receivers = unique(settings.EMAIL_RECEIVER ?? []);
  return named(
    receivers,
    () => 'email',
    (receiver) => receiver,
  ).map(
    ({ name, item: receiver }) =>
      new EmailChannel(name, {
        host,
        port: settings.EMAIL_SMTP_PORT,
        tls: tlsFor(settings.EMAIL_SMTP_PORT, settings.EMAIL_SMTP_TLS === 'off'),
        sender,
        user: settings.EMAIL_USER ?? sender,
        password: settings.EMAIL_PASSWORD ?? null,
        receiver,
      }),
  );
}

/** A channel for every address that is set; none is asked whether it works. */
export function makeChannels(settings: ChannelSettings): Channel[] {
  return emailChannels(settings);
}
