import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { UserError } from '../errors.ts';
import type { Artefacts } from '../store/artefacts.ts';
import type { ContactTable } from '../store/contacts.ts';
import { namedBy, type Ledger } from '../store/ledger.ts';
import { nationalOf, readPhone } from './contacts/phone.ts';
import { csvLine, rejectedFiles } from './contacts/rejected-csv.ts';
import { contactOfKey } from './record-key.ts';

/** What was removed of a person. */
export interface Erasure {
  /** Ids, which stay in the journal and say nothing of whose they were. */
  readonly contacts: readonly string[];
  /** Scripts and audio. */
  readonly artefacts: number;
  readonly rejectedRows: number;
  /** Calls and results in the memory of the simulated providers. */
  readonly simulated: number;
}

export interface ErasureOptions {
  readonly dir: string;
  readonly contacts: ContactTable;
  readonly ledger: Ledger;
  readonly artefacts: Artefacts;
  /** A call that is under way must end first: what its state is, or null. */
  readonly callUnderWay: (root: string) => string | null;
  /** Journals that a contact is erased, before it is. */
  readonly note: (contact: string) => void;
}

/**
 * Removes a person from the data folder: contact rows in every campaign, rejected rows, scripts and
 * audio that nobody else uses, and what the simulated providers remember. Rows go last, so that an
 * erasure that is cut short can be repeated.
 * @param who a contact's id, or a number with its country code; one without is looked for in
 *   rejected rows
 * @throws UserError when nobody is found, or a call to them is under way
 */
export function erasePerson(who: string, options: ErasureOptions): Erasure {
  const { contacts, dir } = options;
  const { ids, phone, reason } = find(who, contacts);
  for (const id of ids) refuseUnderWay(id, options);
  const rejectedRows = eraseRejected(dir, isTheirCell(phone, who));
  if (ids.length === 0 && rejectedRows === 0) {
    throw new UserError(reason ?? `Nobody in ${dir} is known by that number or id.`);
  }
  for (const id of ids) options.note(id);
  const theirs = new Set(ids);
  const artefacts = eraseArtefacts(theirs, options);
  const simulated = eraseMemory(dir, theirs, phone);
  if (ids.length > 0) contacts.erase(theirs);
  return { contacts: ids, artefacts, rejectedRows, simulated };
}

interface Found {
  readonly ids: readonly string[];
  /** E.164; null where there is none to be read. */
  readonly phone: string | null;
  /** Why there can only be rejected rows, for somebody who is in none. */
  readonly reason?: string;
}

function find(who: string, contacts: ContactTable): Found {
  if (/^\d{1,9}$/.test(who)) {
    const contact = contacts.get(who.padStart(4, '0'));
    if (!contact) return { ids: [], phone: null, reason: `There is no contact ${who}.` };
    const phone = contact.phone === '' ? null : contact.phone;
    return { ids: phone === null ? [contact.id] : contacts.withPhone(phone), phone };
  }
  const read = readPhone(who, null);
  if (read.ok) return { ids: contacts.withPhone(read.phone), phone: read.phone };
  const reason = `That is neither a contact's id nor a number: ${read.reason}.`;
  return { ids: [], phone: null, reason };
}

function refuseUnderWay(id: string, { ledger, callUnderWay }: ErasureOptions): void {
  const entry = ledger.get(id);
  const state = entry?.status === 'active' ? callUnderWay(entry.root) : null;
  if (state === null) return;
  throw new UserError(
    `Contact ${id} is being called (${state}): let that call come to its end, with ` +
      'npx call-agent campaign resume when no agent is running, and erase them then.',
  );
}

/**
 * Whatever belongs to nobody else goes: what a crash left unnamed, or an earlier try has made, may
 * be theirs, and nothing says whose it is.
 */
function eraseArtefacts(
  theirs: ReadonlySet<string>,
  { ledger, artefacts }: ErasureOptions,
): number {
  const others = ledger.entries().filter(({ contact }) => !theirs.has(contact));
  return artefacts.sweep(namedBy(others));
}

/** The file as it is to be, in one step; nothing is written when nothing goes. */
function rewrite(file: string, text: string): void {
  fs.writeFileSync(`${file}.tmp`, text, { mode: 0o600, flush: true });
  fs.renameSync(`${file}.tmp`, file);
}

/** Fewer digits are taken for a number only where a cell holds no others. */
const LEAST_DIGITS = 7;

const digitsOf = (text: string): string => text.normalize('NFKC').replace(/\D/g, '');

/**
 * Whether a rejected cell may hold the number. It was rejected because it can't be read, or for
 * another cell: there may be no country code, a trunk zero, an extension, or a second number.
 * @param phone E.164; null when `who` is not to be read either
 */
function isTheirCell(phone: string | null, who: string): (cell: string) => boolean {
  const all = digitsOf(phone ?? who).replace(/^0+/, '');
  const national = phone === null ? all : nationalOf(phone);
  const sought = national.length < LEAST_DIGITS ? all : national;
  return (cell) => {
    const digits = digitsOf(cell).replace(/^0+/, '');
    if (sought === '' || digits === '') return false;
    if (sought.length < LEAST_DIGITS || digits.length < LEAST_DIGITS) return digits === all;
    return digits.includes(sought) || all.endsWith(digits);
  };
}

/** In every folder: an import that was cut short has left a file without a campaign. */
function eraseRejected(dir: string, isTheirs: (cell: string) => boolean): number {
  let erased = 0;
  for (const file of rejectedFiles(dir)) {
    const rows = parse(fs.readFileSync(file), {
      relax_column_count: true,
      bom: true,
    }) as string[][];
    const kept = rows.filter((row, index) => index === 0 || !row.slice(2).some(isTheirs));
    if (kept.length === rows.length) continue;
    rewrite(file, kept.map(csvLine).join(''));
    erased += rows.length - kept.length;
  }
  return erased;
}

interface MemoryLine {
  readonly call?: { readonly to: string };
  readonly record?: { readonly properties: Readonly<Record<string, unknown>> };
}

function eraseMemory(dir: string, theirs: ReadonlySet<string>, phone: string | null): number {
  const file = path.join(dir, 'contacts', 'simulated-providers.log');
  if (!fs.existsSync(file)) return 0;
  const lines = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const kept = lines.filter((line) => !isTheirLine(line, theirs, phone));
  if (kept.length < lines.length) rewrite(file, kept.map((line) => `${line}\n`).join(''));
  return lines.length - kept.length;
}

function isTheirLine(text: string, theirs: ReadonlySet<string>, phone: string | null): boolean {
  try {
    const { call, record } = JSON.parse(text) as MemoryLine;
    const key = record?.properties['call_agent_key'];
    const contact = typeof key === 'string' ? contactOfKey(key) : '';
    return (call !== undefined && call.to === phone) || theirs.has(contact);
  } catch {
    // Cut short by a kill: nobody can read it, so it goes.
    return true;
  }
}
