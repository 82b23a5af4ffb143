import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AICallAgent, type AgentOptions } from '../../index.ts';
import { VirtualTime, type Drive } from '../../scenarios/virtual.ts';
import type { VirtualClock } from '../../scenarios/world/virtual-clock.ts';

/** 2026-09-21T14:13:20Z: any fixed moment does. */
export const EPOCH = 1_790_000_000_000;

export interface VirtualAgent {
  readonly agent: AICallAgent;
  readonly clock: VirtualClock;
  readonly dir: string;
  /** Runs virtual time until `work` has ended. */
  readonly drive: Drive;
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-'));
}

export const journalFile = (dir: string): string =>
  path.join(dir, 'journal', '00000000000000000001.jsonl');

/** An agent in virtual time whose providers are simulated in this process, without sockets. */
export async function startVirtualAgent(
  options: AgentOptions & { readonly startAt?: number } = {},
): Promise<VirtualAgent> {
  const { startAt = EPOCH, ...more } = options;
  const dir = options.dataDir ?? temporaryFolder();
  const time = new VirtualTime(startAt);
  const env = { LOG_FILE_PATH: path.join(dir, 'log.json'), ...options.env };
  const agent = await AICallAgent.start(time.options({ ...more, dataDir: dir, env }));
  return { agent, clock: time.clock, dir, drive: time.driverOf(agent) };
}
