import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Env } from '../../config.ts';
import { UserError } from '../../errors.ts';

export interface DashboardPlace {
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
  readonly token: string | null;
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

/**
 * Serves the dashboard from a thread of its own.
 * @throws UserError when it can't be served
 */
export async function startDashboardThread(
  place: DashboardPlace,
  onComplaint: (sentence: string) => void,
): Promise<DashboardThread> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: place });
  worker.on('message', (said: DashboardSaid) => {
    if ('complaint' in said) onComplaint(said.complaint);
  });
  const said = await new Promise<DashboardSaid>((resolve, reject) => {
    worker.on('message', (one: DashboardSaid) => 'complaint' in one || resolve(one));
    worker.once('error', reject);
  });
  if (!('url' in said)) {
    await worker.terminate();
    throw new UserError('problem' in said ? said.problem : said.complaint);
  }
  // The command it belongs to decides when the program ends.
  worker.unref();
  return {
    url: said.url,
    close: async () => {
      worker.ref();
      const gone = once(worker, 'exit');
      worker.postMessage('close');
      await gone;
    },
  };
}
