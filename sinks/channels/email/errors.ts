import {
  PermanentError,
  TransientError,
  type ErrorKind,
  type ErrorScope,
} from '../../../errors.ts';
import { shortened } from '../../../runtime/http/message.ts';

/** What nodemailer adds to its errors. */
interface MailError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  /** The server's answer. */
  readonly response?: string;
  /** What the server answered to: `RCPT TO`, `DATA`. */
  readonly command?: string;
}

interface Verdict {
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
  readonly says: string;
  readonly retryAfterMs?: number;
  readonly ambiguous?: boolean;
}

/** Amazon SES answers `454 Throttling failure` (its SMTP issues page) and asks for minutes. */
const THROTTLED_MS = 60_000;
const isThrottling = /throttl|rate limit|too many|maximum sending rate/i;
const isCertificate = /certificate|altname|wrong version number|SSL routines/i;

/** `ada@example.com` → `a…@example.com`: servers repeat addresses, and these hold names. */
export const maskAddress = (text: string): string =>
  text.replace(/([^\s@<>"'(),:;]{1})[^\s@<>"'(),:;]*@([\w.-]+)/g, '$1…@$2');

/** RFC 5321, section 4.2.1: 4yz may work later, 5yz never will. */
function byReply(error: MailError, status: number): Verdict {
  const text = error.response ?? '';
  if (status < 500) {
    return isThrottling.test(text)
      ? { kind: 'RateLimit', scope: null, says: 'asks to wait', retryAfterMs: THROTTLED_MS }
      : { kind: 'ServiceUnavailable', scope: null, says: 'can not take it now' };
  }
  if (error.code === 'ETLS') {
    return { kind: 'Network', scope: 'config', says: 'does not offer STARTTLS' };
  }
  if (error.code === 'EAUTH' || status === 530 || status === 534 || status === 535) {
    return { kind: 'Authentication', scope: 'account', says: 'does not accept the password' };
  }
  const command = error.command ?? '';
  if (command.startsWith('RCPT')) {
    return { kind: 'InvalidPayload', scope: 'config', says: 'does not accept the receiver' };
  }
  if (command.startsWith('DATA')) {
    return { kind: 'InvalidPayload', scope: 'contact', says: 'does not accept the message' };
  }
  return { kind: 'InvalidPayload', scope: 'config', says: 'does not accept mail from us' };
}

function byCode(error: MailError): Verdict {
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH') {
    return { kind: 'Authentication', scope: 'account', says: 'does not let us log in' };
  }
  if (isCertificate.test(error.message)) {
    const says = `has no certificate that is trusted here (${error.message})`;
    return { kind: 'Network', scope: 'config', says };
  }
  if (error.code === 'ETIMEDOUT') {
    return { kind: 'Timeout', scope: null, says: 'did not answer in time', ambiguous: true };
  }
  if (error.code === 'EPROTOCOL') {
    return { kind: 'InvalidResponse', scope: null, says: 'does not speak SMTP as it should' };
  }
  if (error.code === 'EDNS' || /ECONNREFUSED|ENETUNREACH|EHOSTUNREACH/.test(error.message)) {
    return { kind: 'Network', scope: null, says: 'could not be reached' };
  }
  return { kind: 'Network', scope: null, says: 'cut the connection', ambiguous: true };
}

/**
 * What a failed mail means.
 * @param secrets never told, whatever a server repeats
 */
export function classifyMail(
  thrown: unknown,
  channel: string,
  secrets: readonly string[],
): TransientError | PermanentError {
  const error: MailError = thrown instanceof Error ? thrown : new Error(String(thrown));
  const status = error.responseCode ?? null;
  const verdict = status === null ? byCode(error) : byReply(error, status);
  const { kind, scope, retryAfterMs, ambiguous } = verdict;
  const reply = error.response === undefined ? '' : `: ${error.response}`;
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), reply);
  const message = shortened(maskAddress(`the mail server ${verdict.says}${said}`));
  const code = status ?? error.code ?? null;
  const options = {
    service: channel,
    kind,
    scope,
    code,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(ambiguous !== undefined && { ambiguous }),
  };
  return scope === null
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}
