import {
  CircuitBreakerOpenError,
  isProviderError,
  PermanentError,
  TransientError,
} from '../errors.ts';
import type { ErrorKind } from '../errors.ts';
import type { Failure } from '../machines/results.ts';
import { maskPhones } from '../store/mask.ts';

const LONGEST_MESSAGE = 300;
/** A shorter one is no key, and masking it would garble every message. */
const SHORTEST_SECRET = 6;

/** An error text fit for a journal line: numbers masked, keys masked, not endless. */
export function safeMessage(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) safe = safe.replaceAll(secret, '***');
  }
  safe = maskPhones(safe.replace(/\s+/g, ' ').trim());
  return safe.length > LONGEST_MESSAGE ? `${safe.slice(0, LONGEST_MESSAGE)}…` : safe;
}

/**
 * An exception as the plain JSON that a machine can hold. An error that says nothing of itself is
 * a transient one in a caller's function, where most are, and a defect of ours elsewhere.
 */
export function toFailure(
  error: unknown,
  service: string,
  { secrets = [], isCallers = false }: { secrets?: readonly string[]; isCallers?: boolean } = {},
): Failure {
  const message = safeMessage(error instanceof Error ? error.message : String(error), secrets);
  if (isProviderError(error)) {
    const { category, kind, scope, code, status, retryAfterMs, ambiguous } = error;
    return { category, kind, scope, service, code, status, message, retryAfterMs, ambiguous };
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
  if (category === 'CIRCUIT_BREAKER_OPEN')
    return new CircuitBreakerOpenError(service, retryAfterMs ?? 0);
  const kind = failure.kind as ErrorKind;
  const options = { service, kind, scope, code, status, retryAfterMs, ambiguous, cause };
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
