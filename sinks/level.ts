import type { Happening } from './reading.ts';

/** How much somebody wants to hear, from everything to failures alone. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** Whether something of this level is told to somebody who wants to hear `least`. */
export const isTold = (level: Level, least: Level): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(least);

/** What a happening means to whoever reads a log. */
export function levelOf(happening: Happening): Level {
  switch (happening.type) {
    case 'attempt.failed':
    case 'retry.planned':
      return 'warn';
    case 'request.ended': {
      const { status } = happening.result;
      if (status === 'succeeded') return 'info';
      return status === 'failed' || status === 'unsettled' ? 'error' : 'warn';
    }
    case 'call.ended': {
      const { status } = happening.result;
      if (status === 'completed') return 'info';
      return status === 'deferred' ? 'warn' : 'error';
    }
    case 'breaker.moved':
      return happening.to === 'open' || happening.to === 'isolated' ? 'error' : 'info';
    case 'health.changed':
      return happening.health === 'HEALTHY' ? 'info' : 'warn';
    case 'campaign.moved':
      return happening.to === 'paused' && happening.context.pausedBy ? 'error' : 'info';
    case 'call.moved':
    case 'contact.skipped':
      return 'info';
  }
}
