import type { Config } from '../../config.ts';
import { haltOffline, settleOffline } from '../../actors/campaign-offline.ts';
import { VERDICTS } from '../../machines/campaign-protocol.ts';
import { UserError } from '../../errors.ts';
import { resetOffline } from '../../runtime/offline.ts';
import { z } from 'zod';

const by = z.string();
const commands = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reset'), services: z.array(z.string()).nullable(), by }),
  z.object({ type: z.enum(['campaign.pause', 'campaign.stop']), campaign: z.string(), by }),
  z.object({
    type: z.literal('campaign.settle'),
    contact: z.string(),
    verdict: z.enum(VERDICTS),
    by,
  }),
]);

/** About alerts; their own part of the program says what they look like. */
const aboutAlerts = z.looseObject({
  type: z.enum(['alerts.ack', 'alerts.silence', 'alerts.lift']),
  by,
});

/**
 * What can be done in a folder that no agent works on: it is written to the journal, as the
 * commands of the same names do.
 * @throws UserError for what needs an agent
 */
export async function carryOutOffline(
  dataDir: string,
  config: Config,
  command: unknown,
): Promise<unknown> {
  const alerting = aboutAlerts.safeParse(command);
  if (alerting.success) {
    const { alertsOffline } = await import('../../sinks/alerts/desk.ts');
    return alertsOffline(dataDir, config, alerting.data);
  }
  const { success, data } = commands.safeParse(command);
  if (!success) {
    throw new UserError(
      'No agent is running on this folder: start one with npx call-agent campaign resume --serve.',
    );
  }
  if (data.type === 'reset') resetOffline(dataDir, data.services, data.by);
  else if (data.type === 'campaign.settle')
    settleOffline(dataDir, data.contact, data.verdict, data.by);
  else haltOffline(dataDir, data.type, data.campaign, data.by);
  return null;
}
