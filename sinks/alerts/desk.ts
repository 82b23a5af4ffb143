import path from 'node:path';
import { secretsOf, type Config } from '../../config.ts';
import type { Command } from '../../runtime/commands.ts';
import { CommandDesk } from '../../runtime/commands.ts';
import { SystemClock } from '../../runtime/clock.ts';
import { isAlerting } from '../../runtime/incidents.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { Artefacts } from '../../store/artefacts.ts';
import { attach } from '../sink.ts';
import { makeAlerting } from './assemble.ts';
import { alertSettingsOf } from './configured.ts';
import { AlertFold } from './fold.ts';

/**
 * Carries out a command about alerts on a folder that no agent works on. Nobody is called:
 * incidents and channels alone are live, the campaigns stay as they are.
 * @throws LockedError when another process works on the folder
 * @throws UserError when the command can't be carried out
 */
export async function alertsOffline(
  dir: string,
  config: Config,
  command: Command,
): Promise<unknown> {
  const fold = new AlertFold(alertSettingsOf(config));
  const fatal = Promise.withResolvers<never>();
  const runtime = new Runtime({
    dir,
    version: 'alerts',
    artefacts: new Artefacts(path.join(dir, 'artefacts')),
    histories: [fold],
    makeClock: (notBefore) => new SystemClock({ notBefore }),
    effects: () => ({
      operation: () => undefined,
      check: () => Promise.resolve(),
      worker: () => Promise.resolve(),
    }),
    simulated: [],
    secrets: secretsOf(config),
    observers: [],
    onFatal: (error) => fatal.reject(error),
  });
  const commands = new CommandDesk();
  const alerting = makeAlerting(runtime, commands, fold, config, {});
  const attachment = attach(runtime.journal, alerting);
  try {
    runtime.beginPart(isAlerting);
    alerting.begin();
    const answer = await Promise.race([commands.carryOut(command), fatal.promise]);
    await Promise.race([attachment.flush(), fatal.promise]);
    await alerting.end();
    return answer;
  } finally {
    alerting.close();
    runtime.close();
    await attachment.detach();
  }
}
