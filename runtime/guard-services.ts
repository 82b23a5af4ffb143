import { SERVICES, type Config } from '../config.ts';
import { breakerOptionsOf, healthOptionsOf } from './policies.ts';
import type { Runtime } from './runtime.ts';

/** A circuit breaker for each service that a call needs, and a health checker where that is wanted. */
export function guardServices(runtime: Runtime, config: Config, isWatched: boolean): void {
  for (const service of SERVICES) {
    const options = config.services[service];
    runtime.guardService(service, breakerOptionsOf(options));
    if (isWatched) runtime.watchService(service, healthOptionsOf(options));
  }
}
