import { secretsOf, type Config } from '../config.ts';
import { isUserError } from '../errors.ts';
import { redact } from '../runtime/redact.ts';
import { inOrder } from '../sinks/alerts/configured.ts';
import type { Channel } from '../sinks/channels/channel.ts';
import { makeChannels } from '../sinks/channels/make.ts';
import { ChannelNames } from '../sinks/channels/names.ts';
import type { Finding } from './preflight.ts';

/** A mail server looks up who asks, and may take its time. */
const PATIENCE_MS = 15_000;

async function checkChannel(channel: Channel, secrets: readonly string[]): Promise<Finding> {
  const what = `alerts by ${channel.name}`;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const start = performance.now();
  try {
    const found = await channel.check(signal);
    const ms = Math.round(performance.now() - start);
    const message =
      found === 'works'
        ? `answered in ${ms} ms; no message was sent`
        : `can be reached; whether it takes a message, "call-agent alerts test --channel ${channel.name}" shows`;
    return { what, state: 'ok', message };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const message = signal.aborted ? `no answer within ${PATIENCE_MS / 1_000} s` : said;
    return { what, state: 'failed', message: redact(message, secrets) };
  }
}

const noChannels: Finding = {
  what: 'alerts',
  state: 'off',
  message:
    'nobody is told when something fails: set EMAIL_…, TELEGRAM_… or WEBHOOK_URL, as docs/alerting-channels.md shows',
};

/** Asks every alert channel that is set whether it would work; nobody is told anything. */
export async function checkChannels(
  config: Config,
  dataDir: string | null = null,
): Promise<Finding[]> {
  const secrets = secretsOf(config);
  const channels = makeChannels(config, new ChannelNames(dataDir));
  const found = channels.map((channel) => checkChannel(channel, secrets));
  return [
    ...(channels.length === 0 ? [noChannels] : await Promise.all(found)),
    ...order(channels, config),
  ];
}

/** Whom to ask first must be there. */
function order(channels: readonly Channel[], config: Config): Finding[] {
  try {
    inOrder(channels, config.ALERT_CHANNELS);
    return [];
  } catch (error) {
    if (!isUserError(error)) throw error;
    return [{ what: 'order of alerts', state: 'failed', message: error.message }];
  }
}
