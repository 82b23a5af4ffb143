import { createHash } from 'node:crypto';
import type { Notice } from '../channel.ts';
import { cut, paragraphsOf, titleOf } from '../words.ts';
import type { Format } from './format.ts';

/** Events API v2, "Send an alert event": limits of its fields, in characters. */
const LONGEST_SUMMARY = 1_024;
const LONGEST_KEY = 255;
/** An event has at most 512 KB; far less is read. */
const LONGEST_TEXT = 20_000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One incident, one key. */
const dedupKey = ({ key }: Notice): string => (key.length <= LONGEST_KEY ? key : sha256(key));

const actions: { readonly [kind in Notice['kind']]?: 'trigger' | 'acknowledge' | 'resolve' } = {
  raised: 'trigger',
  updated: 'trigger',
  acknowledged: 'acknowledge',
  test: 'trigger',
  resolved: 'resolve',
};

function payloadOf(notice: Notice): object {
  const { facts, kind, severity, service, rule, at, alert, isSimulated } = notice;
  const details = Object.fromEntries(facts.map(({ name, value }) => [name, cut(value, 1_000)]));
  return {
    summary: cut(titleOf(notice), LONGEST_SUMMARY),
    source: 'ai-call-agent',
    severity: kind === 'test' || isSimulated === true ? 'info' : severity,
    timestamp: new Date(at).toISOString(),
    class: rule,
    ...(service !== null && { component: service }),
    custom_details: {
      text: cut(paragraphsOf(notice).join('\n\n'), LONGEST_TEXT),
      ...details,
      alert,
    },
  };
}

/**
 * What is only worth knowing: a digest, and what began and ended unheard. A trigger would open an
 * incident that nothing closes, and a resolve of an unknown key is dropped; a change event stands
 * beside the service's incidents and pages nobody ("Change Events").
 */
const isInformation = ({ kind, wasMissed }: Notice): boolean =>
  kind === 'digest' || wasMissed === true;

function changeOf(notice: Notice): object {
  const { facts, at, alert } = notice;
  const details = Object.fromEntries(facts.map(({ name, value }) => [name, cut(value, 1_000)]));
  return {
    summary: cut(titleOf(notice), LONGEST_SUMMARY),
    source: 'ai-call-agent',
    timestamp: new Date(at).toISOString(),
    custom_details: {
      text: cut(paragraphsOf(notice).join('\n\n'), LONGEST_TEXT),
      ...details,
      alert,
    },
  };
}

/** PagerDuty answers 429 between 120 and 480 events a minute, depending on whom one asks. */
export const pagerduty = (routingKey: string): Format => ({
  pace: { perMinute: 60, burst: 10 },
  keepsIncidents: true,
  urlFor(address, notice) {
    const url = new URL(address);
    if (url.pathname === '/') url.pathname = '/v2/enqueue';
    if (isInformation(notice)) url.pathname = url.pathname.replace(/enqueue$/, 'change/enqueue');
    return url.href;
  },
  payload: (notice) =>
    isInformation(notice)
      ? { routing_key: routingKey, payload: changeOf(notice) }
      : {
          routing_key: routingKey,
          event_action: actions[notice.kind],
          dedup_key: dedupKey(notice),
          client: 'AI call agent',
          payload: payloadOf(notice),
        },
  broken: /routing.?key/i,
  secrets: [routingKey],
});
