import fs from 'node:fs';
import path from 'node:path';

/** A person to call. This table is the only place where names and full numbers stand. */
export interface ContactDetails {
  readonly id: string;
  /** E.164. */
  readonly phone: string;
  readonly name: string;
  readonly variables: { readonly [column: string]: string };
  /** IANA name, when the list says it. */
  readonly timezone: string | null;
  /** Why this contact is not to be called, or null. */
  readonly skip: string | null;
}

/** One line of a table's file: which list the contacts came from. */
export interface ContactListInfo {
  readonly campaign: string;
  /** Name of the file the list came from. */
  readonly source: string;
  /** SHA-256 of that file's content. */
  readonly sourceHash: string;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rejectedFile: string | null;
}

interface TableFile {
  readonly info: ContactListInfo | null;
  readonly contacts: readonly ContactDetails[];
}

/** No campaign's name begins with an underscore. */
const singles = '_single';

/** A row that a crash cut short was never acted on: the call begins after it is whole. */
const parseRow = (row: string): (ContactDetails | { info: ContactListInfo })[] => {
  try {
    return [JSON.parse(row) as ContactDetails | { info: ContactListInfo }];
  } catch {
    return [];
  }
};

const parse = (file: string): TableFile => {
  const rows = fs.readFileSync(file, 'utf8').split('\n').flatMap(parseRow);
  const contacts = rows.filter((row): row is ContactDetails => 'id' in row);
  const first = rows[0];
  return { info: first && 'info' in first ? first.info : null, contacts };
};

/** Contact details beside the journal, by contact id; one file a campaign, so that it can be erased. */
export class ContactTable {
  readonly #dir: string;
  readonly #byId = new Map<string, ContactDetails>();
  readonly #lists = new Map<string, TableFile>();
  #last = 0;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static open(dir: string): ContactTable {
    const table = new ContactTable(dir);
    if (!fs.existsSync(dir)) return table;
    for (const file of fs.readdirSync(dir).toSorted()) {
      if (file.endsWith('.jsonl')) table.#take(file.slice(0, -6), parse(path.join(dir, file)));
    }
    return table;
  }

  get(id: string): ContactDetails | undefined {
    return this.#byId.get(id);
  }

  list(campaign: string): readonly ContactDetails[] {
    return this.#lists.get(campaign)?.contacts ?? [];
  }

  info(campaign: string): ContactListInfo | null {
    return this.#lists.get(campaign)?.info ?? null;
  }

  campaigns(): ContactListInfo[] {
    return [...this.#lists.values()].flatMap(({ info }) => (info ? [info] : []));
  }

  /** Ids are never given out twice, and `taken` says how far the journal has come. */
  nextId(): string {
    return String(++this.#last).padStart(4, '0');
  }

  /** Marks an id as used; a contact that was erased keeps its id. */
  reserve(id: string): void {
    this.#last = Math.max(this.#last, Number.parseInt(id, 10) || 0);
  }

  /** A contact of no campaign. */
  addSingle(contact: ContactDetails): void {
    fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    fs.appendFileSync(path.join(this.#dir, `${singles}.jsonl`), `\n${JSON.stringify(contact)}\n`, {
      mode: 0o600,
      flush: true,
    });
    this.#byId.set(contact.id, contact);
    this.reserve(contact.id);
  }

  /** A campaign's whole list; it is on disk, or not there at all. */
  addList(info: ContactListInfo, contacts: readonly ContactDetails[]): void {
    fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const file = path.join(this.#dir, `${info.campaign}.jsonl`);
    const rows = [JSON.stringify({ info }), ...contacts.map((contact) => JSON.stringify(contact))];
    fs.writeFileSync(`${file}.tmp`, `${rows.join('\n')}\n`, { mode: 0o600, flush: true });
    fs.renameSync(`${file}.tmp`, file);
    this.#take(info.campaign, { info, contacts });
  }

  #take(campaign: string, table: TableFile): void {
    this.#lists.set(campaign, table);
    for (const contact of table.contacts) {
      this.#byId.set(contact.id, contact);
      this.reserve(contact.id);
    }
  }
}
