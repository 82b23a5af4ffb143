import {
  PermanentError,
  TransientError,
  type ErrorKind,
  type ErrorScope,
  type ProviderError,
} from '../../errors.ts';
import { BodyTooLong } from './read-body.ts';

export interface NetworkFailure {
  readonly service: string;
  /** What `fetch`, or reading the body, threw. */
  readonly error: unknown;
  /** False when it is known that the request had not left. */
  readonly sent: boolean;
}

interface Case {
  /** Matches a code, or the message of an error without one. */
  readonly match: RegExp;
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
  /** Nothing was on the wire, or it was turned away unread, as by a redirect. */
  readonly neverLeft: boolean;
  /** For codes that don't explain themselves. */
  readonly meaning?: string;
}

const config = { kind: 'Network', scope: 'config', neverLeft: true } as const;
const before = { kind: 'Network', scope: null, neverLeft: true } as const;
const during = { kind: 'Network', scope: null, neverLeft: false } as const;

/**
 * Codes of Node ("Errors"; "TLS", X509 certificate error codes), of undici ("Errors") and, where
 * it gives none, its words (as seen with Node 24.21). A certificate that does not fit will not fit
 * in five seconds either, so these pause the campaign instead of being tried again.
 */
const cases: readonly Case[] = [
  { match: /^(CERT|CRL|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT))_/, ...config },
  { match: /^(DEPTH_ZERO_)?SELF_SIGNED_CERT/, ...config },
  { match: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA)$/, ...config },
  { match: /^ERR_SSL_WRONG_VERSION_NUMBER$/, ...config, meaning: 'https where http is spoken' },
  { match: /^(ERR_INVALID_URL|UND_ERR_INVALID_ARG|ERR_INVALID_CHAR)$/, ...config },
  { match: /^(bad port|unknown scheme)$/, ...config, meaning: 'its base URL can not be used' },
  { match: /^unexpected redirect$/, ...config, meaning: 'it answered with a redirect' },
  { match: /is an invalid header value|to a ByteString/, ...config, meaning: 'its key is no key' },
  { match: /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/, ...before },
  { match: /before secure TLS connection was established$/, ...before, meaning: 'TLS failed' },
  { match: /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, ...during, kind: 'Timeout' },
  { match: /^(ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/, ...during },
];

/** An error and what caused it, outermost first, all attempts of a connection included. */
function chainOf(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const parts = error instanceof AggregateError ? (error.errors as unknown[]).slice(0, 8) : [];
  return [error, ...[...parts, error.cause].flatMap((part) => chainOf(part, depth + 1))];
}

const textIn = (error: Error, key: 'code' | 'syscall'): string | null => {
  const value = (error as { readonly code?: unknown; readonly syscall?: unknown })[key];
  return typeof value === 'string' ? value : null;
};

/** A connection that never stood, whatever went wrong with it. */
const isConnecting = (error: Error): boolean =>
  /^(connect|getaddrinfo)$/.test(textIn(error, 'syscall') ?? '');

/** An answer came, but not one to be read. */
function brokenness(chain: readonly Error[]): string | null {
  if (chain.some((one) => one instanceof BodyTooLong)) return 'an endless body';
  return chain.some((one) => one instanceof SyntaxError) ? 'a broken body' : null;
}

/** The error that a request without an answer means. Its text repeats nothing: it may hold a key. */
export function classifyNetwork({ service, error, sent }: NetworkFailure): ProviderError {
  const chain = chainOf(error);
  const found =
    cases.find(({ match }) => chain.some(({ message }) => match.test(message))) ??
    cases.find(({ match }) => chain.some((one) => match.test(textIn(one, 'code') ?? '')));
  const code = chain.map((one) => textIn(one, 'code')).find((one) => one !== null) ?? null;
  const broken = found === undefined ? brokenness(chain) : null;
  const kind = broken ? 'InvalidResponse' : (found?.kind ?? 'Network');
  const neverLeft = found?.neverLeft === true || chain.some(isConnecting);
  const what =
    found?.meaning ?? (code === null ? 'the connection was lost' : `it failed with ${code}`);
  const options = {
    service,
    kind,
    scope: found?.scope ?? null,
    code,
    ambiguous: sent && !neverLeft,
    cause: error,
  };
  const message = broken
    ? `${service} answered with ${broken}`
    : `${service} could not be reached: ${what}`;
  return options.scope === null
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}
