import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { CallingRules } from '../config.ts';
import { UserError } from '../errors.ts';
import type { ContactTable } from '../store/contacts.ts';
import type { ContactListWriter } from '../store/contact-writer.ts';
import { detailsOf, skipReason } from './campaign-list.ts';
import { readBytes } from './contacts/bytes.ts';
import type { ListItem, RejectedRow } from './contacts/contact.ts';
import { readContactList, type ContactListOptions } from './contacts/list.ts';
import { RejectedFile } from './contacts/rejected-csv.ts';

export interface ImportOptions extends Pick<ContactListOptions, 'defaultCountry'> {
  readonly campaign: string;
  readonly contacts: ContactTable;
  /** The data folder. */
  readonly dir: string;
  readonly rules: CallingRules;
}

/** SHA-256 of a list's content. @throws UserError when it can't be read */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of readBytes(file)) hash.update(bytes);
  return hash.digest('hex');
}

/**
 * Finds out what can be told early: a list that can't be read, or whose rows are all rejected. It
 * reads as far as the first contact; a quote left open further down is met by {@link importList}.
 * @throws UserError
 */
export async function refuseUnusable(file: string, options: ContactListOptions): Promise<void> {
  // The list is gone through more than once, which a pipe can't be.
  const isPipe = fs.statSync(file, { throwIfNoEntry: false })?.isFIFO() === true;
  if (isPipe) throw new UserError(`${file} is a pipe: save the list as a file first.`);
  let first: RejectedRow | null = null;
  for await (const item of readContactList(file, options)) {
    if (item.kind === 'contact') return;
    if (item.kind === 'rejected') first ??= item.rejected;
  }
  throw nothingToCall(file, first);
}

/**
 * Takes a list in, row by row: contacts into the table, rejected rows into `rejected.csv`. All of
 * it is there afterwards, or nothing.
 * @throws UserError when the list can't be used
 */
export async function importList(file: string, options: ImportOptions): Promise<void> {
  const { campaign, contacts, dir, defaultCountry } = options;
  const hash = createHash('sha256');
  let columns: readonly string[] = [];
  const writer = contacts.beginList(campaign);
  const rejected = new RejectedFile(path.join(dir, 'campaigns', campaign, 'rejected.csv'));
  let duplicates = 0;
  try {
    const onBytes = (bytes: Buffer): void => void hash.update(bytes);
    const onColumns = (seen: readonly string[]): void => void (columns = seen);
    for await (const item of readContactList(file, { defaultCountry, onBytes, onColumns })) {
      if (item.kind === 'rejected') rejected.add(columns, item.rejected);
      else if (item.kind === 'duplicate') duplicates++;
      take(item, writer, options);
    }
    if (writer.size === 0) throw nothingToCall(file, rejected.first);
    const rejectedFile = rejected.finish();
    contacts.addList(
      {
        campaign,
        source: path.resolve(file),
        sourceHash: hash.digest('hex'),
        rejected: rejected.count,
        duplicates,
        rejectedFile,
      },
      writer,
    );
  } catch (error) {
    writer.abandon();
    rejected.abandon();
    throw error;
  }
}

/** A refusal in any of a number's rows holds for its contact, which stands in the first. */
function take(item: ListItem, writer: ContactListWriter, options: ImportOptions): void {
  const { contacts, rules } = options;
  if (item.kind === 'contact') writer.add(detailsOf(item.contact, contacts.nextId(), rules));
  if (item.kind !== 'duplicate') return;
  const skip = skipReason(item, rules);
  if (skip !== null) writer.amend(item.first, skip);
}

const nothingToCall = (file: string, first: RejectedRow | null): UserError =>
  new UserError(
    `${file} holds no contact that can be called: every row was rejected, the first ` +
      `(line ${first?.line}) because ${first?.reason ?? ''}`,
  );
