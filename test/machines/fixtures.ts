import { defaultRetryPolicy, type RetryPolicy } from '../../machines/backoff.ts';
import type { CallInput, CallSettings } from '../../machines/call-protocol.ts';
import type { RequestInput, RequestResult } from '../../machines/request-protocol.ts';
import type { Failure } from '../../machines/results.ts';

/** When every story begins: an arbitrary moment, in epoch ms. */
export const NOW = 1_790_000_000_000;

export const SECOND = 1_000;
export const MINUTE = 60_000;

const failure = (more: Partial<Failure>): Failure => ({
  category: 'TRANSIENT_ERROR',
  kind: 'ServiceUnavailable',
  scope: null,
  service: 'ElevenLabs',
  code: 503,
  status: 503,
  message: 'no servers to spare',
  retryAfterMs: null,
  ambiguous: false,
  ...more,
});

/** Worth another try. */
export const unavailable = failure({});

export const askingToWait = (retryAfterMs: number): Failure =>
  failure({ kind: 'RateLimit', code: 429, message: 'slow down', retryAfterMs });

/** Nobody knows whether the request was carried out. */
export const inDoubt = failure({ kind: 'Timeout', message: 'no answer', ambiguous: true });

const permanent = (kind: string, scope: Failure['scope'], code: number): Failure =>
  failure({ category: 'PERMANENT_ERROR', kind, scope, code, message: `${kind} refused` });

/** No further attempt can help this contact. */
export const invalid = permanent('InvalidPayload', 'contact', 400);
/** No further attempt can help anybody. */
export const unauthorised = permanent('Authentication', 'account', 401);
export const misconfigured = permanent('InvalidPayload', 'config', 404);

/** The breaker does not let it through. */
export const refused = failure({
  category: 'CIRCUIT_BREAKER_OPEN',
  code: null,
  message: 'the breaker of ElevenLabs is open',
});

export const policy = (more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  ...defaultRetryPolicy,
  ...more,
});

export const requestInput = (more: Partial<RequestInput> = {}): RequestInput => ({
  id: 'call:0007/speech',
  service: 'ElevenLabs',
  operation: 'speech',
  payload: { contact: '0007' },
  once: false,
  owned: false,
  policy: policy(),
  seed: 7,
  corr: 'call:0007',
  at: NOW,
  ...more,
});

export const callSettings: CallSettings = {
  policies: { default: policy(), Telephony: policy({ maxRetries: 1 }) },
  pollMs: 2 * SECOND,
  settleMs: 5 * SECOND,
  followForMs: 4 * 60 * MINUTE,
  maxDials: 4,
  maxLookups: 5,
  redialAfterMs: [30 * MINUTE, 60 * MINUTE],
};

export const callInput = (more: Partial<CallInput> = {}): CallInput => ({
  id: 'call:0007',
  contact: '0007',
  campaign: 'spring-list',
  worker: 0,
  script: null,
  speech: null,
  redials: 0,
  simulated: false,
  settings: callSettings,
  ...more,
});

/** What a call's request came to. */
export const result = (
  status: RequestResult['status'],
  more: Partial<RequestResult> = {},
): RequestResult => ({
  status,
  at: NOW,
  ref: null,
  error: null,
  retryAt: null,
  attempts: 1,
  ...more,
});
