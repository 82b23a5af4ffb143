import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { selfSigned, type Certificate } from './certificate.ts';

/** Where a mail server says no, and with which reply. */
export interface SmtpFault {
  readonly at: 'connect' | 'auth' | 'sender' | 'receiver' | 'data';
  /**
   * The reply's code; `hang`: no reply at all; `drop`: the connection is cut; with `taken` in front
   * the mail is in its box before that.
   */
  readonly reply: number | 'hang' | 'drop' | 'taken, drop' | 'taken, hang';
  readonly says?: string;
  /** Only this receiver is refused. */
  readonly receiver?: string;
  /** How often. @default always */
  readonly times?: number;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isOverTls: boolean;
  readonly user: string | null;
  readonly parsed: Email;
}

export interface SmtpOptions {
  /** What is spoken: TLS on demand, from the start, or not at all. @default 'starttls' */
  readonly tls?: 'starttls' | 'implicit' | 'none';
  readonly certificate?: Certificate;
  /** @default 'correct horse' */
  readonly password?: string;
}

/** A mail server on loopback, with AUTH and TLS, that fails as it is told to. */
export class SmtpPeer {
  readonly mails: Mail[] = [];
  connections = 0;
  readonly port: number;
  #faults: { fault: SmtpFault; left: number }[] = [];
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(options: SmtpOptions = {}): Promise<SmtpPeer> {
    const { tls = 'starttls', password = 'correct horse' } = options;
    let peer: SmtpPeer | null = null;
    const fail = (at: SmtpFault['at'], receiver?: string) => peer?.next(at, receiver) ?? null;
    const server = new SMTPServer({
      ...(options.certificate ?? selfSigned()),
      secure: tls === 'implicit',
      hideSTARTTLS: tls === 'none',
      disabledCommands: tls === 'none' ? ['STARTTLS'] : [],
      allowInsecureAuth: tls === 'none',
      logger: false,
      closeTimeout: 50,
      onConnect: (session, done) => {
        if (peer) peer.connections++;
        settle(fail('connect'), server, session.id, done);
      },
      onAuth: (auth, session, done) => {
        const fault = fail('auth');
        if (fault) return settle(fault, server, session.id, done);
        if (auth.password === password) return done(null, { user: auth.username ?? '' });
        return done(refusal(535, `5.7.8 no ${auth.username} with ${auth.password}`));
      },
      onMailFrom: (_address, session, done) => settle(fail('sender'), server, session.id, done),
      onRcptTo: ({ address }, session, done) =>
        settle(fail('receiver', address), server, session.id, done),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const fault = fail('data');
          const isTaken = fault === null || String(fault.reply).startsWith('taken');
          if (!isTaken) return settle(fault, server, session.id, done);
          const kept = peer?.keep(Buffer.concat(chunks), session);
          void kept?.then(() => settle(fault, server, session.id, done), done);
        });
      },
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    peer = new SmtpPeer(server, (server.server.address() as AddressInfo).port);
    return peer;
  }

  plan(...faults: readonly SmtpFault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }

  next(at: SmtpFault['at'], receiver?: string): SmtpFault | null {
    const found = this.#faults.find(
      ({ fault, left }) => left > 0 && fault.at === at && (fault.receiver ?? receiver) === receiver,
    );
    if (!found) return null;
    found.left--;
    return found.fault;
  }

  async keep(raw: Buffer, session: Parameters<Required<SMTPServer>['onData']>[1]): Promise<void> {
    const { mailFrom, rcptTo } = session.envelope;
    this.mails.push({
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      isOverTls: session.secure,
      user: session.user === undefined ? null : String(session.user),
      parsed: await PostalMime.parse(raw),
    });
  }

  close(): Promise<void> {
    for (const connection of this.#server.connections) cutConnection(connection);
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const refusal = (code: number, says: string): Error =>
  Object.assign(new Error(says), { responseCode: code });

const cutConnection = (connection: object): void =>
  (connection as { _socket: { destroy(): void } })._socket.destroy();

function settle(
  fault: SmtpFault | null,
  server: SMTPServer,
  session: string,
  done: (error?: Error | null) => void,
): void {
  if (!fault) return done();
  if (fault.reply === 'hang' || fault.reply === 'taken, hang') return;
  if (typeof fault.reply === 'number') {
    return done(refusal(fault.reply, fault.says ?? 'not now'));
  }
  for (const connection of server.connections) {
    if ((connection as { id?: string }).id === session) cutConnection(connection);
  }
}
