import { createHash } from 'node:crypto';
import type { CallingRules } from '../config.ts';
import { NumberList } from '../store/number-list.ts';
import { openNow } from './calling-window.ts';
import { skipReason } from './campaign-list.ts';
import { columnsForPrompt } from './contacts/columns.ts';
import { readContactList, type ContactListOptions } from './contacts/list.ts';

/** A row that would not be called. */
export interface LeftOut {
  readonly line: number;
  readonly reason: string;
}

/** What a list would lead to. */
export interface ListCheck {
  readonly called: number;
  /** Of those, outside the hours of their own day in which they may be called, at this moment. */
  readonly outsideHours: number;
  /** Contacts whose time zone is not known, and the line of the first one. */
  readonly unknownZones: { readonly count: number; readonly line: number };
  /** What fills something in a prompt. */
  readonly columns: readonly string[];
  readonly skipped: readonly LeftOut[];
  readonly rejected: readonly LeftOut[];
  readonly duplicates: number;
  /** SHA-256 of the list's content. */
  readonly hash: string;
}

/**
 * Goes through a list as a campaign would, without calling anybody. What it keeps besides the
 * numbers seen are line and reason of the rows that are left out.
 * @param now epoch ms
 * @throws UserError when the list can't be used
 */
export async function checkList(
  file: string,
  options: Pick<ContactListOptions, 'defaultCountry'>,
  { rules, now }: { readonly rules: CallingRules; readonly now: number },
): Promise<ListCheck> {
  const hash = createHash('sha256');
  const onBytes = (bytes: Buffer): void => void hash.update(bytes);
  const isOpen = openNow(rules.window, now);
  const skipped = new Map<number, LeftOut>();
  /** Which contacts can't be called now, for the case that a later row says never. */
  const closed = new NumberList();
  const rejected: LeftOut[] = [];
  const unknownZones = { count: 0, line: 0 };
  let columns: readonly string[] = [];
  const onColumns = (header: readonly string[]): void => void (columns = columnsForPrompt(header));
  let contacts = 0;
  let duplicates = 0;
  for await (const item of readContactList(file, { ...options, onBytes, onColumns })) {
    if (item.kind === 'rejected') {
      rejected.push({ line: item.rejected.line, reason: item.rejected.reason });
      continue;
    }
    const isNew = item.kind === 'contact';
    const reason = skipReason(isNew ? item.contact : item, rules);
    const [index, line] = isNew ? [contacts, item.contact.line] : [item.first, item.firstLine];
    if (reason !== null) skipped.set(index, { line, reason });
    if (!isNew) duplicates++;
    else if (!isOpen(item.contact)) closed.push(contacts);
    if (isNew && item.contact.hasUnknownTimezone && unknownZones.count++ === 0) {
      unknownZones.line = line;
    }
    if (isNew) contacts++;
  }
  let outsideHours = closed.length;
  for (const index of skipped.keys()) if (closed.find(index) >= 0) outsideHours--;
  return {
    called: contacts - skipped.size,
    outsideHours,
    unknownZones,
    columns,
    skipped: [...skipped.values()].toSorted((a, b) => a.line - b.line),
    rejected,
    duplicates,
    hash: hash.digest('hex'),
  };
}
