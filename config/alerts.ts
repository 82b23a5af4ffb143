import { z } from 'zod';
import { count, seconds } from './kinds.ts';

const percent = (fallback: number) =>
  z.coerce.number().positive().max(100, 'must be at most 100').default(fallback);

const secondsOrOff = (fallback: 'off' | number) =>
  z
    .union([z.literal('off'), z.coerce.number().positive().max(604_800, 'must be at most 604800')])
    .default(fallback);

/** When people are told, and how often. Times in seconds, rates in percent. */
export const alerts = z.object({
  ALERT_CHANNELS: z
    .string()
    .trim()
    .min(1)
    .transform((value) => value.split(',').map((name) => name.trim()))
    .optional()
    .describe('Whom to ask first: channels by name, such as telegram,email; others come after'),
  ALERT_ESCALATE_AFTER: secondsOrOff('off').describe(
    'Seconds without "alerts ack" until the next channel is asked, too; off asks all at once',
  ),
  ALERT_REPEAT_INTERVAL: secondsOrOff(14_400).describe('An alert that lasts is told again, or off'),
  ALERT_GROUP_INTERVAL: seconds(300).describe('News about the same trouble at most this often'),
  ALERT_CALM_AFTER: seconds(600).describe('Failed calls are over when none fails for this long'),
  ALERT_SERVICE_DOWN_AFTER: seconds(300).describe('A service is down for longer: critical'),
  ALERT_ERROR_RATE: percent(10).describe('Percent of requests that fail: critical'),
  ALERT_RETRY_RATE: percent(30).describe('Percent of requests that need more than one try'),
  ALERT_LATENCY: seconds(5).describe("Seconds of a service's mean answer"),
  ALERT_WINDOW: seconds(300).describe('Rates and latency look back over this'),
  ALERT_MIN_SAMPLES: count(20, 1, 100_000).describe('Fewer requests than this are no rate'),
  ALERT_DISK_FREE_MB: count(500, 0, 1_000_000).describe("Less free on the journal's disk: warning"),
  ALERT_DIGEST_OVER: count(5, 1, 100).describe(
    'More messages than this waiting for a channel go as one',
  ),
});

export type AlertConfig = z.infer<typeof alerts>;
