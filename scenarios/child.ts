import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

export interface ChildOptions {
  /** Where it runs: there is no `.env` there that could hold a key. */
  readonly cwd: string;
  /** Hears every line that it writes to stderr. */
  readonly say: (line: string) => void;
  /** It is killed with SIGKILL when it says this. */
  readonly killAt?: RegExp;
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

/** What Node needs, and how patient the agent is: no key, no account, nobody to be alerted. */
const handed =
  /^(PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|NODE_COMPILE_CACHE|PROFILE|((LLM|ELEVENLABS|TELEPHONY|CRM)_)?(RETRY|REQUEST|CIRCUIT_BREAKER|HEALTH_CHECK)_\w+)$/i;

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => handed.test(name)));
}

/** Runs `call-agent ARGS` as a process of its own, with simulated services. */
export async function callAgent(args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  const { cwd, say, killAt } = options;
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  // It must not go on without whoever started it.
  process.once('exit', kill);
  try {
    const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const [[code, signal], stdout] = await Promise.all([
      end,
      textOf(child),
      tell(child, (line) => {
        if (killAt?.test(line)) kill();
        say(line);
      }),
    ]);
    return { code, signal, stdout };
  } finally {
    process.off('exit', kill);
  }
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  if (!stdout) return text;
  for await (const part of stdout.setEncoding('utf8')) text += part as string;
  return text;
}

async function tell({ stderr }: ChildProcess, hear: (line: string) => void): Promise<void> {
  if (!stderr) return;
  for await (const line of createInterface({ input: stderr })) hear(line);
}
