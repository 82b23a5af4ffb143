import path from 'node:path';
import { UserError } from '../errors.ts';
import { ContactTable } from '../store/contacts.ts';
import { readStanding, type Standing } from '../runtime/standing.ts';
import { maskPhone } from '../store/mask.ts';
import { reportCampaign, type CampaignReport, type CampaignRoot } from './report.ts';

/** How things stand in a data folder, read beside whoever works on it. */
export interface Reading extends Standing {
  readonly contacts: ContactTable;
}

/** @throws JournalError where the journal is damaged */
export function readFolder(dataDir: string): Reading {
  const contacts = ContactTable.open(path.join(dataDir, 'contacts'));
  return { contacts, ...readStanding(dataDir) };
}

/** Reports of all campaigns of a folder, the latest last, or of one. */
export function readReports(
  { contacts, ledger, root: rootOf }: Reading,
  isRunning: boolean,
  campaign?: string,
): CampaignReport[] {
  const order = ledger.campaigns();
  return contacts
    .campaigns()
    .toSorted((a, b) => order.indexOf(a.campaign) - order.indexOf(b.campaign))
    .filter((info) => campaign === undefined || info.campaign === campaign)
    .map((info) => {
      const found = rootOf(`campaign:${info.campaign}`);
      const root = found && found.state !== 'done' ? (found as unknown as CampaignRoot) : null;
      return reportCampaign({ info, list: contacts.list(info.campaign), ledger, root, isRunning });
    });
}

/** A contact of whom nobody knows whether it was called. */
export interface UnknownContact {
  readonly contact: string;
  /** Null for a single call. */
  readonly campaign: string | null;
  /** Masked; empty when they were erased. */
  readonly phone: string;
  /** ISO 8601; null when it may never have been dialled. */
  readonly dialledAt: string | null;
  readonly reason: string;
}

/** @throws UserError when there is no such campaign */
export function readUnknown({ contacts, ledger }: Reading, campaign?: string): UnknownContact[] {
  if (campaign !== undefined && !contacts.info(campaign)) {
    throw new UserError(
      `There is no campaign called ${campaign}: see npx call-agent campaign list.`,
    );
  }
  return ledger
    .unknown()
    .filter((entry) => campaign === undefined || entry.campaign === campaign)
    .map(({ contact, campaign: of, dialledAt, error }) => ({
      contact,
      campaign: of,
      phone: maskPhone(contacts.get(contact)?.phone ?? ''),
      dialledAt: dialledAt === null ? null : new Date(dialledAt).toISOString(),
      reason: error?.message ?? 'the provider can not tell',
    }));
}
