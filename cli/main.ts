import { ConfigError } from '../config.ts';
import { isUserError } from '../errors.ts';
import { isJournalError } from '../store/journal-error.ts';
import { isLockedError } from '../store/lock.ts';
import { checkInvocation, findCommand, nearCommand, parse, type Parsed } from './arguments.ts';
import { isStorageError } from '../store/storage-error.ts';
import type { Invocation } from './command.ts';
import { allCommands, commandsOf } from './commands/registry.ts';
import { readEnvironment } from './environment.ts';
import { EXIT, isUsageError, UsageError } from './exit.ts';
import { explain, overview } from './help.ts';
import { guardStreams, lostResult, makeIo } from './io.ts';
import { sentenceOf } from './session.ts';
import { wrap } from './wrap.ts';
import { VERSION } from '../version.ts';

/** `help campaign run` is `campaign run --help`. */
function withHelp({ positionals, flags }: Parsed): Parsed {
  if (positionals[0] !== 'help') return { positionals, flags };
  return { positionals: positionals.slice(1), flags: { ...flags, help: true } };
}

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const { positionals, flags } = withHelp(parse(argv));
  const io = makeIo(flags.quiet === true);
  if (flags.version) {
    io.result(VERSION);
    return EXIT.done;
  }
  if (positionals.length === 0) {
    if (!flags.help) return carryOut(await menu(), { positionals, flags, io });
    io.result(wrap(overview(await allCommands(), io.columns), io.columns));
    return EXIT.done;
  }
  const commands = await commandsOf(positionals[0]);
  const found = findCommand(commands, positionals);
  if (!found) {
    const known = commands.filter(({ name }) => name.startsWith(`${positionals[0]} `));
    if (flags.help && known.length > 0) {
      io.result(wrap(known.map(explain).join('\n\n'), io.columns));
      return EXIT.done;
    }
    const near = nearCommand(commands, positionals);
    const meant = near === undefined ? known.map(({ name }) => name) : [near];
    const names = meant.map((name) => `"${name}"`).join(' or ');
    const hint = meant.length > 0 ? `: did you mean ${names}` : '';
    throw new UsageError(`There is no command "${positionals.join(' ')}"${hint}`);
  }
  const { command, rest } = found;
  if (flags.help) {
    io.result(wrap(explain(command), io.columns));
    return EXIT.done;
  }
  checkInvocation(command, rest, flags);
  return carryOut((asked) => command.run(asked), { positionals: rest, flags, io });
}

const menu = async (): Promise<(asked: Invocation) => Promise<number>> =>
  (await import('./menu.ts')).menu;

/** A setting that is refused is told with the place where it stands. */
async function carryOut(
  run: (invocation: Invocation) => Promise<number>,
  asked: Omit<Invocation, 'environment'>,
): Promise<number> {
  const environment = readEnvironment();
  try {
    return await run({ ...asked, environment });
  } catch (error) {
    throw error instanceof ConfigError ? error.placed(environment.fromFile) : error;
  }
}

const REASONS: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'there is a file of that name already',
  ENAMETOOLONG: 'the name is too long',
};

const reasonOf = ({ code = '' }: NodeJS.ErrnoException): string => REASONS[code] ?? code;

/** What the file system refuses, as a sentence; null for what is a defect of ours. */
function systemSentence(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error)) return null;
  const { path } = error as NodeJS.ErrnoException;
  return `Could not use ${path ?? 'a file'}: ${reasonOf(error as NodeJS.ErrnoException)}.`;
}

function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  if (isUsageError(error)) {
    process.stderr.write(`${message}. See npx call-agent --help\n`);
    return EXIT.usage;
  }
  const isExpected =
    isUserError(error) ||
    isJournalError(error) ||
    isLockedError(error) ||
    isStorageError(error) ||
    error instanceof RangeError;
  const sentence = isExpected ? sentenceOf(error) : systemSentence(error);
  process.stderr.write(sentence === null ? `Internal error: ${message}\n` : `${sentence}\n`);
  if (sentence === null && process.env['DEBUG'] !== undefined && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  return EXIT.failed;
}

guardStreams();
// Also where a signal ends the program: a part of the result is none.
process.on('exit', () => {
  const loss = lostResult();
  if (loss === null) return;
  process.stderr.write(`The result could not be written: ${reasonOf(loss)}.\n`);
  process.exitCode = EXIT.failed;
});
process.exitCode = await main(process.argv.slice(2)).catch(report);
