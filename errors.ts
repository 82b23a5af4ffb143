/** What went wrong with a provider, at the edge where it is an exception and not yet an event. */
export type ErrorKind =
  | 'ServiceUnavailable'
  | 'RateLimit'
  | 'Timeout'
  | 'Network'
  | 'InvalidResponse'
  | 'Authentication'
  | 'Quota'
  | 'InvalidPayload'
  | 'Unknown';

/** Whose problem a permanent error is: one contact's, the whole account's, or the configuration's. */
export type ErrorScope = 'contact' | 'account' | 'config';

export interface ProviderErrorOptions {
  /** Whose error it is; a guard takes its own name. @default '' */
  readonly service?: string;
  /** Who stands behind the service, when it was they who answered. @default null */
  readonly provider?: string | null;
  /** @default 'Unknown' */
  readonly kind?: ErrorKind;
  /** @default null */
  readonly scope?: ErrorScope | null;
  /** The provider's own code, else the HTTP status. @default null */
  readonly code?: string | number | null;
  /** HTTP status, when there was an answer. @default null */
  readonly status?: number | null;
  /** The provider's id of the request, for its support. @default null */
  readonly requestId?: string | null;
  /** How long the provider asked to wait, in milliseconds. @default null */
  readonly retryAfterMs?: number | null;
  /** The request may have been carried out although no good answer came. @default false */
  readonly ambiguous?: boolean;
  readonly cause?: unknown;
}

/** A request to a provider failed. `category` says whether another try can help. */
export abstract class ProviderError extends Error {
  abstract readonly category: 'TRANSIENT_ERROR' | 'PERMANENT_ERROR';
  readonly isProviderError = true;
  readonly service: string;
  readonly provider: string | null;
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
  readonly code: string | number | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly ambiguous: boolean;

  constructor(message: string, options: ProviderErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.service = options.service ?? '';
    this.provider = options.provider ?? null;
    this.kind = options.kind ?? 'Unknown';
    this.scope = options.scope ?? null;
    this.code = options.code ?? options.status ?? null;
    this.status = options.status ?? null;
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.ambiguous = options.ambiguous ?? false;
  }
}

/** Worth another try: ServiceUnavailable, RateLimit, Timeout, Network, InvalidResponse. */
export class TransientError extends ProviderError {
  override readonly name = 'TransientError';
  readonly category = 'TRANSIENT_ERROR';
}

/** Another try can't help: Authentication, Quota, InvalidPayload and the like. */
export class PermanentError extends ProviderError {
  override readonly name = 'PermanentError';
  readonly category = 'PERMANENT_ERROR';
}

/** The breaker of a service does not admit requests now. */
export class CircuitBreakerOpenError extends Error {
  override readonly name = 'CircuitBreakerOpenError';
  readonly category = 'CIRCUIT_BREAKER_OPEN';
  readonly isCircuitBreakerOpenError = true;
  readonly service: string;
  /** Milliseconds until the breaker may admit a probe. */
  readonly retryAfter: number;

  constructor(service: string, retryAfter: number) {
    super(`${service} is not called now: its circuit breaker is open for another ${retryAfter} ms`);
    this.service = service;
    this.retryAfter = retryAfter;
  }
}

/** Could not do what was asked, in one sentence for the person who asked. Exit code 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly isUserError = true;
}

/** What somebody threw, in words: anything can be thrown, also what can't be made a text of. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something was thrown that says nothing of itself';
  }
}

export function isProviderError(error: unknown): error is ProviderError {
  return error instanceof Error && 'isProviderError' in error;
}

export function isUserError(error: unknown): error is UserError {
  return error instanceof Error && 'isUserError' in error;
}
