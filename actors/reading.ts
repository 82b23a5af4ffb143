import path from 'node:path';
import { ContactTable } from '../store/contacts.ts';
import { Ledger } from '../store/ledger.ts';
import { Replay } from '../store/replay.ts';
import { readJournal } from '../store/segments.ts';
import { reportCampaign, type CampaignReport, type CampaignRoot } from './report.ts';

/** What a data folder's journal says, read beside whoever writes it. */
export interface Reading {
  readonly contacts: ContactTable;
  readonly ledger: Ledger;
  readonly replay: Replay;
}

/** @throws JournalError where the journal is damaged */
export function readFolder(dataDir: string): Reading {
  const ledger = new Ledger();
  const replay = new Replay();
  readJournal(path.join(dataDir, 'journal'), (record) => {
    ledger.apply(record);
    replay.apply(record);
  });
  return { contacts: ContactTable.open(path.join(dataDir, 'contacts')), ledger, replay };
}

/** Reports of all campaigns of a folder, the latest last, or of one. */
export function readReports(
  { contacts, ledger, replay }: Reading,
  isRunning: boolean,
  campaign?: string,
): CampaignReport[] {
  const order = ledger.campaigns();
  return contacts
    .campaigns()
    .toSorted((a, b) => order.indexOf(a.campaign) - order.indexOf(b.campaign))
    .filter((info) => campaign === undefined || info.campaign === campaign)
    .map((info) => {
      const found = replay.get(`campaign:${info.campaign}`);
      const root = found && found.state !== 'done' ? (found as unknown as CampaignRoot) : null;
      return reportCampaign({ info, list: contacts.list(info.campaign), ledger, root, isRunning });
    });
}
