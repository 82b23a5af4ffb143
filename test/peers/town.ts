import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { selfSigned, type Certificate } from './certificate.ts';
import { startDiscord } from './discord.ts';
import { Google, type AtTheEnd } from './google.ts';
import { HttpPeer, type Trouble } from './http.ts';
import { ROUTING_KEY, startPagerDuty } from './pagerduty.ts';
import { startSlack } from './slack.ts';
import { SmtpPeer } from './smtp.ts';
import { TelegramPeer, TOKEN } from './telegram.ts';

export const EMAIL_PASSWORD = 'correct horse';
export const WEBHOOK_SECRET = 'whSECRETwhSECRETwh';
export const HOOK_PATH = '/hooks/urlSECRETurlSECRET';

/** What a program of one's own gets. */
export interface HookBody {
  readonly id: string;
  readonly event: string;
  readonly state: string;
  readonly alert: string;
  readonly n: number;
  readonly rule: string;
  readonly title: string;
  readonly repeat: boolean;
}

/** Every kind of receiver that there is, on loopback, each with its documented limits. */
export interface Town {
  readonly env: { readonly [name: string]: string };
  readonly certificate: Certificate;
  readonly smtp: SmtpPeer;
  readonly telegram: TelegramPeer;
  readonly slack: Awaited<ReturnType<typeof startSlack>>;
  readonly discord: Awaited<ReturnType<typeof startDiscord>>;
  readonly pagerduty: Awaited<ReturnType<typeof startPagerDuty>>;
  readonly hook: HttpPeer;
  readonly google: Google;
  /** Those that speak HTTP. */
  readonly https: readonly HttpPeer[];
  /** What has reached each channel, as a first line that a person reads. */
  told(): { readonly [channel: string]: string[] };
  /** Nobody does their work any more; without troubles, everybody does. */
  plan(...troubles: readonly Trouble[]): void;
}

/** Requests that a receiver has taken. */
export const hookBodies = ({ hook }: Pick<Town, 'hook'>): HookBody[] =>
  hook.taken.map(({ json }) => json as HookBody);

const firstLine = (html: string): string => (html.split('\n')[0] ?? '').replace(/<\/?b>/g, '');

function trust({ cert }: Certificate, atTheEnd: AtTheEnd): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, cert]);
  atTheEnd(() => tls.setDefaultCACertificates(before));
}

/**
 * Opens all of it until the test ends.
 * @param now the clock that limits go by
 * @param dir where Google's key file is written
 * @param atTheEnd of a test that runs beside others, its own
 */
export async function openTown(
  dir: string,
  now: () => number = Date.now,
  atTheEnd: AtTheEnd = onTestFinished,
): Promise<Town> {
  const certificate = selfSigned();
  trust(certificate, atTheEnd);
  const smtp = await SmtpPeer.start({ certificate, password: EMAIL_PASSWORD });
  const telegram = await TelegramPeer.start(['42'], now);
  const slack = await startSlack(now);
  const discord = await startDiscord(now);
  const pagerduty = await startPagerDuty(now);
  const hook = await HttpPeer.start(() => ({ status: 200, body: { ok: true } }));
  const google = await Google.start(Date.now, atTheEnd);
  const https = [telegram.peer, slack.peer, discord.peer, pagerduty.peer, hook];
  atTheEnd(async () => {
    await Promise.all([smtp.close(), ...https.map((peer) => peer.close())]);
  });
  return {
    certificate,
    smtp,
    telegram,
    slack,
    discord,
    pagerduty,
    hook,
    google,
    https,
    env: {
      EMAIL_SMTP_SERVER: '127.0.0.1',
      EMAIL_SMTP_PORT: String(smtp.port),
      EMAIL_SENDER: 'agent@example.com',
      EMAIL_PASSWORD,
      EMAIL_RECEIVER: 'ada@example.org',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_CHAT_ID: '42',
      TELEGRAM_API_ROOT: telegram.peer.origin,
      WEBHOOK_URL: [slack.url, discord.url, pagerduty.url, `${hook.origin}${HOOK_PATH}`].join(','),
      WEBHOOK_FORMAT: 'slack,discord,pagerduty,generic',
      WEBHOOK_SECRET,
      PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
      GOOGLE_SHEETS_CREDS: google.keyFile(dir),
      GOOGLE_SHEETS_NAME: 'Our calls',
      GOOGLE_SHEETS_BASE_URL: google.origin,
    },
    told: () => ({
      email: smtp.mails.map(({ parsed }) => parsed.subject ?? ''),
      'telegram:42': telegram.sent.map(({ text }) => firstLine(text)),
      slack: slack.messages.map(({ text }) => text),
      discord: discord.messages.map(({ embeds }) => embeds?.[0]?.title ?? ''),
      pagerduty: pagerduty.events.map(
        ({ event_action: action, payload }) => `${action}: ${payload?.summary}`,
      ),
      'webhook:127.0.0.1': hookBodies({ hook }).map(({ event, title }) => `${event}: ${title}`),
    }),
    plan(...troubles) {
      for (const peer of https) peer.plan(...troubles);
    },
  };
}
