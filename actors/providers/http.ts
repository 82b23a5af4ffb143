import {
  PermanentError,
  TransientError,
  type ErrorKind,
  type ErrorScope,
  type ProviderErrorOptions,
} from '../../errors.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export interface HttpRequest {
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | URLSearchParams;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** What a provider's error body says of itself. */
export interface Complaint {
  readonly code: string | number | null;
  readonly message: string | null;
}

/** The request never left: these come from before a connection stood. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const codeOf = (error: unknown): string | null => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
};

function networkError(request: HttpRequest, error: unknown): Error {
  if (request.signal.aborted) return request.signal.reason as Error;
  const code = codeOf(error);
  const what = code === null ? 'the connection was lost' : `the connection failed with ${code}`;
  return new TransientError(`${request.service} could not be reached: ${what}`, {
    service: request.service,
    kind: 'Network',
    code,
    ambiguous: code === null || !neverSent.has(code),
    cause: error,
  });
}

/** Sends one request and reads its whole body, under one signal. */
export async function exchange(fetch: Fetch, request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, signal } = request;
  try {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(body !== undefined && { body }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    throw networkError(request, error);
  }
}

/** A good answer, or the error that its status means. */
export async function ask(
  fetch: Fetch,
  request: HttpRequest,
  complain: (body: unknown) => Complaint,
): Promise<HttpAnswer> {
  const answer = await exchange(fetch, request);
  if (answer.status >= 200 && answer.status < 300) return answer;
  const body = jsonOf(answer);
  throw statusError(request.service, answer, complain(body), isOnTheWire(request));
}

const isOnTheWire = (request: HttpRequest): boolean => request.method === 'POST';

interface StatusClass {
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
}

const transient = (kind: ErrorKind): StatusClass => ({ kind, scope: null });

/** RFC 9110, section 15; what no row names is the payload's fault. */
function classOf(status: number): StatusClass {
  if (status === 429) return transient('RateLimit');
  if (status === 408 || status === 425) return transient('Timeout');
  if (status >= 500) return transient('ServiceUnavailable');
  if (status === 401 || status === 403) return { kind: 'Authentication', scope: 'account' };
  if (status === 402) return { kind: 'Quota', scope: 'account' };
  return { kind: 'InvalidPayload', scope: 'contact' };
}

function statusError(
  service: string,
  answer: HttpAnswer,
  complaint: Complaint,
  sent: boolean,
): Error {
  const { status, headers } = answer;
  const { kind, scope } = classOf(status);
  const said = complaint.message === null ? '' : `: ${complaint.message}`;
  const options: ProviderErrorOptions = {
    service,
    kind,
    scope,
    status,
    code: complaint.code ?? status,
    requestId: headers.get('x-request-id') ?? headers.get('request-id'),
    retryAfterMs: retryAfterMs(headers),
    ambiguous: sent && status >= 500,
  };
  const message = `${service} answered ${status}${said}`;
  return scope === null
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}

/** `Retry-After` in its two notations (RFC 9110, section 10.2.3); null where there is none. */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const date = Date.parse(value);
  const sent = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date) || Number.isNaN(sent)) return null;
  return Math.max(0, date - sent);
}

export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(answer.bytes)) as unknown;
  } catch {
    return null;
  }
}

/** A 2xx that is not what was asked for is a failure, and worth another try. */
export function invalidResponse(service: string, what: string): TransientError {
  return new TransientError(`${service} answered with ${what}`, {
    service,
    kind: 'InvalidResponse',
    ambiguous: true,
  });
}

type Fields = { readonly [key: string]: unknown };

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export const codeIn = (value: unknown): string | number | null =>
  typeof value === 'number' ? value : textOf(value);
