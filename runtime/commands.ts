import { UserError } from '../errors.ts';
import type { BreakerRef } from '../machines/breaker.ts';
import type { Runtime } from './runtime.ts';

/** What may be asked of a running agent. `by` says who asked, and is journalled. */
export type Command = {
  /** `reset` closes, `isolate` takes out of use, `release` ends that. */
  readonly type: 'reset' | 'isolate' | 'release';
  /** Null for all. */
  readonly services: readonly string[] | null;
  readonly by: string;
};

/** Carries a command out. @throws UserError when it can't be */
export type CommandPort = (command: Command) => unknown;

function breakerOf({ desk }: Runtime, service: string): BreakerRef {
  const breaker = desk.get(service);
  if (breaker) return breaker;
  const known = desk.services().join(', ');
  throw new UserError(`There is no service called ${service}: known are ${known}.`);
}

/** The one way in for everybody who wants something done: command line, socket, code. */
export function carryOut(runtime: Runtime, { type, services, by }: Command): void {
  const known = ['reset', 'isolate', 'release'];
  if (!known.includes(type))
    throw new UserError(`The agent does not know the command ${String(type)}.`);
  const breakers = (services ?? runtime.desk.services()).map((name) => breakerOf(runtime, name));
  for (const breaker of breakers) {
    breaker.send({ type: `breaker.${type}`, at: runtime.clock.now(), by });
  }
}
