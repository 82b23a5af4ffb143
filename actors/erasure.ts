import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { UserError } from '../errors.ts';
import type { ContactTable } from '../store/contacts.ts';
import type { Entry, Ledger } from '../store/ledger.ts';
import { readPhone } from './contacts/phone.ts';
import { csvLine } from './contacts/rejected-csv.ts';
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
  /** A call that is under way must end first: what its state is, or null. */
  readonly callUnderWay: (root: string) => string | null;
  /** Journals that a contact is erased, before it is. */
  readonly note: (contact: string) => void;
}

/**
 * Removes a person from the data folder: contact rows in every campaign, rejected rows, scripts and
 * audio that nobody else uses, and what the simulated providers remember. Rows go last, so that an
 * erasure that is cut short can be repeated.
 * @param who a contact's id, or a number with its country code
 * @throws UserError when nobody is found, or a call to them is under way
 */
export function erasePerson(who: string, options: ErasureOptions): Erasure {
  const { contacts, ledger, dir } = options;
  const { ids, phone } = find(who, contacts);
  for (const id of ids) refuseUnderWay(id, options);
  const rejectedRows = phone === null ? 0 : eraseRejected(dir, phone, contacts);
  if (ids.length === 0 && rejectedRows === 0) {
    throw new UserError(`Nobody in ${dir} is known by that number or id.`);
  }
  for (const id of ids) options.note(id);
  const theirs = new Set(ids);
  const artefacts = eraseArtefacts(dir, theirs, ledger);
  const simulated = eraseMemory(dir, theirs, phone);
  if (ids.length > 0) contacts.erase(theirs);
  return { contacts: ids, artefacts, rejectedRows, simulated };
}

function find(who: string, contacts: ContactTable): { ids: string[]; phone: string | null } {
  if (/^\d{1,9}$/.test(who)) {
    const contact = contacts.get(who.padStart(4, '0'));
    if (!contact) throw new UserError(`There is no contact ${who}.`);
    const phone = contact.phone === '' ? null : contact.phone;
    return { ids: phone === null ? [contact.id] : contacts.withPhone(phone), phone };
  }
  const read = readPhone(who, null);
  if (!read.ok) throw new UserError(`That is neither a contact's id nor a number: ${read.reason}.`);
  return { ids: contacts.withPhone(read.phone), phone: read.phone };
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

const artefactsOf = ({ script, speech }: Entry): string[] =>
  [script?.['artefact'], speech?.['artefact']].filter((name) => typeof name === 'string');

function eraseArtefacts(dir: string, theirs: ReadonlySet<string>, ledger: Ledger): number {
  const entries = ledger.entries();
  const isTheirs = ({ contact }: Entry): boolean => theirs.has(contact);
  const kept = new Set(entries.filter((entry) => !isTheirs(entry)).flatMap(artefactsOf));
  const names = new Set(entries.filter(isTheirs).flatMap(artefactsOf));
  const files = [...names]
    .filter((name) => !kept.has(name))
    .map((name) => path.join(dir, 'artefacts', name))
    .filter((file) => fs.existsSync(file));
  for (const file of files) fs.rmSync(file);
  return files.length;
}

/** The file as it is to be, in one step; nothing is written when nothing goes. */
function rewrite(file: string, text: string): void {
  fs.writeFileSync(`${file}.tmp`, text, { mode: 0o600, flush: true });
  fs.renameSync(`${file}.tmp`, file);
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** A rejected number may stand there without its country code. */
function isTheirNumber(cell: string, phone: string): boolean {
  const digits = digitsOf(cell).replace(/^0+/, '');
  return digits.length >= 7 && digitsOf(phone).endsWith(digits);
}

function eraseRejected(dir: string, phone: string, contacts: ContactTable): number {
  let erased = 0;
  for (const { campaign } of contacts.campaigns()) {
    const file = path.join(dir, 'campaigns', campaign, 'rejected.csv');
    if (!fs.existsSync(file)) continue;
    const rows = parse(fs.readFileSync(file), {
      relax_column_count: true,
      bom: true,
    }) as string[][];
    const kept = rows.filter(
      (row, index) => index === 0 || !row.slice(2).some((cell) => isTheirNumber(cell, phone)),
    );
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
