import { isDeepStrictEqual } from 'node:util';
import { SERVICES, type Config, type Resilience } from '../config.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../machines/backoff.ts';
import type { BreakerOptions } from '../machines/breaker.ts';
import type { CallSettings } from '../machines/call-protocol.ts';
import type { HealthOptions } from '../machines/health.ts';

const ms = (seconds: number): number => Math.round(seconds * 1000);

/** The configuration's seconds as the machines' milliseconds. */
function retryPolicyOf(config: Resilience): RetryPolicy {
  return {
    maxRetries: config.RETRY_MAX_ATTEMPTS,
    initialDelayMs: ms(config.RETRY_INITIAL_DELAY),
    multiplier: config.RETRY_BACKOFF_MULTIPLIER,
    maxDelayMs: ms(config.RETRY_MAX_DELAY),
    jitter: config.RETRY_JITTER,
    hintCapMs: ms(config.RETRY_AFTER_CAP),
    attemptTimeoutMs: ms(config.REQUEST_TIMEOUT),
    deadlineMs: ms(config.REQUEST_DEADLINE),
    counts: config.CIRCUIT_BREAKER_COUNTS,
  };
}

/** A probe is one attempt: past its timeout by this much it hangs. */
const PROBE_GRACE_MS = 5_000;

export function breakerOptionsOf(config: Resilience): BreakerOptions {
  return {
    failureThreshold: config.CIRCUIT_BREAKER_FAILURE_THRESHOLD,
    openForMs: ms(config.CIRCUIT_BREAKER_TIMEOUT),
    halfOpenProbes: config.CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS,
    probeTimeoutMs: ms(config.REQUEST_TIMEOUT) + PROBE_GRACE_MS,
  };
}

export function healthOptionsOf(config: Resilience): HealthOptions {
  return {
    intervalMs: ms(config.HEALTH_CHECK_INTERVAL),
    timeoutMs: ms(config.HEALTH_CHECK_TIMEOUT),
  };
}

/** @param isReported telephony tells how calls go on, and is asked only in case that got lost */
export function callSettingsOf(config: Config, isReported: boolean): CallSettings {
  const policies = new Map(
    SERVICES.map((service) => [service, retryPolicyOf(config.services[service])]),
  );
  const common = policies.get('LLM') ?? defaultRetryPolicy;
  const others = [...policies].filter(([, policy]) => !isDeepStrictEqual(policy, common));
  return {
    policies: { ...Object.fromEntries(others), default: common },
    pollMs: isReported ? 30_000 : 2_000,
    settleMs: 5_000,
    followForMs: 4 * 3_600_000,
    redialAfterMs: [30, 60, 120].map((minutes) => minutes * 60_000),
    maxDials: 4,
    maxLookups: 60,
  };
}
