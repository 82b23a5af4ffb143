import { PermanentError } from '../../errors.ts';
import type { AICallAgent } from '../../index.ts';

const once = {
  retry: { maxRetries: 0 },
  breaker: { failureThreshold: 1_000_000 },
} as const;

/** An alert about each of these services, as if each refused the account. */
export async function raise(agent: AICallAgent, services: readonly string[]): Promise<void> {
  await Promise.all(
    services.map((service) =>
      agent.guard(service, once).tryExecute(() => {
        const about = { service, kind: 'Authentication', scope: 'account' } as const;
        throw new PermanentError(`${service} does not accept the key`, about);
      }),
    ),
  );
}

/** Ends them again. */
export async function resolve(agent: AICallAgent, services: readonly string[]): Promise<void> {
  await Promise.all(services.map((service) => agent.guard(service, once).tryExecute(() => 'well')));
}

export const servicesNamed = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
