import fs from 'node:fs';
import { UserError } from '../errors.ts';
import type { AgentOptions } from '../index.ts';
import { machines } from '../machines/registry.ts';
import { readStanding, type Standing } from '../runtime/standing.ts';
import { definitionHashes } from '../store/definition.ts';
import { lockFolder } from '../store/lock.ts';
import { speedOf } from './arguments.ts';
import type { Invocation } from './command.ts';
import { dataDirOf } from './session.ts';

export const SCENARIO_DATA = 'data/scenarios';
/** A minute of waiting is over in three seconds; `--speed 1` shows it as it is. */
export const SCENARIO_SPEED = 20;

/** Rules of one's own for whom to call, when and how fast would change how a scenario ends. */
const noRules = { CALL_WINDOW: 'off', CALLS_PER_SECOND: 'off', REQUIRE_CONSENT: 'off' } as const;

/** As long as there is between two of them. */
const LONGEST_CHECK_S = 30;

/**
 * At 400 times faster than life, a request's 180 seconds are less than half a second, and the 5 of
 * a health check 12 milliseconds: a busy computer needs longer. It does not get faster with the
 * clock, so beyond the usual speed these limits grow with it.
 */
function limitsAt(speed: number): Readonly<Record<string, string>> {
  if (speed <= SCENARIO_SPEED) return {};
  const factor = speed / SCENARIO_SPEED;
  return {
    REQUEST_DEADLINE: String(180 * factor),
    HEALTH_CHECK_TIMEOUT: String(Math.min(5 * factor, LONGEST_CHECK_S)),
  };
}

export type StageOptions = AgentOptions & Required<Pick<AgentOptions, 'dataDir' | 'speed'>>;

function unfinishedWork({ roots, root }: Standing): string[] {
  return roots().filter((id) => /^(campaign|call):/.test(id) && root(id)?.state !== 'done');
}

/** Written by a program whose machines were others: it can't be gone on with. */
function isForeign({ root }: Standing): boolean {
  const now: { readonly [machine: string]: string } = definitionHashes(machines);
  const then = (root('agent')?.context['definitions'] ?? {}) as { readonly [name: string]: string };
  return Object.entries(then).some(([machine, hash]) => now[machine] !== hash);
}

/**
 * Leftovers of a scenario that was interrupted or that ends with a paused campaign, or of another
 * version: put aside, so that nothing is lost.
 */
function putAside(dataDir: string): void {
  fs.renameSync(dataDir, `${dataDir}-unfinished-${Date.now()}`);
}

/** What is unfinished because somebody is at it must not be put aside under their hands. */
function refuseInUse(dataDir: string): void {
  if (fs.existsSync(dataDir)) lockFolder(dataDir).release();
}

/**
 * Where scenarios play: a folder of their own, where they can't go on with real work.
 * @param env configuration, laid over the environment
 * @throws LockedError when another process works on the folder
 * @throws UserError when the folder that was asked for has unfinished work
 */
export function stageOptions(
  invocation: Invocation,
  env: Readonly<Record<string, string>> = {},
): StageOptions {
  const dataDir = dataDirOf(invocation, SCENARIO_DATA);
  refuseInUse(dataDir);
  const isOwn = invocation.flags.data === undefined;
  const standing = readStanding(dataDir);
  const isUnfinished = unfinishedWork(standing).length > 0;
  if (isUnfinished && !isOwn) {
    throw new UserError(
      `${dataDir} has unfinished campaign work, which a scenario must not touch: use another --data folder.`,
    );
  }
  if (isOwn && (isUnfinished || isForeign(standing))) putAside(dataDir);
  const { environment, flags } = invocation;
  const speed = speedOf(flags, SCENARIO_SPEED);
  const values = { ...limitsAt(speed), ...environment.values, ...noRules, ...env };
  return { dataDir, speed, simulateAll: true, env: values };
}
