import { decimalIn, goDurationMs, httpDate, internetDate, resetMs, wholeMs } from './notation.ts';

/** A hint beyond this is a mistake. */
export const LONGEST_HINT_MS = 7 * 24 * 3_600_000;

const TOO_MANY_REQUESTS = 429;

export type HeadersLike = Pick<Headers, 'get'>;

export interface Hinting {
  readonly status: number;
  readonly headers: HeadersLike;
  /** JSON's value. */
  readonly body?: unknown;
  /** Epoch ms, for answers without a `Date`. */
  readonly now: number;
}

type Hint = number | null;

const headerIn = (headers: HeadersLike, name: string): string => headers.get(name)?.trim() ?? '';

const secondsMs = (text: string): Hint => {
  const seconds = decimalIn(text);
  return seconds === null ? null : seconds * 1_000;
};

const untilMs = (at: number | null, now: number): Hint => (at === null ? null : at - now);

/** `Retry-After` (RFC 9110, section 10.2.3); with two of them in one header the longer counts. */
function retryAfterMs(text: string, now: number): Hint {
  const date = httpDate(text) ?? internetDate(text);
  if (date !== null) return date - now;
  const all = text.split(',').map((part) => secondsMs(part.trim()));
  return all.includes(null) ? null : Math.max(...all.map(Number));
}

/** A dimension of a rate limit counts unless it says that something remains of it. */
const isSpent = (headers: HeadersLike, name: string): boolean => {
  const remaining = decimalIn(headerIn(headers, name));
  return remaining === null || remaining === 0;
};

/**
 * OpenAI's Go durations, Anthropic's RFC 3339 (guides "Rate limits" of both), the common epoch,
 * Discord's seconds (topics, "Rate Limits").
 */
function rateLimitHints(headers: HeadersLike, now: number): Hint[] {
  const hint = (remaining: string, reset: string, read: (text: string) => Hint): Hint =>
    isSpent(headers, remaining) ? read(headerIn(headers, reset)) : null;
  const openai = ['requests', 'tokens'].map((what) =>
    hint(`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`, goDurationMs),
  );
  const anthropic = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((what) =>
    hint(`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`, (text) =>
      untilMs(internetDate(text), now),
    ),
  );
  const common = hint('x-ratelimit-remaining', 'x-ratelimit-reset', (text) => resetMs(text, now));
  const discord = hint('x-ratelimit-remaining', 'x-ratelimit-reset-after', secondsMs);
  return [...openai, ...anthropic, common, discord];
}

const inBody = (body: unknown, key: string): unknown =>
  typeof body === 'object' && body !== null ? (body as { [key: string]: unknown })[key] : undefined;

/**
 * Telegram's `{parameters: {retry_after}}` (Bot API, ResponseParameters) and Discord's
 * `{retry_after}` (Rate Limits), in seconds.
 */
function bodyHint(body: unknown): Hint {
  const value = inBody(inBody(body, 'parameters'), 'retry_after') ?? inBody(body, 'retry_after');
  return typeof value === 'number' || typeof value === 'string' ? secondsMs(String(value)) : null;
}

/**
 * How long an answer asks to wait: in every notation in use, the longest when there are several,
 * for a real Azure 429 says `Retry-After: 1` and `Retry-After-Ms: 0` at once. Moments count from
 * the answer's own `Date`, so that a wrong clock here does no harm.
 * @returns whole ms, at least 0; null when it does not ask
 */
export function retryHintMs({ status, headers, body, now }: Hinting): number | null {
  const sentAt = httpDate(headerIn(headers, 'date')) ?? now;
  const hints = [
    retryAfterMs(headerIn(headers, 'retry-after'), sentAt),
    decimalIn(headerIn(headers, 'retry-after-ms')),
    bodyHint(body),
    ...(status === TOO_MANY_REQUESTS ? rateLimitHints(headers, sentAt) : []),
  ].filter((hint) => hint !== null && !Number.isNaN(hint));
  if (hints.length === 0) return null;
  return wholeMs(Math.min(LONGEST_HINT_MS, Math.max(0, ...hints.map(Number))));
}
