import type { Tally } from './tally.ts';

/** What is asked of the services that every agent has; of one's own, `caller` is. */
const operations: { readonly [service: string]: readonly string[] } = {
  LLM: ['script'],
  ElevenLabs: ['speech'],
  Telephony: ['dial', 'follow', 'lookup'],
  CRM: ['record'],
};

/** The moves that a breaker makes of its own accord. */
const MOVES = [
  ['closed', 'open'],
  ['open', 'halfOpen'],
  ['halfOpen', 'open'],
  ['halfOpen', 'closed'],
  ['open', 'closed'],
] as const;

/**
 * A service's counters begin at 0 with its breaker: Prometheus' `increase()` sees no growth in a
 * series that is there only since its first event, and alerts would come one event late.
 */
export function beginCounters(tally: Tally, service: string): void {
  for (const [from, to] of MOVES) tally.begin('transitions', { service, from, to });
  tally.begin('recoverySeconds', { service });
  tally.begin('retries', { service });
  for (const status of ['succeeded', 'failed']) {
    tally.begin('retried', { service, status });
    for (const operation of operations[service] ?? ['caller']) {
      tally.begin('requests', { service, operation, status });
      tally.begin('attempts', { service, operation, outcome: status });
    }
  }
}
