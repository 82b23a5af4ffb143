import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { BreakerRef } from '../machines/breaker.ts';
import type { CommandDesk } from './commands.ts';
import type { Runtime } from './runtime.ts';

/** Null for all services. */
const schema = z.object({ services: z.array(z.string()).nullable(), by: z.string() });

function breakerOf({ desk }: Runtime, service: string): BreakerRef {
  const breaker = desk.get(service);
  if (breaker) return breaker;
  const known = desk.services().join(', ');
  throw new UserError(`There is no service called ${service}: known are ${known}.`);
}

/**
 * `reset` closes breakers, `isolate` takes services out of use, `release` ends that; `status` tells
 * how the services are.
 */
export function addBreakerCommands(commands: CommandDesk, runtime: Runtime): void {
  commands.add('status', z.object({ by: z.string() }), () => runtime.status());
  for (const type of ['reset', 'isolate', 'release'] as const) {
    commands.add(type, schema, ({ services, by }) => {
      const breakers = (services ?? runtime.desk.services()).map((name) =>
        breakerOf(runtime, name),
      );
      for (const breaker of breakers) {
        breaker.send({ type: `breaker.${type}`, at: runtime.clock.now(), by });
      }
      return runtime.status();
    });
  }
}
