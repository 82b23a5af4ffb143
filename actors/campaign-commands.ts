import { z } from 'zod';
import { VERDICTS, type Verdict } from '../machines/campaign-protocol.ts';
import type { CampaignRef } from '../machines/campaign.ts';
import type { CommandDesk } from '../runtime/commands.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Campaigns } from './campaigns.ts';
import type { OwedRecords } from './owed-records.ts';
import { reportCall, type CampaignReport, type ReportedCall } from './report.ts';
import { verdictOn } from './verdict.ts';

/** Null for all campaigns that have not come to their end. */
const order = z.object({ campaign: z.string().nullable(), by: z.string() });
const settlement = z.object({
  contact: z.string(),
  verdict: z.enum(VERDICTS),
  by: z.string(),
});

/** `campaign.pause`, `campaign.stop`, `campaign.resume` and `campaign.settle`. */
export function addCampaignCommands(
  commands: CommandDesk,
  runtime: Runtime,
  campaigns: Campaigns,
  owed: OwedRecords,
): void {
  for (const what of ['pause', 'stop', 'resume'] as const) {
    commands.add(`campaign.${what}`, order, ({ campaign, by }): CampaignReport[] => {
      const wanted = campaign === null ? campaigns.unfinished() : [campaign];
      for (const name of wanted) campaigns[what](name, by);
      return wanted.map((name) => campaigns.report(name));
    });
  }
  commands.add('campaign.settle', settlement, ({ contact, verdict, by }) => {
    const settled = settle(runtime, contact, verdict, by);
    owed.write();
    return settled;
  });
}

function settle(runtime: Runtime, contact: string, verdict: Verdict, by: string): ReportedCall {
  const { ledger, roots, clock, contacts } = runtime;
  const { actor, event } = verdictOn(contact, verdict, by, {
    ledger,
    campaign: (root) => (roots.get(root) as CampaignRef | undefined)?.getSnapshot() ?? null,
    now: () => clock.now(),
  });
  roots.get(actor)?.send(event);
  const details = contacts.get(contact) ?? { id: contact, name: '' };
  return reportCall(details, ledger.get(contact));
}
