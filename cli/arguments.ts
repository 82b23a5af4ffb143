import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import type { Command, FlagName, Flags } from './command.ts';
import { UsageError } from './exit.ts';

const common: readonly FlagName[] = ['data', 'speed', 'json', 'quiet', 'help', 'version'];

const options = {
  data: { type: 'string' },
  speed: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  concurrency: { type: 'string' },
  until: { type: 'string' },
  since: { type: 'string' },
  follow: { type: 'boolean' },
  port: { type: 'string' },
  'no-open': { type: 'boolean' },
  'default-country': { type: 'string' },
  wait: { type: 'boolean' },
  name: { type: 'string' },
  phone: { type: 'string' },
  'simulate-503': { type: 'boolean' },
  example: { type: 'boolean' },
  format: { type: 'string' },
  serve: { type: 'boolean' },
  channel: { type: 'string', multiple: true },
  in: { type: 'string' },
  from: { type: 'string' },
  for: { type: 'string' },
  campaign: { type: 'string' },
  host: { type: 'string' },
  again: { type: 'boolean' },
} as const;

export interface Parsed {
  readonly positionals: readonly string[];
  readonly flags: Flags;
}

/** @throws UsageError for a flag that nobody knows */
export function parse(argv: readonly string[]): Parsed {
  try {
    const { positionals, values } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { positionals, flags: values };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const sentence = message.split(/\n|\. /)[0] ?? message;
    const [, bare] = /^Option '--([^' ]+).*ambiguous/.exec(sentence) ?? [];
    if (bare !== undefined) {
      throw new UsageError(`--${bare} needs a value; one that begins with "-" goes as --${bare}=…`);
    }
    const [, word] = /^Unknown option '--([^']+)'/.exec(sentence) ?? [];
    const near = word === undefined ? undefined : nearest(word, Object.keys(options));
    throw new UsageError(near === undefined ? sentence : `${sentence}: did you mean --${near}`);
  }
}

/** The command whose words come first, and what stands behind them. */
export function findCommand(
  commands: readonly Command[],
  positionals: readonly string[],
): { command: Command; rest: readonly string[] } | null {
  const fits = commands
    .filter(({ name }) => name.split(' ').every((word, index) => positionals[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length);
  const command = fits[0];
  return command ? { command, rest: positionals.slice(command.name.split(' ').length) } : null;
}

/** @returns the command that was meant, it seems: `campain run`, `statsu` */
export function nearCommand(
  commands: readonly Command[],
  positionals: readonly string[],
): string | undefined {
  const names = commands.map(({ name }) => name);
  return [2, 1]
    .map((words) => nearest(positionals.slice(0, words).join(' '), names))
    .find((name) => name !== undefined);
}

/** @throws UsageError when the command doesn't take what it was given */
export function checkInvocation(command: Command, rest: readonly string[], flags: Flags): void {
  const taken = new Set<string>([...common, ...command.flags]);
  const stranger = Object.keys(flags).find((flag) => !taken.has(flag));
  if (stranger !== undefined) {
    throw new UsageError(`"${command.name}" takes no --${stranger}`);
  }
  if (flags.data === '') throw new UsageError('--data must name a folder, got ""');
  // Also where nothing waits: a number that is wrong is better told than ignored.
  speedOf(flags, 1);
  const { least, most } = command.positionals;
  if (rest.length < least) throw new UsageError(`Usage: npx call-agent ${command.usage}`);
  if (rest.length > most) {
    throw new UsageError(`"${command.name}" does not know what to do with "${rest[most]}"`);
  }
}

/** @throws UsageError naming flag, rule and value */
export function numberFlag(
  flag: string,
  value: string | undefined,
  fallback: number,
  { least = 0, most = Infinity, isWhole = false } = {},
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  const isGood =
    value.trim() !== '' && Number.isFinite(number) && number >= least && number <= most;
  if (isGood && (!isWhole || Number.isInteger(number))) return number;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new UsageError(
    `--${flag} must be a ${isWhole ? 'whole ' : ''}number ${range}, got "${value}"`,
  );
}

/** The least speed that still ends some day, and the most that timers can follow. */
const speeds = { least: 0.001, most: 100_000 };

export function speedOf(flags: Flags, fallback: number): number {
  return numberFlag('speed', flags.speed, fallback, speeds);
}
