import {
  ContactList,
  type ContactDetails,
  type ContactLine,
  type ContactListInfo,
} from './contact-list.ts';
import type { FileSystem } from './file-system.ts';
import { PendingFile } from './pending-file.ts';

/** Writes a campaign's contacts as they come; the list is there when it is finished. */
export class ContactListWriter {
  readonly #list: ContactList;
  readonly #file: PendingFile;
  #position = 0;

  /** @param file of the list to be; its folder exists */
  constructor(file: string, disk?: FileSystem) {
    this.#list = new ContactList(file, disk);
    this.#file = new PendingFile(file, disk);
  }

  get size(): number {
    return this.#list.size;
  }

  add(contact: ContactDetails): void {
    this.#write(contact);
  }

  /** A later row of the nth contact's number says that it must not be called. */
  amend(index: number, skip: string): void {
    const amends = this.#list.idAt(index);
    if (amends === undefined) throw new RangeError(`index must be of a contact, got ${index}`);
    this.#write({ amends, skip });
  }

  /** Puts the list on disk under its name. */
  finish(info: ContactListInfo): ContactList {
    this.#write({ info });
    this.#file.finish();
    return this.#list;
  }

  /** The list could not be read to its end: nothing of it stays. */
  abandon(): void {
    this.#file.abandon();
  }

  #write(line: ContactLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    this.#list.note(line, this.#position, bytes.length);
    this.#position += bytes.length;
    this.#file.write(bytes);
  }
}
