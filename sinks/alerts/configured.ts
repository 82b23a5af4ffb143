import type { AlertConfig } from '../../config/alerts.ts';
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

/** The channels in the order in which they are asked: those that are named first, then the others. */
export function inOrder(
  channels: readonly Channel[],
  first: readonly string[] = [],
): readonly Channel[] {
  const rank = ({ name }: Channel): number => {
    const at = first.findIndex((wanted) => name === wanted || name.startsWith(`${wanted}:`));
    return at < 0 ? first.length : at;
  };
  return channels.toSorted((a, b) => rank(a) - rank(b));
}
