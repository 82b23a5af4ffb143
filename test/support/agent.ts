import fs from 'node:fs';
import { onTestFinished } from 'vitest';
import type { AgentOptions } from '../../index.ts';
import type { ServiceName } from '../../config.ts';
import { folder, recordsIn } from './lives.ts';
import { EPOCH, startVirtualAgent, type VirtualAgent } from './virtual-agent.ts';
import type { JournalRecord } from '../../store/record.ts';

/** A data folder that is gone when the test ends. */
export function dataFolder(): string {
  const dir = folder();
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * An agent in virtual time, stopped when the test ends. Its providers answer at once, and it has
 * no health checks, unless the options say otherwise: so no timer but the tested ones waits.
 */
export async function openAgent(
  options: AgentOptions & { readonly startAt?: number } = {},
): Promise<VirtualAgent> {
  const { world, ...more } = options;
  const v = await startVirtualAgent({
    simulateAll: true,
    healthChecks: false,
    dataDir: options.dataDir ?? dataFolder(),
    ...more,
    world: { latencyMs: 0, ...world },
  });
  onTestFinished(() => v.agent.stop());
  return v;
}

/** When work requests reached a provider, in milliseconds since the start. */
export function requestTimes({ agent }: VirtualAgent, service: ServiceName): number[] {
  const requests = agent.world?.requests ?? [];
  return requests
    .filter((request) => request.service === service && request.method === 'POST')
    .map(({ at }) => at - EPOCH);
}

export const journalOf = ({ dir }: VirtualAgent): JournalRecord[] => recordsIn(dir);

/** A promise to be settled by hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: Error): void;
}

export function deferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}

/** Follows a promise without waiting for it. */
export function watch<T>(promise: Promise<T>): { settled: boolean; value?: T; error?: unknown } {
  const seen: { settled: boolean; value?: T; error?: unknown } = { settled: false };
  promise.then(
    (value) => Object.assign(seen, { settled: true, value }),
    (error: unknown) => Object.assign(seen, { settled: true, error }),
  );
  return seen;
}
