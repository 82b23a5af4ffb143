import path from 'node:path';
import { readConfig, type Env } from '../../config.ts';
import { readFolder, readReports } from '../../actors/reading.ts';
import type { AgentTime } from '../../runtime/clock-command.ts';
import type { Command } from '../../runtime/commands.ts';
import { isAnswering, sendCommand } from '../../runtime/control.ts';
import type { Backstage } from '../../sinks/dashboard/server/api.ts';
import type { SourceOptions } from '../../sinks/dashboard/server/journal-source.ts';
import { carryOutOffline } from './offline.ts';
import { channelsOf } from './options.ts';

/** Whoever works on the folder, by its control socket; the dashboard itself only reads. */
export function folderStage(dataDir: string, values: Env): Backstage {
  const config = readConfig(values);
  return {
    command: async (command) => {
      const reached = await sendCommand(dataDir, command as Command);
      if (reached) return reached.result;
      return (await carryOutOffline(dataDir, config, command)) ?? null;
    },
    time: async () => {
      const reached = await sendCommand(dataDir, { type: 'clock', by: 'dashboard' });
      return (reached?.result ?? null) as AgentTime | null;
    },
    campaigns: async () => readReports(readFolder(dataDir), await isAnswering(dataDir)),
    channels: channelsOf(config, dataDir),
  };
}

/** A data folder of our own keeps what the dashboard has read, for its next start. */
export function keptIn(dataDir: string, complain: (sentence: string) => void): SourceOptions {
  const keepIn = path.join(dataDir, 'snapshots', 'dashboard');
  return {
    keepIn,
    onNotKept: ({ message }) =>
      complain(
        `The dashboard can't keep its state in ${keepIn}, so its next start will read the whole journal: ${message}`,
      ),
  };
}

/** A journal alone: there is nobody to ask. */
export const fileStage: Backstage = {
  command: null,
  time: () => Promise.resolve(null),
  campaigns: () => Promise.resolve([]),
  channels: null,
};
