import fs from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { inUse } from '../store/lock.ts';
import type { Command, CommandPort } from './commands.ts';
import { checkAddress, controlAddress, prepareAddress } from './control-address.ts';

type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string };

/** How long an agent that ends waits for the answers it still owes. */
const LAST_ANSWERS_MS = 1_000;

/** Whoever holds the folder's lock listens; a socket left by a killed process is replaced. */
export class ControlServer {
  readonly #server: net.Server;
  readonly #address: string;
  readonly #sockets = new Set<net.Socket>();
  readonly #answers = new Set<Promise<unknown>>();

  private constructor(server: net.Server, address: string, port: CommandPort) {
    this.#server = server;
    this.#address = address;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      onFirstLine(socket, (line) => {
        // Known to be owed before the command runs: it may be the one that closes this server.
        const answered = Promise.resolve()
          .then(() => answerTo(line, port))
          .then((answer) => tell(socket, answer));
        this.#answers.add(answered);
        void answered.then(() => this.#answers.delete(answered));
      });
    });
  }

  static async listen(dataDir: string, port: CommandPort): Promise<ControlServer> {
    const address = controlAddress(dataDir);
    prepareAddress(address);
    const server = net.createServer();
    const control = new ControlServer(server, address, port);
    if (process.platform !== 'win32') fs.rmSync(address, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, resolve);
    });
    if (process.platform !== 'win32') fs.chmodSync(address, 0o600);
    server.unref();
    return control;
  }

  /**
   * Takes no more commands. Whoever has given one still hears what came of it: the one that ends
   * the agent is a command like any other.
   */
  async close(): Promise<void> {
    this.#server.close();
    if (process.platform !== 'win32') fs.rmSync(this.#address, { force: true });
    const told = new AbortController();
    const patience = delay(LAST_ANSWERS_MS, null, { signal: told.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#answers), patience]);
    told.abort();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function onFirstLine(socket: net.Socket, then: (line: string) => void): void {
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket });
  // readline tells a socket's error again.
  lines.on('error', () => {});
  lines.once('line', then);
}

/** Resolves when the answer has left, or nobody is there any more to hear it. */
const tell = (socket: net.Socket, answer: Answer): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.end(`${JSON.stringify(answer)}\n`, () => resolve());
  });

async function answerTo(line: string, port: CommandPort): Promise<Answer> {
  try {
    return { ok: true, result: (await port(JSON.parse(line) as Command)) ?? null };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws UserError when somebody else could listen there */
function connectTo(dataDir: string): net.Socket {
  const address = controlAddress(dataDir);
  checkAddress(address);
  return net.connect(address);
}

/** Whether an agent works on the folder just now. */
export function isAnswering(dataDir: string): Promise<boolean> {
  const socket = connectTo(dataDir);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

/**
 * Whoever answers works on the folder, also when somebody has removed its lock.
 * @throws LockedError when an agent does
 */
export async function refuseInUse(dataDir: string): Promise<void> {
  if (await isAnswering(dataDir)) throw inUse(dataDir);
}

const ANSWER_TIMEOUT_MS = 10_000;
const nobody = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Sends a command to the agent that works on a folder.
 * @param withinMs how long to wait for its answer. @default 10000
 * @returns its answer, or null when no agent listens
 * @throws UserError when it refuses, or does not answer in time
 */
export async function sendCommand(
  dataDir: string,
  command: Command,
  withinMs = ANSWER_TIMEOUT_MS,
): Promise<{ readonly result: unknown } | null> {
  const socket = connectTo(dataDir);
  socket.setTimeout(withinMs, () => socket.destroy(new Error('no answer')));
  try {
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => (received += chunk));
      socket.once('error', reject);
      socket.once('end', () => resolve(received));
      socket.once('connect', () => socket.write(`${JSON.stringify(command)}\n`));
    });
    const answer = JSON.parse(text) as Answer;
    if (!answer.ok) throw new UserError(answer.error);
    return { result: answer.result };
  } catch (error) {
    if (nobody.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    if (error instanceof UserError) throw error;
    throw new UserError(`The agent that works on ${dataDir} does not answer.`);
  } finally {
    socket.destroy();
  }
}
