import { PermanentError, TransientError, type ErrorKind } from '../../errors.ts';
import { shortened } from '../../runtime/http/message.ts';

export type Fetch = typeof fetch;

const SERVICE = 'Google Sheets';
/** Nobody waits for a row. */
const TIMEOUT_MS = 20_000;

const kinds: { readonly [status: number]: ErrorKind } = {
  400: 'InvalidPayload',
  401: 'Authentication',
  403: 'Authentication',
  408: 'Timeout',
  429: 'RateLimit',
};

/** Google's own words, from either of its two ways of saying them. */
function messageIn(body: unknown): string | null {
  const { error, error_description: described } = (body ?? {}) as {
    readonly error?: unknown;
    readonly error_description?: unknown;
  };
  const { message } = (error ?? {}) as { readonly message?: unknown };
  const said = [message, described, error].find((one) => typeof one === 'string');
  return (said as string | undefined) ?? null;
}

/** An answer may repeat what it was asked with. Hidden before it is cut, which would leave a part. */
function fitToTell(said: string, secrets: readonly string[]): string {
  return shortened(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said));
}

function failure(
  response: Response,
  body: unknown,
  secrets: readonly string[],
): TransientError | PermanentError {
  const { status } = response;
  const said = messageIn(body);
  const words = said === null ? '' : `: ${fitToTell(said, secrets)}`;
  const message = `${SERVICE} answered ${status}${words}`;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const options = {
    service: SERVICE,
    status,
    kind: kinds[status] ?? (status >= 500 ? 'ServiceUnavailable' : 'Unknown'),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
    ambiguous: status >= 500,
  } as const;
  const isTransient = status === 408 || status === 429 || status >= 500;
  if (isTransient) return new TransientError(message, options);
  return new PermanentError(message, { ...options, scope: 'config' });
}

export interface SendOptions {
  /** What it is asked with, and no error may tell. */
  readonly secrets: readonly string[];
  /** Reading the answer included. @default 20000 */
  readonly timeoutMs?: number;
}

/**
 * One request. Whatever is no JSON object with a good status is an error.
 * @throws TransientError; `ambiguous` when it may have been carried out
 * @throws PermanentError of scope `config`
 */
export async function send(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  { secrets, timeoutMs = TIMEOUT_MS }: SendOptions,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, signal, redirect: 'error' });
    text = await response.text();
  } catch (error) {
    const kind = timeout.aborted ? 'Timeout' : 'Network';
    const cause = error instanceof Error ? error.cause : undefined;
    const { code } = (cause ?? {}) as { code?: string };
    const message = `${SERVICE} could not be reached${code === undefined ? '' : ` (${code})`}`;
    throw new TransientError(message, { service: SERVICE, kind, ambiguous: true, cause: error });
  }
  const body = parsed(text);
  if (!response.ok) throw failure(response, body, secrets);
  if (body !== null) return body;
  // A page of a proxy or of a hotel's Wi-Fi.
  throw new TransientError(`${SERVICE} answered something that is not JSON`, {
    service: SERVICE,
    kind: 'InvalidResponse',
    status: response.status,
    ambiguous: true,
  });
}

function parsed(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
