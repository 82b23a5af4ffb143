import type { CallContext, CallResult } from '../../../machines/call-protocol.ts';
import type { Failure } from '../../../machines/results.ts';
import type { JournalRecord } from '../../../store/record.ts';

/** One contact's call as a page shows it: its last try. Never changed once later records have come. */
export interface CallView {
  readonly contact: string;
  campaign: string | null;
  /** The machine's state: queued, scripting … completed. */
  state: string;
  /** active, completed, failed, deferred, skipped, unknown. */
  status: string;
  disposition: string | null;
  crm: string | null;
  error: Failure | null;
  /** When it began, and when it last moved; epoch ms. */
  since: number;
  at: number;
  retryAt: number | null;
  tries: number;
  /** A wait between two attempts ends then. */
  waitsUntil: number | null;
  /** Attempts that have failed in the step under way. */
  failedAttempts: number;
  /** Of the first and the last line about it. */
  readonly firstSeq: number;
  seq: number;
}

const newCall = (contact: string, { at, seq }: JournalRecord): CallView => ({
  contact,
  campaign: null,
  state: 'queued',
  status: 'active',
  disposition: null,
  crm: null,
  error: null,
  since: at,
  at,
  retryAt: null,
  tries: 0,
  waitsUntil: null,
  failedAttempts: 0,
  firstSeq: seq,
  seq,
});

/** `call:0007.2` is the second try of the contact `0007`. */
export const contactOf = (root: string): string => root.replace(/^call:|\.\d+$/g, '');

/** The last try of every contact, by contact. */
export type Calls = Map<string, CallView>;

/** A copy to be changed: what a kept moment holds of the call stays as it was then. */
function callOf(calls: Calls, contact: string, record: JournalRecord): CallView {
  const known = calls.get(contact);
  const call = known ? { ...known } : newCall(contact, record);
  calls.set(contact, call);
  return call;
}

export function applyCall(calls: Calls, record: JournalRecord): void {
  const { at, from, to, seq } = record;
  const context = (record.context ?? {}) as Partial<CallContext>;
  const call = callOf(calls, contactOf(record.actor), record);
  if (from === null) {
    call.tries++;
    call.since = at;
    call.status = 'active';
    call.error = null;
    call.retryAt = null;
    call.campaign = context.campaign ?? null;
  }
  if (from !== to) call.failedAttempts = 0;
  call.state = to;
  call.at = at;
  call.seq = seq;
  call.waitsUntil = null;
  call.disposition = context.disposition ?? call.disposition;
  if (context.error !== undefined) call.error = context.error;
  if (context.result) applyResult(call, context.result);
}

function applyResult(
  call: CallView,
  { status, disposition, crm, error, retryAt }: CallResult,
): void {
  call.status = status;
  call.disposition = disposition ?? call.disposition;
  call.crm = crm;
  call.error = error;
  call.retryAt = retryAt;
}

/** Others, such as a breaker, have lines about a call as well. */
export function applyMention(calls: Calls, { corr, seq }: JournalRecord): void {
  const contact = corr === undefined ? '' : contactOf(corr);
  const known = calls.get(contact);
  if (known && known.seq < seq) calls.set(contact, { ...known, seq });
}

/** A request of a call: what it waits for, and what went wrong on the way. */
export function applyCallsRequest(calls: Calls, record: JournalRecord): void {
  const contact = contactOf(record.actor.split('/')[0] ?? '');
  if (!calls.has(contact)) return;
  const call = callOf(calls, contact, record);
  call.at = record.at;
  call.seq = record.seq;
  const { event, context, to } = record;
  if (event.type === 'attempt.failed') {
    call.failedAttempts++;
    call.error = event['error'] as Failure;
  }
  call.waitsUntil =
    to === 'waiting' ? ((context?.['dueAt'] as number | undefined) ?? call.waitsUntil) : null;
}

/** A contact that ended without a call, or whose `unknown` a person has settled. */
export function applySettled(calls: Calls, record: JournalRecord): void {
  const { event, at, actor, seq } = record;
  const isDropped = event.type === 'contact.dropped';
  const status = isDropped ? 'skipped' : String(event['status'] as string);
  const contact = event['contact'];
  if (typeof contact !== 'string' || status === 'deferred') return;
  const call = callOf(calls, contact, record);
  call.campaign = actor.slice(actor.indexOf(':') + 1);
  call.status = status;
  if (status === 'skipped') call.state = 'skipped';
  call.at = at;
  call.seq = seq;
}
