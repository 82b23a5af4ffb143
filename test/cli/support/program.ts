import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Piped to stdin; without it, stdin is `/dev/null`. */
  readonly input?: string;
}

/** A child process whose words can be waited for. */
export class Program {
  readonly child: ChildProcess;
  readonly #news = new EventEmitter();
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #hasEnded = false;

  constructor(command: string, args: readonly string[], options: ProgramOptions) {
    const { cwd, env, input } = options;
    const stdin = input === undefined ? 'ignore' : 'pipe';
    this.child = spawn(command, args, { cwd, env, stdio: [stdin, 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#news.emit('news');
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#news.emit('news');
    });
    // What it does not read is no error of the test.
    this.child.stdin?.on('error', () => {});
    this.child.stdin?.end(input);
    this.#ended = this.#end();
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves with the match once stdout or stderr holds it; rejects when the program ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match) return match;
      if (this.#hasEnded) {
        throw new Error(`ended without saying ${pattern}:\n${this.#stdout}\n${this.#stderr}`);
      }
      await once(this.#news, 'news');
    }
  }

  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.#ended;
  }

  async #end(): Promise<Ended> {
    const [code, signal] = (await once(this.child, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    this.#hasEnded = true;
    this.#news.emit('news');
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}
