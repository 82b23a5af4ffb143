import { VERSION } from '../index.ts';
import type { Command } from './command.ts';

const commonFlags = `Flags of every command
  --data DIR   the data folder (default: data/)
  --speed N    run all waits N times faster
  --json       print one JSON value on stdout
  --quiet      say nothing but the result
  --help       explain the command`;

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const lines = commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return `call-agent ${VERSION}: calls a list of contacts, whatever the services do

Usage: npx call-agent [COMMAND] [FLAGS]

${lines.join('\n')}

Without a command: a menu; with no input, the full demo.

${commonFlags}

Exit codes: 0 done · 1 could not do it · 2 wrong usage · 3 stopped, can be resumed · 130 interrupted`;
}

export function explain({ usage, summary, details }: Command): string {
  const more = details === undefined ? '' : `\n${details}\n`;
  return `Usage: call-agent ${usage}\n\n${summary}.\n${more}\n${commonFlags}`;
}
