import { TransientError } from '../../errors.ts';
import { classifyNetwork } from '../../runtime/http/network.ts';
import { LONGEST_JSON_BYTES, readBody } from '../../runtime/http/read-body.ts';
import { classify, type Provider } from './errors/classify.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** How a client reaches its provider. */
export interface Wire {
  readonly fetch: Fetch;
  /** Epoch ms, for hints that name a moment. @default Date.now */
  readonly now?: () => number;
}

/** What goes over the wire. */
export interface Outgoing {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: NonNullable<RequestInit['headers']>;
  readonly body?: RequestInit['body'];
  readonly signal: AbortSignal;
  /** A longer answer is none. @default LONGEST_JSON_BYTES */
  readonly longestBytes?: number;
}

export interface HttpRequest extends Outgoing {
  /** Whose error bodies to expect. */
  readonly provider: Provider;
  readonly method: 'GET' | 'POST';
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | URLSearchParams;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Sends one request and reads its whole body, both under one signal.
 * @throws the signal's reason when it is aborted
 * @throws TransientError, PermanentError when there is no whole answer
 */
export async function exchange({ fetch }: Wire, request: Outgoing): Promise<HttpAnswer> {
  const { service, method, url, headers, body, signal } = request;
  const { longestBytes = LONGEST_JSON_BYTES } = request;
  try {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(body !== undefined && { body }),
    });
    const bytes = await readBody(response, longestBytes);
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw classifyNetwork({ service, error, sent: true });
  }
}

/**
 * A good answer, or the error that the provider's code and status mean.
 * @throws TransientError, PermanentError
 */
export async function ask(wire: Wire, request: HttpRequest): Promise<HttpAnswer> {
  const answer = await exchange(wire, request);
  const { status, headers, bytes: body } = answer;
  if (status >= 200 && status < 300) return answer;
  const { provider, method } = request;
  const now = (wire.now ?? Date.now)();
  throw classify({ provider, status, headers, body, method, sent: true, now });
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
