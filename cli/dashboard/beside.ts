import path from 'node:path';
import { makeFolder } from '../../store/make-folder.ts';
import { openBrowser } from '../browser.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dashboardOptions } from './options.ts';
import { startDashboardThread } from './thread.ts';

/**
 * Runs a command with the dashboard beside it when `--serve` asks for that. On a terminal the
 * dashboard stays after the command has ended, until Ctrl-C: what went wrong is looked at then.
 */
export async function withDashboard(
  invocation: Invocation,
  dataDir: string,
  run: () => Promise<number>,
): Promise<number> {
  const { flags, io, environment } = invocation;
  if (!flags.serve) return run();
  makeFolder(path.join(dataDir, 'journal'));
  const values = { ...environment.values };
  const place = { dataDir, values, ...dashboardOptions(invocation) };
  const dashboard = await startDashboardThread(place, io.complain);
  try {
    io.complain(`Dashboard: ${dashboard.url}`);
    if (io.isInteractive && !flags['no-open']) openBrowser(dashboard.url);
    const code = await run();
    if (io.isInteractive && code !== EXIT.interrupted)
      await untilInterrupted(() => io.talk('The dashboard stays until Ctrl-C.'));
    return code;
  } finally {
    await dashboard.close();
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
export async function untilInterrupted(onWait: () => void = () => {}): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    process.once('SIGHUP', resolve);
    onWait();
  });
  clearInterval(alive);
}
