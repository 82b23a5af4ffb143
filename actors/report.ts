import type { CampaignContext } from '../machines/campaign-protocol.ts';
import type { Failure } from '../machines/results.ts';
import type { ContactDetails, ContactListInfo } from '../store/contacts.ts';
import type { Entry, EntryStatus, Ledger } from '../store/ledger.ts';

export type CampaignState = 'running' | 'done' | 'paused' | 'stopped';

/** An error as other programs see it. */
export interface ReportedError {
  readonly category: string;
  readonly kind: string;
  readonly scope: string | null;
  readonly service: string;
  readonly code: string | number | null;
  readonly message: string;
}

export interface ReportedCall {
  readonly contact: string;
  readonly name: string;
  readonly status: EntryStatus | 'waiting';
  readonly disposition: string | null;
  readonly crm: 'done' | 'pending' | null;
  readonly attempts: { readonly [service: string]: number };
  readonly error: ReportedError | null;
}

export interface CampaignReport {
  readonly campaign: string;
  readonly state: CampaignState;
  readonly pausedBy: Pick<ReportedError, 'service' | 'kind' | 'code' | 'message'> | null;
  /** Who paused or stopped it, when a person or a signal did. */
  readonly haltedBy: string | null;
  readonly nextAt: string | null;
  readonly contacts: {
    readonly total: number;
    readonly waiting: number;
    readonly active: number;
    readonly completed: number;
    readonly failed: number;
    readonly deferred: number;
    readonly skipped: number;
    readonly unknown: number;
  };
  readonly rejected: number;
  readonly duplicates: number;
  readonly rejectedFile: string | null;
  readonly calls: readonly ReportedCall[];
}

export function reportError(error: Failure | null): ReportedError | null {
  if (!error) return null;
  const { category, kind, scope, service, code, message } = error;
  return { category, kind, scope, service, code, message };
}

/** One contact's line of a report; a contact that nobody has called yet is waiting. */
export function reportCall(
  contact: Pick<ContactDetails, 'id' | 'name'>,
  entry: Entry | undefined,
): ReportedCall {
  return {
    contact: contact.id,
    name: contact.name,
    status: entry?.status ?? 'waiting',
    disposition: entry?.disposition ?? null,
    crm: entry?.crm ?? null,
    attempts: entry?.attempts ?? {},
    error: reportError(entry?.error ?? null),
  };
}

/** The campaign's root as it stands; null when it has ended. */
export interface CampaignRoot {
  readonly state: string;
  readonly context: Pick<CampaignContext, 'pausedBy' | 'dueAt' | 'heldBy' | 'haltedBy'>;
}

export interface ReportOptions {
  readonly info: ContactListInfo;
  readonly list: Iterable<ContactDetails>;
  readonly ledger: Ledger;
  readonly root: CampaignRoot | null;
  /** Somebody works on it. */
  readonly isRunning: boolean;
}

/**
 * A campaign whose last contacts nobody can tell of waits for a person; one whose list is there,
 * but of which the journal knows nothing, has yet to begin.
 */
function stateOf({ info, ledger, root, isRunning }: ReportOptions, unknown: number): CampaignState {
  if (!root) return unknown > 0 || !ledger.hasCampaign(info.campaign) ? 'stopped' : 'done';
  if (root.state === 'paused') return 'paused';
  const goesOn = root.state !== 'stopped' && root.state !== 'undecided';
  return isRunning && goesOn ? 'running' : 'stopped';
}

/** When it can go on: what it holds for, or the first of its contacts when all are due later. */
function nextAtOf(
  { root, ledger, info }: ReportOptions,
  { waiting, active }: CampaignReport['contacts'],
): string | null {
  if (!root) return null;
  const { dueAt } = root.context;
  if (dueAt !== null) return new Date(dueAt).toISOString();
  const first = ledger.deferred(info.campaign).first();
  const isDueLater = root.context.pausedBy === null && waiting + active === 0;
  if (!isDueLater || !first || first.notBefore === null) return null;
  return new Date(first.notBefore).toISOString();
}

/** What a campaign has come to, every contact with its status. */
export function reportCampaign(options: ReportOptions): CampaignReport {
  const { info, list, ledger, root } = options;
  // What it paused for would meet those that were not tried as well.
  const isBlocked = root?.state === 'paused' && root.context.pausedBy !== null;
  const calls = Array.from(list, (contact) => reportCall(contact, ledger.get(contact.id))).map(
    (call) =>
      isBlocked && call.status === 'waiting' ? { ...call, status: 'deferred' as const } : call,
  );
  const counts = new Map<string, number>();
  for (const { status } of calls) counts.set(status, (counts.get(status) ?? 0) + 1);
  const count = (status: ReportedCall['status']): number => counts.get(status) ?? 0;
  const pausedBy = reportError(root?.context.pausedBy ?? null);
  const contacts = {
    total: calls.length,
    waiting: count('waiting'),
    active: count('active'),
    completed: count('completed'),
    failed: count('failed'),
    deferred: count('deferred'),
    skipped: count('skipped'),
    unknown: count('unknown'),
  };
  const isHalted = root?.state === 'paused' || root?.state === 'stopped';
  return {
    campaign: info.campaign,
    state: stateOf(options, count('unknown')),
    pausedBy: pausedBy && {
      service: pausedBy.service,
      kind: pausedBy.kind,
      code: pausedBy.code,
      message: pausedBy.message,
    },
    haltedBy: isHalted ? (root?.context.haltedBy ?? null) : null,
    nextAt: nextAtOf(options, contacts),
    contacts,
    rejected: info.rejected,
    duplicates: info.duplicates,
    rejectedFile: info.rejectedFile,
    calls,
  };
}
