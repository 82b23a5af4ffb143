import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { CommandDesk } from './commands.ts';

/** The agent's own time: it may run faster than life, and ahead of it. */
export interface AgentTime {
  /** Epoch ms. */
  readonly now: number;
  /** How many times faster than life it runs. */
  readonly speed: number;
}

/** Tells whoever shows a countdown how late it is. */
export function addClockCommand(commands: CommandDesk, clock: Clock, speed: number): void {
  commands.add('clock', z.object({ by: z.string() }), (): AgentTime => ({
    now: clock.now(),
    speed,
  }));
}
