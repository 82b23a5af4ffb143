import {
  CircuitBreakerOpenError,
  isProviderError,
  PermanentError,
  TransientError,
  wordsOf,
} from '../errors.ts';
import type { ErrorKind } from '../errors.ts';
import type { Failure } from '../machines/results.ts';

export interface FailureOptions {
  /** Makes a text fit for the journal. */
  readonly redact: (text: string) => string;
  /** It was thrown by a caller's own function. @default false */
  readonly isCallers?: boolean;
}

/** No provider's code is longer; a phone number is. */
const LARGEST_CODE = 9_999_999;

/** What stands where a code is expected comes from outside as well. */
function safeCode(
  code: string | number | null,
  redact: (text: string) => string,
): string | number | null {
  if (typeof code === 'number') return Math.abs(code) <= LARGEST_CODE ? code : null;
  return code === null ? null : redact(code);
}

/**
 * An exception as the plain JSON that a machine can hold. An error that says nothing of itself is
 * a transient one in a caller's function, where most are, and a defect of ours elsewhere.
 */
export function toFailure(
  error: unknown,
  service: string,
  { redact, isCallers = false }: FailureOptions,
): Failure {
  const message = redact(wordsOf(error));
  if (isProviderError(error)) {
    const { category, kind, scope, status, retryAfterMs, ambiguous } = error;
    const code = safeCode(error.code, redact);
    const told = { category, kind, scope, service, code, status, message, retryAfterMs, ambiguous };
    return error.requestId === null ? told : { ...told, requestId: redact(error.requestId) };
  }
  return {
    category: isCallers ? 'TRANSIENT_ERROR' : 'PERMANENT_ERROR',
    kind: 'Unknown',
    scope: isCallers ? null : 'contact',
    service,
    code: null,
    status: null,
    message,
    retryAfterMs: null,
    ambiguous: true,
  };
}

/** A failure as the exception that a caller of the guard gets. */
export function toError(failure: Failure, cause?: unknown): Error {
  const { category, service, message, scope, code, status, retryAfterMs, ambiguous } = failure;
  const { requestId = null } = failure;
  if (category === 'CIRCUIT_BREAKER_OPEN')
    return new CircuitBreakerOpenError(service, retryAfterMs ?? 0);
  const kind = failure.kind as ErrorKind;
  const told = { scope, code, status, requestId, retryAfterMs, ambiguous };
  const options = { service, kind, ...told, cause };
  return category === 'TRANSIENT_ERROR'
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}

export function refusal(service: string, retryAfterMs: number): Failure {
  return {
    category: 'CIRCUIT_BREAKER_OPEN',
    kind: 'ServiceUnavailable',
    scope: null,
    service,
    code: null,
    status: null,
    message: `circuit breaker of ${service} is open`,
    retryAfterMs,
    ambiguous: false,
  };
}
