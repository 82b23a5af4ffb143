import type { BreakerContext, BreakerOptions } from '../../../machines/breaker.ts';
import type { HealthContext } from '../../../machines/health.ts';
import type { Failure } from '../../../machines/results.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { noRecent, type Recent } from './recent.ts';

/** Moves of a breaker or health checker that are kept for each service. */
const MOST_MOVES = 40;

export interface Move {
  readonly seq: number;
  readonly at: number;
  readonly machine: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
  /** Who asked for it, where somebody did. */
  readonly by: string | null;
}

/** One service as a page shows it. Times are epoch ms. */
export interface ServiceView {
  readonly name: string;
  breaker: string;
  failures: number;
  /** Open: the next probe. Half-open: when the probe under way counts as failed. */
  dueAt: number | null;
  options: BreakerOptions | null;
  /** State of the health checker's machine. */
  checker: string;
  health: string;
  healthSince: number | null;
  nextCheckAt: number | null;
  checkEveryMs: number | null;
  healthError: Failure | null;
  /** Since when it has been open, half-open or isolated; null when it is in use. */
  openSince: number | null;
  /** Sum of the times it was so before that, in milliseconds. */
  openMs: number;
  opens: number;
  bornAt: number;
  lastError: { readonly at: number; readonly error: Failure } | null;
  readonly moves: Move[];
  readonly recent: Recent;
}

export function newService(name: string, at: number): ServiceView {
  return {
    name,
    breaker: 'closed',
    failures: 0,
    dueAt: null,
    options: null,
    checker: 'unknown',
    health: 'UNKNOWN',
    healthSince: null,
    nextCheckAt: null,
    checkEveryMs: null,
    healthError: null,
    openSince: null,
    openMs: 0,
    opens: 0,
    bornAt: at,
    lastError: null,
    moves: [],
    recent: noRecent(),
  };
}

function noteMove(service: ServiceView, record: JournalRecord): void {
  const { seq, at, machine, event, from, to } = record;
  if (from === null || record.condensed) return;
  // A check every half minute would push out what matters.
  if (machine === 'health' && (to === 'checking' || record.context?.['health'] === undefined))
    return;
  const by = typeof event['by'] === 'string' ? event['by'] : null;
  service.moves.push({ seq, at, machine, event: event.type, from, to, by });
  if (service.moves.length > MOST_MOVES) service.moves.shift();
}

const isDown = (state: string): boolean => state !== 'closed';

export function applyBreaker(service: ServiceView, record: JournalRecord): void {
  const context = (record.context ?? {}) as Partial<BreakerContext>;
  const { at, from, to } = record;
  if (from !== null && from !== to && to === 'open' && from !== 'halfOpen') service.opens++;
  if (isDown(to)) service.openSince ??= at;
  else if (service.openSince !== null) {
    service.openMs += at - service.openSince;
    service.openSince = null;
  }
  service.breaker = to;
  service.failures = context.failures ?? service.failures;
  service.options = context.options ?? service.options;
  if (context.dueAt !== undefined) service.dueAt = context.dueAt;
  noteMove(service, record);
}

export function applyHealth(service: ServiceView, record: JournalRecord): void {
  const context = (record.context ?? {}) as Partial<HealthContext>;
  service.checker = record.to;
  service.health = context.health ?? service.health;
  service.healthSince = context.since ?? service.healthSince;
  service.nextCheckAt = context.dueAt ?? service.nextCheckAt;
  service.checkEveryMs = context.options?.intervalMs ?? service.checkEveryMs;
  if (context.error !== undefined) service.healthError = context.error;
  noteMove(service, record);
}

/** How much of its life the service was not admitting, 0 to 1. */
export function openShare({ bornAt, openMs, openSince }: ServiceView, now: number): number {
  const life = now - bornAt;
  if (life <= 0) return 0;
  return (openMs + (openSince === null ? 0 : now - openSince)) / life;
}
