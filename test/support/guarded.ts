import { expect } from 'vitest';
import type { Guard, GuardOptions, Tried } from '../../runtime/guard.ts';
import type { AgentOptions } from '../../index.ts';
import { PermanentError } from '../../errors.ts';
import { openAgent } from './agent.ts';
import type { VirtualAgent } from './virtual-agent.ts';

export interface Guarded extends VirtualAgent {
  readonly guard: Guard;
  /** Lets everything happen that needs no time. */
  readonly settle: () => Promise<void>;
  /** Runs virtual time until `work` has ended. */
  readonly end: <T>(work: Promise<T>) => Promise<T>;
  /** Requests that fail, one after another, until the breaker is open. */
  readonly trip: () => Promise<void>;
  readonly breaker: () => string | undefined;
}

export const SERVICE = 'MyService';

/** A request is one attempt, unless the options say otherwise: what is tested is the breaker. */
export async function openGuard(
  options: GuardOptions = {},
  agentOptions: AgentOptions = {},
): Promise<Guarded> {
  const v = await openAgent(agentOptions);
  const retry = { maxRetries: 0, ...options.retry };
  const guard = v.agent.guard(SERVICE, { ...options, retry });
  const settle = (): Promise<void> => v.clock.advance(0);
  return {
    ...v,
    guard,
    settle,
    async end(work) {
      let isDone = false;
      const end = work.finally(() => (isDone = true));
      end.catch(() => {});
      await settle();
      if (!isDone) await v.clock.runUntil(() => isDone);
      return end;
    },
    async trip() {
      while (v.agent.status().services[SERVICE]?.breaker === 'CLOSED') {
        const tried = guard.tryExecute(fail);
        await settle();
        await tried;
      }
    },
    breaker: () => v.agent.status().services[SERVICE]?.breaker,
  };
}

export const fail = (): never => {
  throw new Error('it does not work');
};

export const refuseForGood = (): never => {
  throw new PermanentError('never', { service: SERVICE, kind: 'InvalidPayload', scope: 'contact' });
};

/** What became of it, in a word: the value, or the error's name. */
export const outcomeOf = <T>(tried: Tried<T>): T | string =>
  tried.ok ? tried.value : tried.error.name;

/** Its breaker has been open for a minute. */
export async function halfOpen(...options: Parameters<typeof openGuard>): Promise<Guarded> {
  const v = await openGuard(...options);
  await v.trip();
  await v.clock.advance(60_000);
  expect(v.breaker()).toBe('HALF_OPEN');
  return v;
}
