import { readConfig } from '../../config.ts';
import type { AgentOptions } from '../../index.ts';
import { makeChannels } from '../../sinks/channels/make.ts';
import { openTown, type Town } from '../peers/town.ts';
import { dataFolder, openAgent } from './agent.ts';
import { HeldChannels } from './held-channels.ts';
import type { VirtualAgent } from './virtual-agent.ts';

type Options = AgentOptions & { readonly startAt?: number };

export interface TownAgent {
  readonly town: Town;
  readonly held: HeldChannels;
  readonly dir: string;
  /** Starts an agent on the folder: the first one, or the next. */
  readonly start: (options?: Options) => Promise<VirtualAgent>;
}

/**
 * A folder, and every kind of receiver on loopback, in the virtual time of whatever agent runs.
 * @param only these channels. @default all, and the spreadsheet
 */
export async function openTownAgent(...only: readonly string[]): Promise<TownAgent> {
  const dir = dataFolder();
  let held = new HeldChannels([]);
  const town = await openTown(dir, () => held.now());
  const channels = makeChannels(readConfig(town.env));
  held = new HeldChannels(channels.filter(({ name }) => only.length === 0 || only.includes(name)));
  return {
    town,
    held,
    dir,
    start: async ({ env, ...options } = {}) => {
      const v = await openAgent({
        dataDir: dir,
        channels: held.all,
        onUnheard: () => {},
        // A spreadsheet's rows are sent by the wall's clock: only where the test is about them.
        env: { ...(only.length === 0 ? town.env : {}), ...env },
        ...options,
      });
      held.useClock(v.clock);
      return v;
    },
  };
}
