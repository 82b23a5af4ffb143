import type { Environment } from './environment.ts';
import type { Io } from './io.ts';

/** Flags as they were given; those that were not are undefined. */
export interface Flags {
  readonly data?: string;
  readonly speed?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly help?: boolean;
  readonly version?: boolean;
  readonly concurrency?: string;
  readonly until?: string;
  readonly since?: string;
  readonly follow?: boolean;
  readonly port?: string;
  readonly 'no-open'?: boolean;
  readonly 'default-country'?: string;
  readonly wait?: boolean;
  readonly name?: string;
  readonly phone?: string;
  readonly 'simulate-503'?: boolean;
  readonly example?: boolean;
  readonly format?: string;
  readonly serve?: boolean;
  readonly channel?: readonly string[];
  readonly in?: string;
  readonly from?: string;
  readonly for?: string;
  readonly campaign?: string;
  readonly host?: string;
  readonly again?: boolean;
}

export type FlagName = keyof Flags;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly flags: Flags;
  readonly io: Io;
  readonly environment: Environment;
}

export interface Command {
  /** As it is typed: `campaign run`. */
  readonly name: string;
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /** More, for `--help` of this command. */
  readonly details?: string;
  /** Besides the ones that every command takes. */
  readonly flags: readonly FlagName[];
  readonly positionals: { readonly least: number; readonly most: number };
  /** @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}
