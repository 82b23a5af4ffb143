import { createHmac } from 'node:crypto';
import type { Notice } from '../channel.ts';
import { paragraphsOf, toneOf } from '../words.ts';
import type { Format } from './format.ts';

/** Rises when a field changes its meaning; new fields alone don't raise it. */
export const SCHEMA_VERSION = 1;

/** Never used twice, also not by another data folder that tells the same receiver. */
const idOf = ({ alert, n, since }: Notice): string => `${alert}.${n}.${since.toString(36)}`;

/** What a program gets to read. Times are ISO 8601. */
function payload(notice: Notice): object {
  const { alert, n, kind, key, rule, severity, service, title, facts } = notice;
  return {
    version: SCHEMA_VERSION,
    source: 'ai-call-agent',
    id: idOf(notice),
    event: kind,
    state: toneOf(notice) === 'resolved' ? 'resolved' : 'firing',
    alert,
    n,
    key,
    rule,
    severity,
    service,
    title,
    paragraphs: paragraphsOf(notice),
    facts,
    at: new Date(notice.at).toISOString(),
    since: new Date(notice.since).toISOString(),
    repeat: notice.isRepeat,
    simulated: notice.isSimulated === true,
  };
}

/**
 * What stands behind `sha256=`: HMAC-SHA256, in hexadecimal, over the timestamp, a full stop and
 * the body as it was sent.
 */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/** Header values are ASCII (RFC 9110, section 5.5). */
const plain = (text: string): string => text.replace(/[^\x21-\x7e]/g, '-').slice(0, 200);

/** @param secret null: nothing is signed */
export const generic = (secret: string | null): Format => ({
  // A receiver that nobody knows: as much as any of the others takes.
  pace: { perMinute: 60, burst: 10 },
  urlFor: (url) => url,
  payload,
  headers(notice, body, now) {
    // The seconds of a wall clock, whatever clock the agent runs on: a receiver compares its own.
    const timestamp = String(Math.floor(now / 1_000));
    return {
      'idempotency-key': plain(idOf(notice)),
      'x-call-agent-timestamp': timestamp,
      ...(secret !== null && {
        'x-call-agent-signature': `sha256=${signatureOf(secret, timestamp, body)}`,
      }),
    };
  },
  secrets: secret === null ? [] : [secret],
});
