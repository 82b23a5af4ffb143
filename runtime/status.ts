import type { BreakerContext } from '../machines/breaker.ts';
import type { HealthContext } from '../machines/health.ts';
import type { ActorState } from '../store/replay.ts';
import { isChannel } from './channels.ts';

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'ISOLATED';

export interface ServiceStatus {
  readonly breaker: BreakerState;
  readonly failures: number;
  /** ISO 8601: when an open breaker lets a probe through. */
  readonly retryAt: string | null;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
}

export interface Status {
  readonly services: { readonly [service: string]: ServiceStatus };
}

const names: { readonly [state: string]: BreakerState } = {
  closed: 'CLOSED',
  open: 'OPEN',
  halfOpen: 'HALF_OPEN',
  isolated: 'ISOLATED',
};

/** Breaker and health of each service (ways to a person are none), from wherever actor states come: live ones or the journal. */
export function statusOf(
  services: readonly string[],
  actor: (id: string) => Pick<ActorState, 'state' | 'context'> | undefined,
): Status {
  const entries = services
    .filter((service) => !isChannel(service))
    .map((service): [string, ServiceStatus] => {
      const breaker = actor(`breaker:${service}`);
      const health = actor(`health:${service}`);
      const context = breaker?.context as Partial<BreakerContext> | undefined;
      const state = names[breaker?.state ?? 'closed'] ?? 'CLOSED';
      const dueAt = state === 'OPEN' ? (context?.dueAt ?? null) : null;
      return [
        service,
        {
          breaker: state,
          failures: context?.failures ?? 0,
          retryAt: dueAt === null ? null : new Date(dueAt).toISOString(),
          health: (health?.context as Partial<HealthContext> | undefined)?.health ?? 'UNKNOWN',
        },
      ];
    });
  return { services: Object.fromEntries(entries) };
}
