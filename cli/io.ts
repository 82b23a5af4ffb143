import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command's words go: results to stdout, talk to stderr. */
export interface Io {
  /** The one JSON value, or the lines, that the command was run for. */
  readonly result: (text: string) => void;
  /** What a person reads beside it; silent with `--quiet`. */
  readonly talk: (line: string) => void;
  /** What went wrong; never silent. */
  readonly complain: (line: string) => void;
  /** Colour for what goes to stdout, where that shows it (`NO_COLOR` is obeyed). */
  readonly paint: (style: Style, text: string) => string;
  /** The same for talk. */
  readonly paintTalk: (style: Style, text: string) => string;
  /** How wide the terminal is that stdout goes to; null elsewhere. */
  readonly columns: number | null;
  /** False when whoever read stdout has gone. */
  readonly hasReader: () => boolean;
  /** Somebody watches and can be shown a display that moves. */
  readonly isWatched: boolean;
  /** Somebody is there to be shown a browser, or to press Ctrl-C. */
  readonly isInteractive: boolean;
}

const write = (stream: NodeJS.WriteStream, text: string): void => void stream.write(`${text}\n`);

let hasReader = true;
let loss: NodeJS.ErrnoException | null = null;

/**
 * Before a word is said: whatever takes none must not end what the program does. A reader that has
 * gone (`| head`) is no error of ours; a result that a full disk refuses is, and talk never is.
 */
export function guardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    hasReader = false;
    if (error.code !== 'EPIPE') loss ??= error;
  });
  process.stderr.on('error', () => {});
}

/** Why a result could not be written; null when all were. */
export const lostResult = (): NodeJS.ErrnoException | null => loss;

export function makeIo(quiet: boolean): Io {
  const { stdout, stderr } = process;
  return {
    result: (text) => write(stdout, text),
    talk: (line) => {
      if (!quiet) write(stderr, line);
    },
    complain: (line) => write(stderr, line),
    paint: (style, text) => styleText(style, text, { stream: stdout }),
    paintTalk: (style, text) => styleText(style, text, { stream: stderr }),
    columns: stdout.isTTY === true ? stdout.columns || null : null,
    hasReader: () => hasReader,
    isInteractive: process.stdin.isTTY === true && stdout.isTTY === true,
    isWatched: stderr.isTTY === true && !quiet && process.env['TERM'] !== 'dumb',
  };
}
