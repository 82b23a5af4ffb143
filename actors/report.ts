import type { CampaignContext } from '../machines/campaign.ts';
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
  readonly nextAt: string | null;
  readonly contacts: {
    readonly total: number;
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
export function reportCall(contact: ContactDetails, entry: Entry | undefined): ReportedCall {
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
  readonly context: Pick<CampaignContext, 'pausedBy' | 'dueAt' | 'heldBy'>;
}

export interface ReportOptions {
  readonly info: ContactListInfo;
  readonly list: readonly ContactDetails[];
  readonly ledger: Ledger;
  readonly root: CampaignRoot | null;
  /** Somebody works on it. */
  readonly isRunning: boolean;
}

/** A campaign whose last contacts nobody can tell of waits for a person. */
function stateOf({ root, isRunning }: ReportOptions, unknown: number): CampaignState {
  if (!root) return unknown > 0 ? 'stopped' : 'done';
  if (root.state === 'paused') return 'paused';
  if (root.state === 'holding' && root.context.heldBy === null) return 'stopped';
  return isRunning && root.state !== 'stopped' ? 'running' : 'stopped';
}

const counted = ['completed', 'failed', 'deferred', 'skipped', 'unknown'] as const;

/** What a campaign has come to, every contact with its status. */
export function reportCampaign(options: ReportOptions): CampaignReport {
  const { info, list, ledger, root } = options;
  const calls = list.map((contact) => reportCall(contact, ledger.get(contact.id)));
  const count = (status: (typeof counted)[number]): number =>
    calls.filter((call) => call.status === status).length;
  const pausedBy = reportError(root?.context.pausedBy ?? null);
  const dueAt = root?.context.dueAt ?? null;
  return {
    campaign: info.campaign,
    state: stateOf(options, count('unknown')),
    pausedBy: pausedBy && {
      service: pausedBy.service,
      kind: pausedBy.kind,
      code: pausedBy.code,
      message: pausedBy.message,
    },
    nextAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    contacts: {
      total: list.length,
      completed: count('completed'),
      failed: count('failed'),
      deferred: count('deferred'),
      skipped: count('skipped'),
      unknown: count('unknown'),
    },
    rejected: info.rejected,
    duplicates: info.duplicates,
    rejectedFile: info.rejectedFile,
    calls,
  };
}
