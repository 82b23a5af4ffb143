import type { Failure, Resumed, TimerFired } from './results.ts';

export interface CampaignInput {
  /** The id of this root: `campaign:spring-list`. */
  readonly id: string;
  readonly total: number;
  /** Contacts worked on at the same time. */
  readonly concurrency: number;
}

export type EndStatus = 'completed' | 'failed' | 'skipped' | 'unknown';
export type ContactStatus = EndStatus | 'deferred';

export interface CampaignContext extends CampaignInput {
  /** Waiting or deferred: not worked on now, and not ended. */
  readonly queued: number;
  readonly active: number;
  /** Workers ever started; the next one's number. */
  readonly workers: number;
  readonly ended: { readonly [status in EndStatus]: number };
  /** When holding: the moment to try again. */
  readonly dueAt: number | null;
  /** The service that is waited for, when it is one. */
  readonly heldBy: string | null;
  readonly pausedBy: Failure | null;
  /** Pauses since a contact last ended well. */
  readonly pauses: number;
  /** After a pause one contact goes alone, until it has shown that the reason is gone. */
  readonly isTrial: boolean;
  /** Who paused or stopped it; null while it goes on, and when an error paused it. */
  readonly haltedBy: string | null;
}

export interface WorkerInput {
  readonly campaign: string;
  readonly worker: number;
}

/** A worker's contact has ended, or is put back in the queue. */
export interface ContactSettled {
  readonly type: 'contact.settled';
  readonly at: number;
  readonly worker: number;
  readonly contact: string;
  readonly status: ContactStatus;
  readonly error: Failure | null;
  /** Put back: not before this. */
  readonly until?: number;
}

/** A worker found nothing that may be started before `until`. */
export interface ContactHeld {
  readonly type: 'contact.held';
  readonly at: number;
  readonly worker: number;
  readonly until: number;
  readonly service: string | null;
}

/** What a person says of a contact of whom nobody knows whether it was called. */
export const VERDICTS = ['answered', 'retry', 'skip'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ContactDecided {
  readonly type: 'contact.decided';
  readonly at: number;
  readonly contact: string;
  readonly verdict: Verdict;
  readonly by: string;
}

/** A person leaves out a contact that is put back: what it meets may be its own and no account's. */
export interface ContactDropped {
  readonly type: 'contact.dropped';
  readonly at: number;
  readonly contact: string;
  readonly by: string;
}

interface Order<Type extends string> {
  readonly type: Type;
  readonly at: number;
  readonly by: string;
}

export type CampaignEvent =
  | { readonly type: 'campaign.begin'; readonly at: number }
  | { readonly type: 'campaign.configure'; readonly at: number; readonly concurrency: number }
  | ContactSettled
  | ContactHeld
  | Order<'campaign.pause'>
  | Order<'campaign.stop'>
  | (Order<'campaign.resume'> & { readonly isTrial: boolean })
  | ContactDecided
  | ContactDropped
  | { readonly type: 'service.available'; readonly at: number; readonly service: string }
  | TimerFired
  | Resumed;
