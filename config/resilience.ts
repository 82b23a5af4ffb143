import { z } from 'zod';
import { count, seconds } from './kinds.ts';

/** Retry, breaker, health: for all services, and for one with its name in front. Times in seconds. */
export const resilience = z.object({
  RETRY_INITIAL_DELAY: seconds(5).describe('Wait before the first retry'),
  RETRY_MAX_ATTEMPTS: count(3, 0, 20).describe('Retries after the first try'),
  RETRY_BACKOFF_MULTIPLIER: z.coerce
    .number()
    .min(1)
    .max(10)
    .default(2)
    .describe('Each wait is this many times the one before'),
  RETRY_MAX_DELAY: seconds(60).describe('No wait of our own choice is longer'),
  RETRY_JITTER: z.enum(['none', 'decorrelated']).default('none').describe('none or decorrelated'),
  RETRY_AFTER_CAP: seconds(60).describe(
    'A provider asks for more: the contact is put back instead',
  ),
  REQUEST_TIMEOUT: seconds(30).describe('One attempt, reading the answer included'),
  REQUEST_DEADLINE: seconds(180).describe('The whole request with its waits'),
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: count(3, 1, 1000).describe(
    'Failures in a row that open the breaker',
  ),
  CIRCUIT_BREAKER_TIMEOUT: seconds(60).describe('How long it stays open'),
  CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS: count(1, 1, 100).describe(
    'Probes let through then; all must succeed',
  ),
  CIRCUIT_BREAKER_COUNTS: z
    .enum(['request', 'attempt'])
    .default('request')
    .describe('request, or attempt: each failed attempt counts'),
  HEALTH_CHECK_INTERVAL: seconds(30).describe('Between two health checks'),
  HEALTH_CHECK_TIMEOUT: seconds(5).describe('For one health check'),
});

export type Resilience = z.infer<typeof resilience>;
