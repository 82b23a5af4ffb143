import type { Notice } from '../../../sinks/channels/channel.ts';

export const SINCE = Date.UTC(2026, 10, 24, 0, 15, 7);

/** An outage of ElevenLabs as the alert engine tells it. */
export const raised: Notice = {
  kind: 'raised',
  alert: 'breaker.opened:ElevenLabs#1',
  key: 'breaker.opened|ElevenLabs',
  n: 0,
  rule: 'breaker.opened',
  severity: 'critical',
  service: 'ElevenLabs',
  title: 'ElevenLabs is not called any more: its circuit breaker opened',
  paragraphs: [
    'Three requests in a row failed with all their retries, the last one with 503 <Service & "Unavailable">.',
    'Contacts that need it are put back and the campaign waits; nobody is used up. The agent tries again at 00:16:07 UTC.',
    "If it lasts, look at ElevenLabs' status page, or close the breaker with: call-agent reset ElevenLabs",
  ],
  facts: [
    { name: 'Service', value: 'ElevenLabs' },
    { name: 'Contacts waiting', value: '12' },
    { name: 'Next try', value: '2026-11-24 00:16:07 UTC' },
  ],
  at: SINCE,
  since: SINCE,
  isRepeat: false,
};

export const resolved: Notice = {
  ...raised,
  kind: 'resolved',
  n: 1,
  title: 'Resolved: ElevenLabs answers again',
  paragraphs: ['It was down for 3 minutes 12 seconds. The 12 contacts that waited are called now.'],
  facts: [{ name: 'Duration', value: '3m 12s' }],
  at: SINCE + 192_000,
};
