import { addArchiveCommand } from '../runtime/archive.ts';
import { addBreakerCommands } from '../runtime/breaker-commands.ts';
import { addClockCommand } from '../runtime/clock-command.ts';
import type { CommandDesk } from '../runtime/commands.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { addCampaignCommands } from './campaign-commands.ts';
import type { Campaigns } from './campaigns.ts';
import { addErasureCommand } from './erasure-orders.ts';
import type { OwedRecords } from './owed-records.ts';

export interface Commanded {
  readonly runtime: Runtime;
  readonly campaigns: Campaigns;
  readonly owed: OwedRecords;
  /** Seconds of the agent's in a second of the wall's. */
  readonly speed: number;
}

/** Everything that can be asked of an agent, but for what concerns its alerts. */
export function addCommands(
  desk: CommandDesk,
  { runtime, campaigns, owed, speed }: Commanded,
): void {
  addArchiveCommand(desk, runtime);
  addBreakerCommands(desk, runtime);
  addErasureCommand(desk, runtime);
  addCampaignCommands(desk, runtime, campaigns, owed);
  addClockCommand(desk, runtime.clock, speed);
}
