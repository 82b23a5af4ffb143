import { Worker } from 'node:worker_threads';
import type { Env } from '../../config.ts';
import { UserError } from '../../errors.ts';

export interface DashboardPlace {
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
  readonly token: string | null;
  readonly hosts: readonly string[];
  /** The environment: which alert channels there are. */
  readonly values: Env;
}

export type DashboardSaid =
  | { readonly url: string }
  | { readonly problem: string }
  /** It goes on, and somebody should know. */
  | { readonly complaint: string };

export interface DashboardThread {
  readonly url: string;
  close(): Promise<void>;
}

const WORKER = new URL('worker.ts', import.meta.url);

/**
 * Serves the dashboard from a thread of its own. Should that ever fail, what it stands beside goes
 * on without it, and one sentence says so.
 * @param code what the thread runs. @default the dashboard
 * @throws UserError when it can't be served
 */
export async function startDashboardThread(
  place: DashboardPlace,
  onComplaint: (sentence: string) => void,
  code = WORKER,
): Promise<DashboardThread> {
  const worker = new Worker(code, { workerData: place });
  let isWanted = true;
  let why = 'its thread has ended';
  worker.on('error', (error) => (why = error instanceof Error ? error.message : String(error)));
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const said = await firstWordOf(worker, onComplaint, gone, () => why);
  if (!('url' in said)) {
    await worker.terminate();
    throw new UserError('problem' in said ? said.problem : said.complaint);
  }
  // The command it belongs to decides when the program ends.
  worker.unref();
  void gone.then(() => {
    if (isWanted) onComplaint(`The dashboard has ended, all else goes on: ${why}.`);
  });
  return {
    url: said.url,
    close: async () => {
      isWanted = false;
      worker.ref();
      worker.postMessage('close');
      await gone;
    },
  };
}

function firstWordOf(
  worker: Worker,
  onComplaint: (sentence: string) => void,
  gone: Promise<void>,
  why: () => string,
): Promise<DashboardSaid> {
  return new Promise((resolve) => {
    worker.on('message', (said: DashboardSaid) => {
      if ('complaint' in said) onComplaint(said.complaint);
      else resolve(said);
    });
    void gone.then(() => resolve({ problem: `The dashboard could not start: ${why()}.` }));
  });
}
