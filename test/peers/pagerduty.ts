import { HttpPeer, Limit, type Asked, type Reply } from './http.ts';

export const ROUTING_KEY = 'pdsecret0123456789abcdefpdsecret';

export interface PagerDutyEvent {
  readonly routing_key: string;
  readonly event_action?: string;
  readonly dedup_key?: string;
  readonly payload?: {
    readonly summary?: string;
    readonly source?: string;
    readonly severity?: string;
    readonly timestamp?: string;
    readonly custom_details?: { readonly [name: string]: unknown };
  };
}

const severities = ['critical', 'error', 'warning', 'info'];

/** What is wrong with an event, in PagerDuty's words. */
function errorsOf(event: PagerDutyEvent): string[] {
  const { event_action: action, dedup_key: key = '', payload = {} } = event;
  const errors: string[] = [];
  if (!['trigger', 'acknowledge', 'resolve'].includes(action ?? '')) {
    errors.push("'event_action' must be one of trigger, acknowledge, resolve");
  }
  if (key.length > 255) errors.push("'dedup_key' is too long");
  if (action !== 'trigger') return key === '' ? [...errors, "'dedup_key' is missing"] : errors;
  const summary = payload.summary ?? '';
  if (summary.length < 1 || summary.length > 1_024) errors.push("'payload.summary' is wrong");
  if (!payload.source) errors.push("'payload.source' is missing or blank");
  if (!severities.includes(payload.severity ?? '')) errors.push("'payload.severity' is invalid");
  return errors;
}

/** "Change Events": only a summary is needed, and a key means nothing. */
function changeErrorsOf({ event_action: action, payload = {} }: PagerDutyEvent): string[] {
  const summary = payload.summary ?? '';
  return [
    ...(action === undefined ? [] : ["'event_action' is none of a change event's"]),
    ...(summary.length < 1 || summary.length > 1_024 ? ["'payload.summary' is wrong"] : []),
  ];
}

/**
 * PagerDuty's Events API v2: 120 a minute, and one incident for each key that is open. A trigger of
 * a key that is open is no second one, and a resolve of one that is not says nothing.
 */
export async function startPagerDuty(now: () => number = Date.now) {
  const limit = new Limit(120, 60_000, now);
  const events: PagerDutyEvent[] = [];
  const changes: PagerDutyEvent[] = [];
  const open = new Set<string>();
  const peer = await HttpPeer.start(({ method, path, text, json }: Asked): Reply => {
    const isChange = path === '/v2/change/enqueue';
    if (method !== 'POST' || (path !== '/v2/enqueue' && !isChange))
      return { status: 404, body: '' };
    if (limit.take() > 0) return { status: 429, body: { status: 'throttle exceeded' } };
    const event = json as PagerDutyEvent | null;
    const errorsIn = isChange ? changeErrorsOf : errorsOf;
    const errors = event === null ? ['not JSON'] : errorsIn(event);
    if (event?.routing_key !== ROUTING_KEY) errors.push("'routing_key' is invalid");
    if (errors.length > 0 || event === null || text.length > 512_000) {
      const body = { status: 'invalid event', message: 'Event object is invalid', errors };
      return { status: 400, body };
    }
    if (isChange) {
      changes.push(event);
      return { status: 202, body: { status: 'success', message: 'Change event processed' } };
    }
    events.push(event);
    const key = event.dedup_key ?? String(events.length);
    if (event.event_action === 'resolve') open.delete(key);
    else if (event.event_action === 'trigger') open.add(key);
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
  });
  return { peer, events, changes, open, url: `${peer.origin}/v2/enqueue` };
}
