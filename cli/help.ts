import { VERSION } from '../version.ts';
import type { Command, FlagName } from './command.ts';
import { wrapWords } from './wrap.ts';

/** What each flag of a command of its own means. */
const flagTexts: { readonly [flag in FlagName]?: readonly [usage: string, meaning: string] } = {
  concurrency: ['--concurrency N', 'contacts worked on at the same time (default: 4)'],
  'default-country': ['--default-country CC', 'the country of numbers without +, such as US'],
  again: ['--again', 'call everybody once more on a list that is done'],
  wait: ['--wait', 'stay while the campaign is paused or its contacts are due later'],
  name: ['--name NAME', 'whom to call'],
  phone: ['--phone NUMBER', 'with + and country code'],
  'simulate-503': ['--simulate-503', 'ElevenLabs fails; nobody is really called'],
  until: ['--until SEQ|TIME', 'no later record than this one'],
  follow: ['--follow', 'stay, and print what is written from now on'],
  port: ['--port N', 'the port of 127.0.0.1 to listen at'],
  serve: ['--serve', 'show the dashboard meanwhile'],
  channel: ['--channel NAME', 'this channel alone'],
  in: ['--in DURATION', 'when it begins, from now: 30m, 2h, 1d'],
  from: ['--from TIME', 'when it begins, such as 2026-12-24T22:00'],
  for: ['--for DURATION', 'how long it lasts'],
  campaign: ['--campaign CAMPAIGN', 'what belongs to this campaign alone'],
  host: ['--host ADDRESS', 'the address to listen at'],
  'no-open': ['--no-open', "don't open a browser"],
  example: ['--example', 'print an .env to start from'],
};

const commonFlags = `Flags of every command
  --data DIR   the data folder (default: data/)
  --speed N    run all waits N times faster
  --json       print one JSON value on stdout
  --quiet      say nothing but the result
  --help       explain the command`;

/** One line a command; where that is wider than the terminal, the summary stands below. */
function commandLines(commands: readonly Command[], columns: number | null): string[] {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const lines = commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  if (columns === null || lines.every((line) => line.length <= columns)) return lines;
  return commands.flatMap(({ usage, summary }) => [
    ...wrapWords(usage, columns, '  '),
    ...wrapWords(summary, columns, '      '),
  ]);
}

/** @param columns of the terminal; null where lines may be of any length */
export function overview(commands: readonly Command[], columns: number | null): string {
  return `call-agent ${VERSION}: calls a list of contacts, whatever the services do

Usage: npx call-agent [COMMAND] [FLAGS]

${commandLines(commands, columns).join('\n')}

Without a command: a menu; with no input, the full demo.

${commonFlags}

Exit codes: 0 done · 1 could not do it · 2 wrong usage · 3 stopped, can be resumed · 130 interrupted`;
}

export function explain({ usage, summary, details, flags }: Command): string {
  const more = details === undefined ? '' : `\n${details}\n`;
  const own = flags.flatMap((flag) => {
    const text = flagTexts[flag];
    return text ? [text] : [];
  });
  const width = Math.max(0, ...own.map(([flag]) => flag.length));
  const lines = own.map(([flag, meaning]) => `  ${flag.padEnd(width)}  ${meaning}\n`).join('');
  const ownFlags = own.length > 0 ? `\nFlags\n${lines}` : '';
  return `Usage: npx call-agent ${usage}\n\n${summary}.\n${more}${ownFlags}\n${commonFlags}`;
}
