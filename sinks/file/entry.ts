import type { Happening } from '../reading.ts';
import { levelOf, type Level } from '../level.ts';

export type BreakerName = 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'ISOLATED';

/** One line of the error log, for engineers. */
export interface LogEntry {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly service_name: string;
  readonly error_category: string | null;
  readonly retry_count: number;
  readonly circuit_breaker_state: BreakerName;
  readonly message: string;
  readonly call: string | null;
  readonly seq: number;
  readonly level: Level;
}

const breakerNames: { readonly [state: string]: BreakerName } = {
  closed: 'CLOSED',
  open: 'OPEN',
  halfOpen: 'HALF_OPEN',
  isolated: 'ISOLATED',
};

export const breakerName = (state: string): BreakerName => breakerNames[state] ?? 'CLOSED';

/** The part of a line that the happening itself says. */
export interface Told {
  readonly service: string;
  readonly category: string | null;
  readonly retries: number;
  readonly message: string;
  readonly level: Level;
}

/** @returns null for what no log is to hold */
export function tell(happening: Happening): Told | null {
  const said = words(happening);
  return said && { category: null, retries: 0, level: levelOf(happening), ...said };
}

type Words = Pick<Told, 'service' | 'message'> & Partial<Told>;

function words(happening: Happening): Words | null {
  switch (happening.type) {
    case 'attempt.failed': {
      const { service, error, retries } = happening;
      return { service, category: error.category, retries, message: error.message };
    }
    case 'request.ended':
      return wordsOfEnd(happening);
    case 'breaker.moved': {
      const { service, from, to } = happening;
      return { service, message: `circuit breaker: ${breakerName(from)} → ${breakerName(to)}` };
    }
    case 'health.changed': {
      const { service, health, before, error } = happening;
      if (before === 'UNKNOWN' && health === 'HEALTHY') return null;
      const why = error ? `: ${error.message}` : '';
      const message = `health: ${before} → ${health}${why}`;
      return { service, category: error?.category ?? null, message };
    }
    case 'call.ended':
      return wordsOfCall(happening);
    case 'campaign.moved': {
      const { campaign, to, context } = happening;
      if (to !== 'paused' || !context.pausedBy) return null;
      const { service, category, message } = context.pausedBy;
      return { service, category, message: `campaign ${campaign} paused: ${message}` };
    }
    case 'call.moved': {
      const message = `call: ${happening.from} → ${happening.to}`;
      return { service: 'agent', message, level: 'debug' };
    }
    case 'retry.planned':
    case 'contact.skipped':
      return null;
  }
}

function wordsOfEnd({
  service,
  retries,
  result,
}: Happening & { type: 'request.ended' }): Words | null {
  const { status, error } = result;
  if (status === 'succeeded') {
    return retries === 0 ? null : { service, retries, message: 'recovered after retries' };
  }
  const category = error?.category ?? null;
  const what = status === 'failed' && retries > 0 ? 'max retries exceeded' : status;
  return { service, category, retries, message: `request ${what}: ${error?.message ?? ''}` };
}

/** What went well, or will be tried again, is for those who want to see every step. */
function wordsOfCall({ result }: Happening & { type: 'call.ended' }): Words {
  const { status, error, disposition } = result;
  if (status === 'completed') {
    const message = `call completed: ${disposition ?? 'no outcome'}`;
    return { service: 'agent', message, level: 'debug' };
  }
  const service = error?.service ?? 'agent';
  const category = error?.category ?? null;
  const message = `call ${status}: ${error?.message ?? disposition ?? 'no reason given'}`;
  return { service, category, message, ...(status === 'deferred' && { level: 'debug' as const }) };
}
