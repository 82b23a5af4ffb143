import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AICallAgent, type AgentOptions } from '../../index.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import type { Journal } from '../../store/journal.ts';

/** 2026-09-21T14:13:20Z: any fixed moment does. */
export const EPOCH = 1_790_000_000_000;

export interface VirtualAgent {
  readonly agent: AICallAgent;
  readonly clock: VirtualClock;
  readonly dir: string;
  /** Runs virtual time until `work` has ended. */
  drive<T>(work: Promise<T>): Promise<T>;
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-'));
}

export const journalFile = (dir: string): string =>
  path.join(dir, 'journal', '00000000000000000001.jsonl');

/** The first line about a call or a campaign: until then real files are read, and time stands. */
function begun(journal: Journal): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ machine }: { machine: string }): void => {
      if (machine !== 'call' && machine !== 'campaign') return;
      journal.off('record', look);
      resolve();
    };
    journal.on('record', look);
  });
}

/** An agent in virtual time whose providers are simulated in this process, without sockets. */
export async function startVirtualAgent(
  options: AgentOptions & { readonly startAt?: number } = {},
): Promise<VirtualAgent> {
  const dir = options.dataDir ?? temporaryFolder();
  let clock = new VirtualClock({ startAt: options.startAt ?? EPOCH });
  const agent = await AICallAgent.start({
    dataDir: dir,
    env: { LOG_FILE_PATH: path.join(dir, 'log.json'), ...options.env },
    makeClock: (notBefore) => {
      clock = new VirtualClock({ startAt: Math.max(notBefore, options.startAt ?? EPOCH) });
      return clock;
    },
    sync: () => Promise.resolve(),
    ...options,
    world: { listen: false, ...options.world },
  });
  const hasBegun = begun(agent.journal);
  return {
    agent,
    clock,
    dir,
    async drive(work) {
      let isDone = false;
      const end = work.finally(() => (isDone = true));
      end.catch(() => {});
      await Promise.race([hasBegun, end.catch(() => {})]);
      await clock.runUntil(() => isDone);
      return end;
    },
  };
}
