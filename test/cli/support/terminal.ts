import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import type { IPty } from '@lydell/node-pty';
import { MAIN, type Desk } from './desk.ts';
import { bareEnvironment, patience } from './surroundings.ts';

/** The package has binaries for Linux, macOS and Windows on x64 and arm64; elsewhere it throws. */
const loaded = await import('@lydell/node-pty').catch(() => null);

/** Why there is no pseudo-terminal here, or null. */
export const noTerminal: string | null =
  loaded === null ? 'no pseudo-terminal for this platform' : null;

export interface TerminalOptions {
  /** @default 80 */
  readonly columns?: number;
  readonly env?: NodeJS.ProcessEnv;
}

const ROWS = 24;
const PATIENCE_MS = 60_000;

/** A program on a real pseudo-terminal, and the screen that a person would see. */
export class Terminal {
  readonly #pty: IPty;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #ended: Promise<number>;
  #hasEnded = false;
  #raw = '';

  constructor(desk: Desk, [command, ...args]: readonly string[], options: TerminalOptions = {}) {
    const cols = options.columns ?? 80;
    this.#screen = new xterm.Terminal({
      cols,
      rows: ROWS,
      scrollback: 1000,
      allowProposedApi: true,
    });
    if (!loaded) throw new Error(`There is ${noTerminal}`);
    this.#pty = loaded.spawn(command ?? '', [...args], {
      cols,
      rows: ROWS,
      cwd: desk.dir,
      // The package sets TERM from it, whatever the environment says.
      name: options.env?.['TERM'] ?? 'xterm-256color',
      env: {
        ...bareEnvironment(),
        ...patience(20),
        ...options.env,
      } as Record<string, string>,
    });
    this.#pty.onData((text) => {
      this.#raw += text;
      this.#screen.write(text);
    });
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#hasEnded = true;
        resolve(signal ? 128 + signal : exitCode);
      });
    });
  }

  static readonly program = MAIN;

  /** `call-agent ARGS`. */
  static run(desk: Desk, args: readonly string[], options?: TerminalOptions): Terminal {
    return new Terminal(desk, [process.execPath, MAIN, ...args], options);
  }

  /** Everything that was written, escape codes included. */
  get raw(): string {
    return this.#raw;
  }

  /** The exit code. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** The lines as they stand, those that have scrolled away too. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: active.length },
      (_, y) => active.getLine(y)?.translateToString(true) ?? '',
    );
  }

  /** Lines that did not fit and went on in the next one. */
  async wrapped(): Promise<string[]> {
    const lines = await this.lines();
    const { active } = this.#screen.buffer;
    return lines.flatMap((line, y) => (active.getLine(y)?.isWrapped === true ? [line] : []));
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** Waits until the screen shows it. */
  async shows(pattern: RegExp): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const text = (await this.lines()).join('\n');
      if (pattern.test(text)) return;
      if (this.#hasEnded || performance.now() > until) {
        throw new Error(`The terminal does not show ${pattern}, but:\n${text.trimEnd()}`);
      }
      await sleep(20);
    }
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) this.#pty.kill('SIGKILL');
    await this.#ended;
    this.#screen.dispose();
  }
}
