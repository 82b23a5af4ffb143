import type { AlertText, IncidentEvent, IncidentInput, Told } from '../../machines/incident.ts';
import { RULES, type Condition } from './alert.ts';
import type { Incident } from './book.ts';
import type { AlertSettings } from './settings.ts';

/** What is known of one key at one moment. */
export interface Case {
  readonly at: number;
  readonly condition: Condition | null;
  readonly incident: Incident | undefined;
  /** Why nobody is to be told now. */
  readonly mute: string | null;
  /** The alert that says it all is still open. */
  readonly isCovered: boolean;
  /** How often it has come and gone lately. */
  readonly flaps: number;
  /** How many channels there are. */
  readonly channels: number;
  readonly settings: AlertSettings;
  /** The id that the next incident gets. */
  readonly nextId: string;
  /** Nobody is there to tell news later: none is held back. */
  readonly isLast: boolean;
  /** What to say when it is over. */
  readonly ending: (incident: Incident) => AlertText;
}

export type Decision =
  | { readonly type: 'open'; readonly input: IncidentInput }
  | { readonly type: 'feed'; readonly event: IncidentEvent };

/** From so many returns on, an incident is left open for a while: one alert in place of many. */
const FLAPPING_FROM = 3;

const feed = (event: IncidentEvent): Decision => ({ type: 'feed', event });

/**
 * What to do about one key, if anything. It is asked again after each thing done, and at every
 * start: what a crash has cut off is decided then.
 */
export function decide(one: Case): Decision | null {
  const { condition, incident } = one;
  if (!incident) return condition ? open(condition, one) : null;
  if (!condition) return end(incident, one);
  const { at, mute } = one;
  if (incident.state === 'silenced') {
    if (mute === null) return feed({ type: 'alert.unsilenced', at });
    return incident.isDue ? waitUntil(condition.recheckAt, one) : null;
  }
  if (mute !== null) return feed({ type: 'alert.silenced', at, by: mute });
  if (incident.state === 'pending') return raise(condition, incident, one);
  if (incident.state === 'acknowledged') {
    return incident.isDue ? waitUntil(condition.recheckAt, one) : null;
  }
  return remind(condition, incident, one);
}

function open({ key, rule, service, since, dueAt }: Condition, { at, nextId }: Case): Decision {
  const severity = RULES[rule];
  const wait = dueAt > at ? dueAt : null;
  return { type: 'open', input: { id: nextId, key, rule, severity, service, since, dueAt: wait } };
}

const waitUntil = (dueAt: number | null, { at }: Case): Decision =>
  feed({ type: 'alert.waits', at, dueAt });

/** Who was told hears of the end; who was not, because it was silenced or too short, does not. */
function end(incident: Incident, one: Case): Decision | null {
  const { at, flaps, settings, isCovered } = one;
  // It may only look over because its cause keeps everybody from trying.
  if (isCovered && incident.state === 'silenced') {
    return incident.isDue ? waitUntil(null, one) : null;
  }
  const steadyAt = (incident.raisedAt ?? at) + settings.calmAfterMs;
  if (flaps >= FLAPPING_FROM && incident.raisedAt !== null && at < steadyAt) {
    return incident.dueAt === steadyAt ? null : waitUntil(steadyAt, one);
  }
  const text = incident.n > 0 ? one.ending(incident) : null;
  return feed({ type: 'alert.resolved', at, text });
}

function raise(condition: Condition, incident: Incident, one: Case): Decision | null {
  const { at, settings, flaps } = one;
  if (condition.dueAt > at) {
    const isPlanned = incident.dueAt === condition.dueAt && !incident.isDue;
    return isPlanned ? null : waitUntil(condition.dueAt, one);
  }
  const reach = settings.escalateAfterMs === null ? null : 0;
  const told = tell(condition, { ...incident, raisedAt: at, reach }, one);
  const text = flaps === 0 ? told.text : flapping(told.text, flaps);
  return feed({ type: 'alert.raised', at, ...told, text });
}

function flapping(text: AlertText, flaps: number): AlertText {
  const again = `It comes and goes: ${flaps + 1} times lately.`;
  return { ...text, paragraphs: [...text.paragraphs, again] };
}

/** It fires and people know: news, a repeat, the next channel, or nothing yet. */
function remind(condition: Condition, incident: Incident, one: Case): Decision | null {
  const { at, settings } = one;
  const { isDue, toldAt, reach } = incident;
  const newsAt = one.isLast ? at : (toldAt ?? at) + settings.groupIntervalMs;
  const hasNews = condition.revision > incident.revision;
  const escalateAt = escalation(incident, one);
  if (isDue && escalateAt !== null && escalateAt <= at) {
    const further = { ...incident, reach: (reach ?? 0) + 1 };
    return feed({
      type: 'alert.updated',
      at,
      why: 'escalated',
      ...tell(condition, further, one),
    });
  }
  const repeatAt = repetition(toldAt ?? at, one);
  const why = hasNews && at >= newsAt ? 'changed' : 'repeated';
  if (why === 'changed' || (isDue && repeatAt !== null && repeatAt <= at)) {
    return feed({ type: 'alert.updated', at, why, ...tell(condition, incident, one) });
  }
  const next = soonest(condition.recheckAt, escalateAt, repeatAt, hasNews ? newsAt : null);
  const isLate = hasNews && (incident.dueAt === null || incident.dueAt > newsAt);
  return isDue || isLate ? waitUntil(next, one) : null;
}

function tell(
  condition: Condition,
  incident: Pick<Incident, 'since' | 'raisedAt' | 'reach' | 'severity'>,
  one: Case,
): Told {
  return {
    text: condition.text(incident.since),
    revision: condition.revision,
    reach: incident.reach,
    dueAt: soonest(condition.recheckAt, escalation(incident, one), repetition(one.at, one)),
  };
}

/** When the next channel is asked; null when there is none to ask. */
function escalation(
  { raisedAt, reach, severity }: Pick<Incident, 'raisedAt' | 'reach' | 'severity'>,
  { settings, channels }: Case,
): number | null {
  if (settings.escalateAfterMs === null || reach === null || raisedAt === null) return null;
  if (severity !== 'critical' || reach + 1 >= channels) return null;
  return raisedAt + (reach + 1) * settings.escalateAfterMs;
}

const repetition = (toldAt: number, { settings, channels }: Case): number | null =>
  settings.repeatAfterMs === null || channels === 0 ? null : toldAt + settings.repeatAfterMs;

function soonest(...times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
