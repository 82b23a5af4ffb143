import type { JournalRecord } from '../../../store/record.ts';
import type { CallView } from '../model/calls.ts';
import type { Model } from '../model/model.ts';

/** Which contacts a page wants to see. */
export interface ContactQuery {
  readonly status: string | null;
  /** A part of the error's code, kind or message. */
  readonly reason: string | null;
  readonly campaign: string | null;
  readonly offset: number;
  readonly limit: number;
}

export interface ContactPage {
  readonly total: number;
  readonly contacts: readonly CallView[];
}

export function contactsOf(model: Model, query: ContactQuery): ContactPage {
  const found = [...model.calls.values()].filter((call) => fits(call, query));
  return {
    total: found.length,
    contacts: found.slice(query.offset, query.offset + query.limit),
  };
}

function fits(call: CallView, { status, reason, campaign }: ContactQuery): boolean {
  if (status !== null && call.status !== status) return false;
  if (campaign !== null && call.campaign !== campaign) return false;
  if (reason === null) return true;
  const { code, kind, message, service } = call.error ?? {};
  const words = [code, kind, message, service, call.disposition].join(' ').toLowerCase();
  return words.includes(reason.toLowerCase());
}

/** Which records a page wants to see. */
export interface RecordQuery {
  /** A part of the actor's path. */
  readonly actor: string | null;
  /** The id of a call's root: `call:0007`. */
  readonly call: string | null;
  /** Only what went wrong. */
  readonly isFailed: boolean;
}

const bad = new Set(['failed', 'open', 'unhealthy', 'unsettled', 'unknown', 'paused', 'error']);

/** Whether a line tells of something that went wrong. */
export const tellsOfFailure = ({ event, to, from, machine }: JournalRecord): boolean =>
  event.type === 'attempt.failed' ||
  event.type === 'actor.failed' ||
  event.type === 'check.failed' ||
  event.type === 'request.failed' ||
  (from !== to && bad.has(to) && !(machine === 'health' && to === 'unknown'));

export function recordFits(record: JournalRecord, { actor, call, isFailed }: RecordQuery): boolean {
  if (actor !== null && !record.actor.includes(actor)) return false;
  if (call !== null && !belongsTo(record, call)) return false;
  return !isFailed || tellsOfFailure(record);
}

/** A call's own lines, those of its further tries, and what others say about it. */
function belongsTo({ actor, corr }: JournalRecord, call: string): boolean {
  const [root = ''] = actor.split('/');
  return corr === call || root === call || root.startsWith(`${call}.`);
}

/** Said where a file alone is looked at, and what came before it stands in others. */
export const notInFile = (first: number): string =>
  `What was before seq ${first} does not stand in this file: choose a later moment.`;
