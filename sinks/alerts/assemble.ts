import type { Config } from '../../config.ts';
import type { CommandDesk } from '../../runtime/commands.ts';
import { redact } from '../../runtime/redact.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Channel } from '../channels/channel.ts';
import { makeChannels } from '../channels/make.ts';
import { ChannelNames } from '../channels/names.ts';
import { Alerting } from './alerting.ts';
import { addAlertCommands } from './commands.ts';
import { alertSettingsOf, inOrder } from './configured.ts';
import type { AlertFold } from './fold.ts';
import { freeBytesOf } from './free-bytes.ts';

export interface AlertOptions {
  /** Ways to tell a person of alerts. @default those that the configuration has */
  readonly channels?: readonly Channel[];
  /** Bytes free on the journal's disk; null when that can't be told. @default asks the file system */
  readonly freeBytes?: () => Promise<number | null>;
  /** How many times faster than the wall clock the agent's runs. @default 1 */
  readonly speed?: number;
  /** What one message may take, in milliseconds of the wall clock. @default 30000 */
  readonly deliveryMs?: number;
  /** No channel works: the last resort. @default a line on stderr */
  readonly onUnheard?: (sentence: string) => void;
}

/** Names are remembered before the journal knows them. */
function channelsIn(dir: string, config: Config): readonly Channel[] {
  const names = new ChannelNames(dir);
  const channels = makeChannels(config, names);
  names.save();
  return channels;
}

/** Puts together who is told of what, and how, from the configuration. */
export function makeAlerting(
  runtime: Runtime,
  commands: CommandDesk,
  fold: AlertFold,
  config: Config,
  options: AlertOptions,
): Alerting {
  const { dir, secrets } = runtime;
  const { channels = channelsIn(dir, config), freeBytes = freeBytesOf(dir) } = options;
  const { speed = 1, deliveryMs } = options;
  const alerting = new Alerting({
    runtime,
    fold,
    settings: alertSettingsOf(config),
    channels: inOrder(channels, config.ALERT_CHANNELS),
    freeBytes,
    timing: { speed, ...(deliveryMs !== undefined && { deliveryMs }) },
    redact: (text) => redact(text, secrets),
    onUnheard: options.onUnheard ?? ((text) => void process.stderr.write(`${text}\n`)),
  });
  addAlertCommands(commands, alerting);
  return alerting;
}
