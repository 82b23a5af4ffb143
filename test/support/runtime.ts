import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Runtime, type Effects, type RuntimeOptions } from '../../runtime/runtime.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import { Artefacts } from '../../store/artefacts.ts';
import { defaultRetryPolicy } from '../../machines/backoff.ts';
import type { RequestInput } from '../../machines/request-protocol.ts';
import { dataFolder } from './agent.ts';
import { EPOCH } from './virtual-agent.ts';

export interface OpenedRuntime {
  readonly runtime: Runtime;
  readonly clock: VirtualClock;
  /** What could not be survived. */
  readonly fatal: unknown[];
  readonly settle: () => Promise<void>;
}

/** The machines' runtime with effects of the test's own, in virtual time. */
export function openRuntime(
  effects: Partial<Effects> = {},
  options: Partial<RuntimeOptions> = {},
): OpenedRuntime {
  const dir = options.dir ?? dataFolder();
  const clock = new VirtualClock({ startAt: EPOCH });
  const fatal: unknown[] = [];
  const runtime = new Runtime({
    dir,
    version: 'test',
    artefacts: new Artefacts(path.join(dir, 'artefacts')),
    makeClock: () => clock,
    effects: () => ({
      operation: () => undefined,
      check: () => Promise.resolve(),
      worker: () => Promise.resolve(),
      ...effects,
    }),
    simulated: [],
    secrets: [],
    observers: [],
    onFatal: (error) => void fatal.push(error),
    storage: { durability: 'process', sync: () => Promise.resolve() },
    ...options,
  });
  onTestFinished(() => runtime.close());
  runtime.begin();
  return { runtime, clock, fatal, settle: () => clock.advance(0) };
}

export const requestInput = (id: string, more: Partial<RequestInput> = {}): RequestInput => ({
  id,
  service: 'LLM',
  operation: 'script',
  payload: {},
  once: false,
  owned: false,
  policy: { ...defaultRetryPolicy, maxRetries: 0 },
  seed: 1,
  corr: null,
  at: EPOCH,
  ...more,
});
