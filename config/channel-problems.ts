import { isIPv4 } from 'node:net';
import { webhookTargetsOf, type ChannelSettings } from './channels.ts';

type Name = keyof ChannelSettings;

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** A channel with half of its variables would be silent just when it is needed. */
function halfSet(
  settings: ChannelSettings,
  what: string,
  needed: readonly Name[],
  optional: readonly Name[] = [],
): string[] {
  const isSet = (name: Name): boolean => settings[name] !== undefined;
  const set = [...needed, ...optional].filter(isSet);
  const missing = needed.filter((name) => !isSet(name));
  if (set.length === 0 || missing.length === 0) return [];
  const verb = set.length === 1 ? 'is' : 'are';
  return [`${what} also need ${listed(missing)}: only ${listed(set)} ${verb} set`];
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

function emailProblems(settings: ChannelSettings): string[] {
  const needed: Name[] = ['EMAIL_SMTP_SERVER', 'EMAIL_SENDER', 'EMAIL_RECEIVER'];
  const isPlain = settings.EMAIL_SMTP_TLS === 'off';
  const host = settings.EMAIL_SMTP_SERVER;
  return [
    ...halfSet(
      settings,
      'E-mail alerts',
      isPlain ? needed : [...needed, 'EMAIL_PASSWORD'],
      isPlain ? ['EMAIL_USER', 'EMAIL_PASSWORD'] : ['EMAIL_USER'],
    ),
    ...(isPlain && host !== undefined && !isLoopback(host)
      ? ['EMAIL_SMTP_TLS=off is allowed for a mail server on this machine only']
      : []),
  ];
}

function telegramProblems(settings: ChannelSettings): string[] {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_COMMANDS: commands } = settings;
  if (token === undefined && settings.TELEGRAM_CHAT_ID === undefined && commands === 'on') {
    return ['TELEGRAM_COMMANDS=on also needs TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID'];
  }
  return halfSet(settings, 'Telegram alerts', ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID']);
}

function webhookProblems(settings: ChannelSettings): string[] {
  const { WEBHOOK_URL: urls, WEBHOOK_FORMAT: formats = [], PAGERDUTY_ROUTING_KEY: key } = settings;
  const problems: string[] = [];
  const needsPagerDuty =
    webhookTargetsOf(settings).some(({ format }) => format === 'pagerduty') ||
    (urls === undefined && formats.includes('pagerduty'));
  if (needsPagerDuty && key === undefined) {
    problems.push('PagerDuty alerts also need PAGERDUTY_ROUTING_KEY');
  }
  if (urls === undefined) {
    const isForPagerDuty = formats.every((format) => format === 'pagerduty');
    if (!isForPagerDuty) problems.push('WEBHOOK_FORMAT is set, but no WEBHOOK_URL');
    if (settings.WEBHOOK_SECRET !== undefined) {
      problems.push('WEBHOOK_SECRET signs what goes to WEBHOOK_URL, which is not set');
    }
  } else if (formats.length > 1 && formats.length !== urls.length) {
    const wanted = urls.length === 1 ? 'one value' : `one value, or ${urls.length}`;
    problems.push(`WEBHOOK_FORMAT must have ${wanted} as WEBHOOK_URL has, got ${formats.length}`);
  }
  return problems;
}

/** What is missing of the channels that are set in part, a sentence without a full stop for each. */
export function channelProblems(settings: ChannelSettings): string[] {
  return [...emailProblems(settings), ...telegramProblems(settings), ...webhookProblems(settings)];
}
