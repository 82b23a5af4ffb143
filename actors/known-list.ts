import path from 'node:path';
import { ContactTable } from '../store/contacts.ts';
import { readFolder, readReports } from './reading.ts';

/** A campaign that a data folder has of a list, and how far it is. */
export interface KnownCampaign {
  readonly campaign: string;
  readonly state: string;
}

/**
 * The latest campaign of a list of the same content; null when the folder has none. The journal is
 * read only where there is one.
 * @param hash SHA-256 of the list's content
 */
export function campaignOf(hash: string, dataDir: string): KnownCampaign | null {
  const names = ContactTable.open(path.join(dataDir, 'contacts'))
    .campaigns()
    .filter(({ sourceHash }) => sourceHash === hash)
    .map(({ campaign }) => campaign);
  if (names.length === 0) return null;
  const reports = readReports(readFolder(dataDir), false);
  const found = reports.findLast(({ campaign }) => names.includes(campaign));
  return found ? { campaign: found.campaign, state: found.state } : null;
}
