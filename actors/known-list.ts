import { hashOf } from './campaign-import.ts';
import { readFolder, readReports } from './reading.ts';

/** A campaign that a data folder has of a list, and how far it is. */
export interface KnownCampaign {
  readonly campaign: string;
  readonly state: string;
}

/** The latest campaign of a list of the same content; null when the folder has none. */
export async function campaignOf(file: string, dataDir: string): Promise<KnownCampaign | null> {
  const hash = await hashOf(file);
  const reading = readFolder(dataDir);
  const names = reading.contacts
    .campaigns()
    .filter(({ sourceHash }) => sourceHash === hash)
    .map(({ campaign }) => campaign);
  const found = readReports(reading, false).findLast(({ campaign }) => names.includes(campaign));
  return found ? { campaign: found.campaign, state: found.state } : null;
}
