import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Program, type Ended } from './program.ts';
import { bareEnvironment, patience } from './surroundings.ts';

export const MAIN = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

export interface RunOptions {
  /** On top of an environment that holds no key. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

export type OnTestFinished = (fn: () => void | Promise<void>) => void;

/** A temporary folder to run the command line in. What it says is always looked over. */
export class Desk {
  readonly dir: string;
  readonly #programs: Program[] = [];

  constructor(onTestFinished: OnTestFinished) {
    // Its real path: macOS hands out a link.
    this.dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-cli-')));
    onTestFinished(() => this.#clear());
  }

  path(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  write(name: string, content: string | Buffer): string {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), content);
    return name;
  }

  read(...parts: string[]): string {
    return fs.readFileSync(this.path(...parts), 'utf8');
  }

  has(...parts: string[]): boolean {
    return fs.existsSync(this.path(...parts));
  }

  /** Starts `call-agent ARGS` here. */
  start(args: readonly string[], options: RunOptions = {}): Program {
    return this.startCommand(process.execPath, [MAIN, ...args], options);
  }

  startCommand(
    command: string,
    args: readonly string[],
    { env = {}, ...rest }: RunOptions = {},
  ): Program {
    const program = new Program(command, args, {
      cwd: this.dir,
      env: { ...bareEnvironment(), ...patience(200), ...env },
      ...rest,
    });
    this.#programs.push(program);
    return program;
  }

  /** Runs `call-agent ARGS` here to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const ended = await this.start(args, options).ended;
    expectTidy(ended);
    return ended;
  }

  async #clear(): Promise<void> {
    for (const { child } of this.#programs) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
    await Promise.all(this.#programs.map(({ ended }) => ended));
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Whatever happens, nobody sees a stack trace, a warning of Node's or, in a pipe, an escape code. */
export function expectTidy({ stdout, stderr }: Ended): void {
  const said = stdout + stderr;
  expect(said).not.toMatch(/^ {4}at /m);
  expect(said).not.toMatch(/Internal error|Warning:/);
  expect(said.includes('\u001b')).toBe(false);
}

/** The one JSON value that stands on stdout, and nothing else. */
export function jsonOf({ stdout }: Ended): unknown {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout);
}

const isTalk = (line: string): boolean => line.startsWith('Simulated, because');

/** What a refusal looks like: nothing on stdout, one sentence on stderr that fits all patterns. */
export function refused(code: 1 | 2, ...patterns: readonly RegExp[]): unknown {
  const isTheSentence = (stderr: string): boolean => {
    const [sentence, ...others] = stderr.split('\n').filter((it) => it !== '' && !isTalk(it));
    return others.length === 0 && patterns.every((pattern) => pattern.test(sentence ?? ''));
  };
  const stderr: unknown = expect.toSatisfy(isTheSentence, `one sentence like ${patterns.join()}`);
  return { code, signal: null, stdout: '', stderr };
}
