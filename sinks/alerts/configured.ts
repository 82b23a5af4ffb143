import type { AlertConfig } from '../../config/alerts.ts';
import { UserError } from '../../errors.ts';
import type { Channel } from '../channels/channel.ts';
import type { AlertSettings } from './settings.ts';

const ms = (seconds: number): number => Math.round(seconds * 1000);
const msOrOff = (seconds: number | 'off'): number | null =>
  seconds === 'off' ? null : ms(seconds);

/** The configuration's seconds and percents as what the rules reckon with. */
export function alertSettingsOf(config: AlertConfig): AlertSettings {
  return {
    downAfterMs: ms(config.ALERT_SERVICE_DOWN_AFTER),
    errorRate: config.ALERT_ERROR_RATE / 100,
    retryRate: config.ALERT_RETRY_RATE / 100,
    latencyMs: ms(config.ALERT_LATENCY),
    windowMs: ms(config.ALERT_WINDOW),
    minSamples: config.ALERT_MIN_SAMPLES,
    calmAfterMs: ms(config.ALERT_CALM_AFTER),
    groupIntervalMs: ms(config.ALERT_GROUP_INTERVAL),
    repeatAfterMs: msOrOff(config.ALERT_REPEAT_INTERVAL),
    escalateAfterMs: msOrOff(config.ALERT_ESCALATE_AFTER),
    freeBytes: config.ALERT_DISK_FREE_MB * 1e6,
    digestOver: config.ALERT_DIGEST_OVER,
  };
}

/** `telegram` means every chat, `telegram:42` that one. */
export const isMeant = (channel: string, name: string): boolean =>
  channel === name || channel.startsWith(`${name}:`);

/**
 * The channels in the order in which they are asked: those that are named first, then the others.
 * @throws UserError when one is named that there is not: nobody would notice before it is needed
 */
export function inOrder(
  channels: readonly Channel[],
  first: readonly string[] = [],
): readonly Channel[] {
  const names = channels.map(({ name }) => name);
  const stranger = first.find((wanted) => !names.some((name) => isMeant(name, wanted)));
  if (stranger !== undefined) {
    const there = names.length === 0 ? 'no channel is set up' : `there are ${names.join(', ')}`;
    throw new UserError(`ALERT_CHANNELS names ${stranger}, which is not set up: ${there}.`);
  }
  const rank = ({ name }: Channel): number => {
    const at = first.findIndex((wanted) => isMeant(name, wanted));
    return at < 0 ? first.length : at;
  };
  return channels.toSorted((a, b) => rank(a) - rank(b));
}
