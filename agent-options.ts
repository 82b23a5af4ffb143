import type { Asked } from './actors/campaigns.ts';
import type { Config } from './config.ts';
import type { Clock } from './runtime/clock.ts';
import type { Observer } from './runtime/recorder.ts';
import type { Storage } from './runtime/runtime.ts';
import type { WorldOptions } from './scenarios/world/world.ts';
import type { AlertOptions } from './sinks/alerts/assemble.ts';
import type { Sink } from './sinks/sink.ts';
import type { Surroundings } from './sinks/standing.ts';

export interface AgentOptions extends AlertOptions {
  /** Where journal, contacts and artefacts live. @default 'data' */
  readonly dataDir?: string;
  /** Configuration, by the names of environment variables. @default process.env */
  readonly env?: { readonly [name: string]: string | undefined };
  /** How many times faster than the wall clock all waits run. @default 1 */
  readonly speed?: number;
  /** In place of the wall clock; it must not start before the journal's last line. */
  readonly makeClock?: (notBefore: number) => Clock;
  /** Simulate every service, whatever keys are set. @default false */
  readonly simulateAll?: boolean;
  /** Settings of the simulated world. */
  readonly world?: Omit<WorldOptions, 'clock' | 'services'>;
  /** Readers besides the log file. */
  readonly sinks?: (agent: Surroundings) => readonly Sink[];
  /** Watches the actors beside the journal: an inspector, say. */
  readonly observers?: readonly Observer[];
  /**
   * The unfinished campaign to go on with; of others, calls under way come to their end, and the
   * rest waits until they are resumed. What speaks against it is told before anything is started.
   * @default none
   */
  readonly goesOnWith?: Asked;
  /** Look after services with health checks. @default true */
  readonly healthChecks?: boolean;
  /** The journal can't be written any more; everything has stopped. @default throws */
  readonly onFatal?: (error: unknown) => void;
  /** How the journal is kept, where it is not as `JOURNAL_DURABILITY` says, on the real disk. */
  readonly storage?: Storage;
}

export interface SingleCallOptions {
  /** ElevenLabs fails with 503 for as long as it is tried; nobody is really called. @default false */
  readonly simulate503?: boolean;
}

/** How the journal is kept: as the configuration says, but for what is somebody's own. */
export const storageOf = (config: Config, own: Storage = {}): Storage => ({
  durability: config.JOURNAL_DURABILITY,
  ...own,
  snapshots: { every: config.JOURNAL_SNAPSHOT_RECORDS, ...own.snapshots },
});
