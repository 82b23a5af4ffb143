import type { AlertText, Severity } from '../../machines/incident.ts';

export const RULES = {
  'service.down': 'critical',
  'breaker.opened': 'critical',
  'call.failed': 'critical',
  'campaign.paused': 'critical',
  'account.error': 'critical',
  'error.rate': 'critical',
  'retry.rate': 'warning',
  'latency.high': 'warning',
  'call.unknown': 'warning',
  'disk.full': 'warning',
  'channel.failing': 'warning',
} as const satisfies { readonly [rule: string]: Severity };

export type RuleName = keyof typeof RULES;

/** Something that people should hear of for as long as it holds. */
export interface Condition {
  /** The same trouble has the same key. At most 255 characters. */
  readonly key: string;
  readonly rule: RuleName;
  /** The service it is about, as people see it; null when it is about no single one. */
  readonly service: string | null;
  /** The service whose own alert would say it all. */
  readonly blame: string | null;
  readonly since: number;
  /** Told from then on, if it still holds. */
  readonly dueAt: number;
  /** Grows with what there is to tell. */
  readonly revision: number;
  /** It may end without anything happening: look again then. */
  readonly recheckAt: number | null;
  /** What to tell now of an incident that began at `since`. */
  readonly text: (since: number) => AlertText;
}

/** Whom to ask for what they would say of an incident that is over. */
export interface Ending {
  readonly service: string | null;
  readonly key: string;
  readonly since: number;
  readonly at: number;
}

export const keyOf = (rule: RuleName, what: string | null): string =>
  what === null ? rule : `${rule} ${what}`.slice(0, 255);
