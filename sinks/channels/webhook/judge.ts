import {
  PermanentError,
  TransientError,
  type ErrorKind,
  type ErrorScope,
  type ProviderError,
} from '../../../errors.ts';
import { retryHintMs } from '../../../runtime/http/hint.ts';
import { shortened } from '../../../runtime/http/message.ts';
import type { Answer } from './exchange.ts';

interface Meaning {
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
  /** The end of a sentence that begins with the channel. */
  readonly says: string;
}

const message: Meaning = {
  kind: 'InvalidPayload',
  scope: 'contact',
  says: 'does not accept this message',
};
const gone: Meaning = { kind: 'InvalidPayload', scope: 'config', says: 'is not there any more' };
const refused: Meaning = { kind: 'InvalidPayload', scope: 'config', says: 'takes nothing of us' };
const closed: Meaning = { kind: 'Authentication', scope: 'account', says: 'does not let us in' };

/**
 * RFC 9110, section 15. It fits Slack ("Handling errors" of incoming webhooks: 400 for a payload,
 * 403, 404 and 410 for a webhook that is no more), Discord (404 10015, Unknown Webhook) and
 * PagerDuty (400 for an event, 429).
 */
const meanings: { readonly [status: number]: Meaning } = {
  401: closed,
  402: { kind: 'Quota', scope: 'account', says: 'wants to be paid' },
  403: closed,
  404: gone,
  405: { kind: 'InvalidPayload', scope: 'config', says: 'takes no posts' },
  408: { kind: 'Timeout', scope: null, says: 'did not get the message in time' },
  410: gone,
  425: { kind: 'Timeout', scope: null, says: 'is not ready' },
  429: { kind: 'RateLimit', scope: null, says: 'asks to wait' },
};

function meaningOf(status: number): Meaning {
  const known = meanings[status];
  if (known) return known;
  if (status >= 500) return { kind: 'ServiceUnavailable', scope: null, says: 'is out of order' };
  if (status >= 400) return message;
  return { kind: 'InvalidPayload', scope: 'config', says: 'has moved: set its new URL' };
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

/** A page is no answer of a webhook: a proxy, or the login of a network, stands between. */
const isPage = (body: unknown): boolean =>
  typeof body === 'string' && /^\s*<(?:!doctype|html|head|body)/i.test(body);

/** What the receiver says of itself, a word or a sentence. */
function wordsIn(body: unknown): string {
  if (typeof body === 'string') return isPage(body) ? '' : body;
  const { message: text, errors } = (body ?? {}) as { message?: unknown; errors?: unknown };
  const all: unknown[] = [text, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return all.filter((one) => typeof one === 'string').join(', ');
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Shorter ones are in every other sentence. */
const SHORTEST_SECRET = 4;

function hide(text: string, secrets: readonly string[]): string {
  const all = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).map(escape);
  return all.length === 0 ? text : text.replace(new RegExp(all.join('|'), 'gi'), '***');
}

export interface Judging {
  readonly channel: string;
  /** What a receiver may repeat, and nobody may read. */
  readonly secrets: readonly string[];
  /** Words that mean more than the status does. */
  readonly broken: RegExp | null;
}

/**
 * What an answer means.
 * @returns null when the message was taken
 */
export function judge(
  { status, headers, body }: Answer,
  { channel, secrets, broken }: Judging,
): ProviderError | null {
  if (isGood(status) && !isPage(body)) return null;
  if (isGood(status)) {
    const says = `${channel} answered with a web page: somebody stands between`;
    // Or a receiver that talks so: it may have the message.
    const options = { kind: 'InvalidResponse', status, ambiguous: true } as const;
    return new TransientError(says, { service: channel, ...options });
  }
  const words = wordsIn(body);
  const meaning = meaningOf(status);
  const isBroken = meaning.scope === 'contact' && broken?.test(words) === true;
  const { kind, scope, says } = isBroken ? refused : meaning;
  const text = `${channel} ${says} (${status}${words === '' ? '' : `: ${words}`})`;
  const retryAfterMs = retryHintMs({ status, headers, body, now: Date.now() });
  // It had the message when it failed, and nobody knows how far it came.
  const ambiguous = status >= 500;
  const options = { service: channel, kind, scope, status, retryAfterMs, ambiguous };
  const line = shortened(hide(text.slice(0, 2_000), secrets));
  return scope === null ? new TransientError(line, options) : new PermanentError(line, options);
}
