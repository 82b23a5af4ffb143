import { createMachine } from 'xstate';
import { afterEach } from 'vitest';
import { machines } from '../../machines/registry.ts';
import type { Logic } from '../../store/fold.ts';

/** What a later version of the program takes over from an earlier one. */
export const longLived = ['agent', 'breaker', 'campaign', 'health', 'incident', 'silence'] as const;

const original = { ...machines };
/** What the program runs: the registry's own object. */
const registry = machines as unknown as Record<string, Logic[string]>;

/**
 * From here on, and until the test ends, the program is its own next version: these machines have
 * one more state and one more event, and are the same otherwise.
 */
export function upgrade(...names: readonly (keyof typeof machines)[]): void {
  for (const name of names) {
    const { config, implementations } = original[name];
    const { states, on } = config as { states: object; on?: object };
    const more = {
      states: { ...states, retired: {} },
      on: { ...on, retire: { target: '.retired' } },
    };
    registry[name] = createMachine(
      { ...config, ...more } as never,
      implementations as never,
    ) as unknown as Logic[string];
  }
}

/** The program is what it is again. */
export function downgrade(): void {
  Object.assign(registry, original);
}

afterEach(downgrade);
