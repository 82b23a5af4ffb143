import path from 'node:path';
import {
  ContactList,
  idOf,
  parseLine,
  type ContactDetails,
  type ContactListInfo,
} from './contact-list.ts';
import { ContactListWriter } from './contact-writer.ts';
import { erased, eraseRows } from './erased-rows.ts';
import { realFileSystem, writeAll, type FileSystem } from './file-system.ts';
import { rawLines } from './raw-lines.ts';
import { writing } from './storage-error.ts';

export type { ContactDetails, ContactListInfo };

/** No campaign's name begins with an underscore. */
const singles = '_single.jsonl';

/** Contact details beside the journal, by contact id; one file a campaign, so that it can be erased. */
export class ContactTable {
  readonly #dir: string;
  readonly #disk: FileSystem;
  readonly #singles = new Map<string, ContactDetails>();
  readonly #lists = new Map<string, ContactList>();
  #last = 0;

  private constructor(dir: string, disk: FileSystem) {
    this.#dir = dir;
    this.#disk = disk;
  }

  static open(dir: string, disk: FileSystem = realFileSystem): ContactTable {
    const table = new ContactTable(dir, disk);
    for (const name of disk.list(dir).toSorted()) {
      const file = path.join(dir, name);
      if (name === singles) table.#readSingles(file);
      else if (name.endsWith('.jsonl'))
        table.#take(name.slice(0, -6), ContactList.read(file, disk));
    }
    return table;
  }

  /** Removes lists that a crash left half written. For the folder's one writer only. */
  sweep(): void {
    for (const name of this.#disk.list(this.#dir)) {
      if (name.endsWith('.jsonl.tmp')) this.#disk.remove(path.join(this.#dir, name));
    }
  }

  get(id: string): ContactDetails | undefined {
    const single = this.#singles.get(id);
    if (single) return single;
    for (const list of this.#lists.values()) {
      const found = list.get(Number(id));
      if (found) return found;
    }
    return undefined;
  }

  /** A campaign's contacts in their order; they are read from disk as they are gone through. */
  list(campaign: string): Iterable<ContactDetails> {
    return this.#lists.get(campaign) ?? [];
  }

  /** Contacts in a campaign's list. */
  size(campaign: string): number {
    return this.#lists.get(campaign)?.size ?? 0;
  }

  /** The id of a campaign's nth contact. */
  idAt(campaign: string, index: number): string | undefined {
    return this.#lists.get(campaign)?.idAt(index);
  }

  info(campaign: string): ContactListInfo | null {
    return this.#lists.get(campaign)?.info ?? null;
  }

  campaigns(): ContactListInfo[] {
    return [...this.#lists.values()].flatMap(({ info }) => (info ? [info] : []));
  }

  /** Ids are never given out twice, and `reserve` says how far the journal has come. */
  nextId(): string {
    return idOf(++this.#last);
  }

  /** Marks an id as used; a contact that was erased keeps its id. */
  reserve(id: string): void {
    this.#last = Math.max(this.#last, Number.parseInt(id, 10) || 0);
  }

  /** A contact of no campaign. @throws StorageError when the disk refuses */
  addSingle(contact: ContactDetails): void {
    const file = path.join(this.#dir, singles);
    writing(file, () => this.#append(file, `\n${JSON.stringify(contact)}\n`));
    this.#singles.set(contact.id, contact);
    this.reserve(contact.id);
  }

  /** Begins a campaign's list: it is there once the writer has finished and `addList` is told. */
  beginList(campaign: string): ContactListWriter {
    this.#makeFolder();
    return new ContactListWriter(path.join(this.#dir, `${campaign}.jsonl`), this.#disk);
  }

  addList(info: ContactListInfo, writer: ContactListWriter): void {
    this.#take(info.campaign, writer.finish(info));
  }

  /** Ids of everybody with that number, in all campaigns and single calls. */
  withPhone(phone: string): string[] {
    const all = [
      ...[...this.#lists.values()].flatMap((list) => [...list]),
      ...this.#singles.values(),
    ];
    return all.filter((contact) => contact.phone === phone).map(({ id }) => id);
  }

  /** Forgets who these contacts are. Their ids stay taken, and nobody calls them any more. */
  erase(ids: ReadonlySet<string>): void {
    const there = new Set(this.#disk.list(this.#dir));
    for (const [campaign, list] of this.#lists) {
      const file = path.join(this.#dir, `${campaign}.jsonl`);
      if (!there.has(`${campaign}.jsonl`)) continue;
      list.close();
      if (eraseRows(file, ids, this.#disk) === 0) continue;
      this.#take(campaign, ContactList.read(file, this.#disk));
    }
    if (!there.has(singles)) return;
    if (eraseRows(path.join(this.#dir, singles), ids, this.#disk) === 0) return;
    for (const id of ids) if (this.#singles.has(id)) this.#singles.set(id, erased(id));
  }

  /** Gives the files back that are open. */
  close(): void {
    for (const list of this.#lists.values()) list.close();
  }

  #append(file: string, text: string): void {
    this.#makeFolder();
    const fd = this.#disk.open(file, 'append');
    try {
      writeAll(this.#disk, fd, Buffer.from(text));
      this.#disk.syncNow(fd);
    } finally {
      this.#disk.close(fd);
    }
    this.#disk.syncFolder(this.#dir);
  }

  #makeFolder(): void {
    this.#disk.makeFolder(this.#dir);
  }

  #readSingles(file: string): void {
    for (const { bytes } of rawLines(file, { disk: this.#disk })) {
      const line = parseLine(bytes);
      if (!line || !('id' in line)) continue;
      this.#singles.set(line.id, line);
      this.reserve(line.id);
    }
  }

  #take(campaign: string, list: ContactList): void {
    this.#lists.set(campaign, list);
    this.reserve(String(list.lastId));
  }
}
