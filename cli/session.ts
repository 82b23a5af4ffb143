import fs from 'node:fs';
import path from 'node:path';
import type { Finishing } from '../actors/finishing.ts';
import { voiceAdvice } from '../config.ts';
import { isUserError, UserError } from '../errors.ts';
import type { AICallAgent, AgentOptions } from '../index.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { commandLine, counted } from './summary.ts';

export const dataDirOf = ({ flags }: Invocation, fallback = 'data'): string =>
  flags.data ?? fallback;
export const journalDirOf = (dataDir: string): string => path.join(dataDir, 'journal');

/** @throws UserError when there is nothing to read: an empty answer would look like a good one */
export function existingJournalOf(invocation: Invocation): string {
  const dataDir = dataDirOf(invocation);
  const dir = journalDirOf(dataDir);
  if (fs.existsSync(dir)) return dir;
  throw new UserError(`There is no journal in ${dataDir}: nothing has been run there yet.`);
}

/**
 * Says once, before anybody is called, what is not as it will be: a campaign that calls nobody
 * must not look like one that does, nor people be called by another voice than one thinks.
 */
export function announce({ simulated, voice }: AICallAgent, io: Io): void {
  const warn = (sentence: string): void => io.talk(io.paintTalk('yellow', sentence));
  if (simulated.length > 0) {
    const isReal = voice !== null;
    const people = isReal ? 'People are really called.' : 'Nobody is really called.';
    warn(`Simulated, because no key is set: ${simulated.join(', ')}. ${people}`);
  }
  if (voice === 'Twilio') warn(`${voiceAdvice(simulated)}.`);
}

/** From the first signal to the end of the process. */
const LONGEST_GOODBYE_MS = 9_000;

/** One sentence, with what the operating system said. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  // A sentence for a person is whole as it is.
  if (isUserError(error)) return message;
  if (!(cause instanceof Error) || message.includes(cause.message)) return message;
  return `${message}: ${cause.message}`;
}

/** The disk refuses: one sentence, and out, because nothing may go on. */
function onFatal(error: unknown): void {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(EXIT.failed);
}

/** People are called of whom this command says nothing: that is told. */
function finishingSentence({ campaign, calls, was }: Finishing, dataDir = 'data'): string {
  const goOn = commandLine('campaign resume', campaign, dataDir === 'data' ? undefined : dataDir);
  return `Finishing ${counted(calls, 'call')} of campaign ${campaign}, which was ${was}: ${goOn} goes on with it.`;
}

export interface Interruption {
  /** A signal has come. */
  readonly interrupted: boolean;
}

/**
 * Runs `work` with an agent, and stops it whatever happens. The first signal calls `onSignal`; a
 * second one ends the process at once.
 */
export async function withAgent<T>(
  options: AgentOptions,
  work: (agent: AICallAgent, state: Interruption) => Promise<T>,
  onSignal: (agent: AICallAgent) => void = () => {},
): Promise<T> {
  const state = { interrupted: false };
  let agent: AICallAgent | null = null;
  const interrupt = (): void => {
    if (state.interrupted) process.exit(EXIT.interrupted);
    state.interrupted = true;
    // Whatever hangs: nothing is lost by going, it is only gone on with a little more work.
    setTimeout(() => process.exit(EXIT.interrupted), LONGEST_GOODBYE_MS).unref();
    if (agent) onSignal(agent);
  };
  // First of all: a start may take a while, and leaves nothing half done either.
  // A terminal that is closed says so more than once: that is no wish to end at once.
  const hangUp = (): void => void (state.interrupted || interrupt());
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', hangUp);
  try {
    agent = await startAgent(options);
    if (state.interrupted) onSignal(agent);
    return await work(agent, state);
  } finally {
    await agent?.stop();
    for (const problem of agent?.problems() ?? []) process.stderr.write(`${problem}\n`);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', hangUp);
  }
}

/** And says what a person has to know of the start. */
async function startAgent(options: AgentOptions): Promise<AICallAgent> {
  // Most of what there is to load: who only reads a folder goes without.
  const agents = await import('../index.ts');
  const agent = await agents.AICallAgent.start({ onFatal, ...options });
  const { recoveredBytes } = agent.journal;
  if (recoveredBytes > 0) {
    process.stderr.write(
      `The journal ended in an unfinished line: ${recoveredBytes} bytes were cut off.\n`,
    );
  }
  for (const found of agent.finishing) {
    process.stderr.write(`${finishingSentence(found, options.dataDir)}\n`);
  }
  for (const warning of agent.warnings) process.stderr.write(`${warning}\n`);
  return agent;
}
