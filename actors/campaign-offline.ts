import { UserError } from '../errors.ts';
import type { Verdict } from '../machines/campaign-protocol.ts';
import { writeOffline, type OfflineFolder } from '../runtime/offline.ts';
import { verdictOn, type CampaignSnapshot } from './verdict.ts';

const PREFIX = 'campaign:';

/**
 * Pauses or stops campaigns that no agent works on.
 * @param campaign all that have not come to their end when null
 * @returns their names
 * @throws LockedError when another process works on the folder
 * @throws UserError when there is no such campaign, or it has come to its end
 */
export function haltOffline(
  dataDir: string,
  type: 'campaign.pause' | 'campaign.stop',
  campaign: string | null,
  by: string,
): string[] {
  return writeOffline(dataDir, (folder) => {
    const unfinished = folder.fold.roots().filter((id) => id.startsWith(PREFIX));
    const wanted = campaign === null ? unfinished : [`${PREFIX}${campaign}`];
    for (const id of wanted) if (!unfinished.includes(id)) throw notUnfinished(folder, id);
    for (const id of wanted) folder.feed(id, { type, at: folder.now(), by });
    return wanted.map((id) => id.slice(PREFIX.length));
  });
}

/** See {@link verdictOn}. @throws LockedError when another process works on the folder */
export function settleOffline(
  dataDir: string,
  contact: string,
  verdict: Verdict,
  by: string,
): void {
  writeOffline(dataDir, ({ fold, feed, ledger, now }) => {
    const campaign = (root: string): CampaignSnapshot | null => fold.snapshot(root) ?? null;
    const { actor, event } = verdictOn(contact, verdict, by, { ledger, campaign, now });
    feed(actor, { ...event });
  });
}

function notUnfinished({ contacts }: OfflineFolder, id: string): UserError {
  return noneToHalt(id.slice(PREFIX.length), contacts.info(id.slice(PREFIX.length)) !== null);
}

export const noneToHalt = (campaign: string, isKnown: boolean): UserError =>
  new UserError(
    isKnown
      ? `The campaign ${campaign} has come to its end already.`
      : `There is no campaign called ${campaign}: see npx call-agent campaign list.`,
  );
