/**
 * The dashboard beside a running agent: a thread of its own, which reads the journal from disk and
 * asks for things through the control socket, as one in another process would. However much it is
 * looked at, no call waits for it.
 */
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { startDashboard } from '../../sinks/dashboard/server/server.ts';
import { folderStage, keptIn } from './stage.ts';
import type { DashboardPlace, DashboardSaid } from './thread.ts';

const { dataDir, values, ...where } = workerData as DashboardPlace;
const say = (said: DashboardSaid): void => parentPort?.postMessage(said);

try {
  const dashboard = await startDashboard({
    ...where,
    place: path.join(dataDir, 'journal'),
    stage: folderStage(dataDir, values),
    ...keptIn(dataDir, (complaint) => say({ complaint })),
  });
  parentPort?.once('message', () => void dashboard.close().then(() => parentPort?.close()));
  say({ url: dashboard.url });
} catch (error) {
  say({ problem: error instanceof Error ? error.message : String(error) });
}
