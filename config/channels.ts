import { z } from 'zod';
import { listOf, secret, text, url } from './kinds.ts';

export const WEBHOOK_FORMATS = ['slack', 'discord', 'pagerduty', 'generic'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

const isAddress = /^[^\s@<>,]+@[^\s@<>,]+$/;
const address = z.string().regex(isAddress, 'must be e-mail addresses such as ops@example.com');
const chat = z
  .string()
  .regex(/^(?:-?\d+|@\w+)$/, 'must be ids of chats such as 4711 or -1001234, or @channel');
const format = z.enum(WEBHOOK_FORMATS);
const webhook = z.url({ protocol: /^https?$/, error: 'must be URLs that begin with https://' });

/** Ways to a person: each is used when it is set, and none is needed. */
export const channels = z.object({
  EMAIL_SMTP_SERVER: z
    .string()
    .regex(/^[^\s/@?#]+$/, 'must be the name of a host, such as smtp.example.com')
    .optional()
    .meta({ description: 'Host name of the mail server', isAddress: true }),
  EMAIL_SMTP_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(587)
    .describe('465 speaks TLS from the start, any other port must offer STARTTLS'),
  EMAIL_SMTP_TLS: z
    .enum(['on', 'off'])
    .default('on')
    .describe('off is for a mail server on this machine only'),
  EMAIL_SENDER: z
    .string()
    .regex(isAddress, 'must be an e-mail address')
    .optional()
    .describe('From whom alerts come, and the user name of the mail server'),
  EMAIL_USER: text().describe('The user name when it is not EMAIL_SENDER'),
  EMAIL_PASSWORD: secret("The sender's password, or an app password"),
  EMAIL_RECEIVER: listOf(address).describe('Who gets alerts by e-mail; several with commas'),
  TELEGRAM_BOT_TOKEN: secret('From @BotFather'),
  TELEGRAM_CHAT_ID: listOf(chat).describe('Which chats get alerts; several with commas'),
  TELEGRAM_API_ROOT: url().describe("In place of Telegram's own"),
  TELEGRAM_COMMANDS: z
    .enum(['off', 'on'])
    .default('off')
    .describe('on: those chats may send /status, /reset, /ack, /mute, /unmute, /pause and /resume'),
  WEBHOOK_URL: listOf(webhook).meta({
    description: 'Where alerts are posted to; several with commas',
    isSecret: true,
  }),
  WEBHOOK_FORMAT: listOf(format).describe(
    'slack, discord, pagerduty or generic, when the host does not tell: one for all, or one each',
  ),
  WEBHOOK_SECRET: secret('Signs what a generic webhook gets'),
  PAGERDUTY_ROUTING_KEY: secret('Integration key of an Events API v2 integration'),
});

export type ChannelSettings = z.infer<typeof channels>;

/** Hosts that tell what they speak: Slack's incoming webhooks, Discord's, PagerDuty's two regions. */
const hosts: { readonly [host: string]: WebhookFormat } = {
  'hooks.slack.com': 'slack',
  'hooks.slack-gov.com': 'slack',
  'discord.com': 'discord',
  'discordapp.com': 'discord',
  'canary.discord.com': 'discord',
  'ptb.discord.com': 'discord',
  'events.pagerduty.com': 'pagerduty',
  'events.eu.pagerduty.com': 'pagerduty',
};

export interface WebhookTarget {
  readonly url: string;
  readonly format: WebhookFormat;
}

const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** Where to post alerts, and what is spoken there. A routing key alone means PagerDuty itself. */
export function webhookTargetsOf(settings: ChannelSettings): WebhookTarget[] {
  const { WEBHOOK_URL: urls = [], WEBHOOK_FORMAT: formats = [] } = settings;
  const targets = urls.map((one, index): WebhookTarget => {
    const said = formats.length > 1 ? formats[index] : formats[0];
    return { url: one, format: said ?? hosts[new URL(one).hostname] ?? 'generic' };
  });
  const hasPagerDuty = targets.some((target) => target.format === 'pagerduty');
  if (settings.PAGERDUTY_ROUTING_KEY === undefined || hasPagerDuty) return targets;
  return [...targets, { url: PAGERDUTY_URL, format: 'pagerduty' }];
}
