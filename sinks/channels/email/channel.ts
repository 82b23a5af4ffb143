import type { Transporter } from 'nodemailer';
import type { Channel, Checked, Notice, Pace } from '../channel.ts';
import { classifyMail } from './errors.ts';
import { mailOf } from './mail.ts';
import type { EmailSettings } from './settings.ts';

/** Nodemailer waits two minutes for a connection and ten for an answer otherwise. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 15_000;

/** Gmail lets an account reach 500 receivers a day: 20 mails at once, and 20 more each hour. */
const paceFor = (receivers: number): Pace => ({
  perMinute: 20 / 60 / receivers,
  burst: Math.max(1, Math.floor(20 / receivers)),
});

/**
 * Mail to one receiver. Each receiver is a channel of its own: a server may take the mail for one
 * and refuse it for another, and whoever has it must not get it again when the other is tried again.
 */
export class EmailChannel implements Channel {
  readonly name: string;
  readonly pace: Pace;
  readonly #settings: EmailSettings;

  constructor(name: string, settings: EmailSettings) {
    this.name = name;
    this.pace = paceFor(settings.receivers ?? 1);
    this.#settings = settings;
  }

  async deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, async (transport) => {
      const sent = await transport.sendMail({ ...mailOf(notice, this.#settings), signal });
      // A server may take the mail and yet refuse a receiver; nodemailer calls that sent.
      const refused = sent.rejectedErrors?.[0];
      if (refused) throw refused;
    });
  }

  /** Connects, negotiates TLS and logs in; no mail is sent. */
  async check(signal: AbortSignal): Promise<Checked> {
    await this.#attempt(signal, async (transport) => {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([transport.verify(), aborted]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    });
    return 'works';
  }

  async #attempt(
    signal: AbortSignal,
    work: (transport: Transporter) => Promise<void>,
  ): Promise<void> {
    signal.throwIfAborted();
    const transport = await this.#connect();
    try {
      await work(transport);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw classifyMail(error, this.name, secretsOf(this.#settings));
    } finally {
      transport.close();
    }
  }

  /** Alerts are few: a connection for each, and none that grows old. */
  async #connect(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    const { host, port, tls, user, password } = this.#settings;
    return createTransport({
      host,
      port,
      secure: tls === 'implicit',
      // Without it a server, or somebody between, could leave STARTTLS out and get the password.
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      ...(password !== null && { auth: { user, pass: password } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      socketTimeout: ANSWER_MS,
    });
  }
}

/** The password as it is, and as AUTH LOGIN and AUTH PLAIN send it (RFC 4616). */
function secretsOf({ user, password }: EmailSettings): string[] {
  if (password === null) return [];
  const encoded = [password, `\0${user}\0${password}`].map((text) =>
    Buffer.from(text).toString('base64'),
  );
  return [password, ...encoded];
}
