/** TLS from the start, by STARTTLS and not without it, or none: for a server on this machine. */
export type MailTls = 'implicit' | 'starttls' | 'none';

/** One receiver's mail. */
export interface EmailSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: MailTls;
  readonly sender: string;
  readonly user: string;
  /** Null: the server asks for none. */
  readonly password: string | null;
  readonly receiver: string;
  /** How many receivers the account writes to. @default 1 */
  readonly receivers?: number;
}

const IMPLICIT_TLS_PORT = 465;

/** RFC 8314, section 3.3: port 465 speaks TLS from the start; all others begin in the clear. */
export function tlsFor(port: number, isOff: boolean): MailTls {
  if (isOff) return 'none';
  return port === IMPLICIT_TLS_PORT ? 'implicit' : 'starttls';
}
