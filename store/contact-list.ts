import { openIfThere, realFileSystem, type FileSystem } from './file-system.ts';
import { NumberList } from './number-list.ts';
import { rawLines } from './raw-lines.ts';

/** A person to call. The contact tables are the only place where names and full numbers stand. */
export interface ContactDetails {
  readonly id: string;
  /** E.164. */
  readonly phone: string;
  readonly name: string;
  readonly variables: { readonly [column: string]: string };
  /** Cells of columns with a meaning of their own that a prompt may name. */
  readonly named?: { readonly [column: string]: string };
  /** IANA name, when the list says it. */
  readonly timezone: string | null;
  /** Why this contact is not to be called, or null. */
  readonly skip: string | null;
}

/** Which list a campaign's contacts came from, and what was left out of it. */
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

/** One line of a table's file. */
export type ContactLine =
  | ContactDetails
  | { readonly info: ContactListInfo }
  /** Said of a contact further up, by a later row of its number. */
  | { readonly amends: string; readonly skip: string };

/** A line that a crash cut short was never acted on: the call begins after it is whole. */
export function parseLine(bytes: Buffer): ContactLine | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as ContactLine;
  } catch {
    return null;
  }
}

const ID_KEY = Buffer.from('{"id":"');
const [ZERO, NINE, QUOTE, CLOSING] = [48, 57, 34, 125];

/**
 * The id of a contact's line, as this program writes it, without reading the rest: at each start
 * that is all that is wanted of a long list. Null where the line is another, or looks cut short.
 */
function idIn(bytes: Buffer): number | null {
  if (bytes.compare(ID_KEY, 0, ID_KEY.length, 0, ID_KEY.length) !== 0) return null;
  if (bytes.at(-1) !== CLOSING) return null;
  let id = 0;
  for (let i = ID_KEY.length; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) return id;
    if (byte < ZERO || byte > NINE) return null;
    id = id * 10 + byte - ZERO;
  }
  return null;
}

export const idOf = (number: number): string => String(number).padStart(4, '0');

/**
 * One campaign's contacts. They stay in their file; what is in memory is where each one stands:
 * 16 bytes a contact, twice that right after growing.
 */
export class ContactList {
  readonly #file: string;
  readonly #disk: FileSystem;
  readonly #ids = new NumberList();
  readonly #starts = new NumberList();
  readonly #amended = new Map<number, string>();
  #info: ContactListInfo | null = null;
  #end = 0;
  #fd: number | null = null;

  constructor(file: string, disk: FileSystem = realFileSystem) {
    this.#file = file;
    this.#disk = disk;
  }

  static read(file: string, disk: FileSystem = realFileSystem): ContactList {
    const list = new ContactList(file, disk);
    for (const { bytes, byte } of rawLines(file, { disk })) {
      const id = idIn(bytes);
      const line = id === null ? parseLine(bytes) : null;
      if (id !== null) list.#noteContact(id, byte, bytes.length + 1);
      else if (line) list.note(line, byte, bytes.length + 1);
    }
    return list;
  }

  get info(): ContactListInfo | null {
    return this.#info;
  }

  get size(): number {
    return this.#ids.length;
  }

  get lastId(): number {
    return this.#ids.at(this.size - 1) ?? 0;
  }

  /** The id of the nth contact. */
  idAt(index: number): string | undefined {
    const id = this.#ids.at(index);
    return id === undefined ? undefined : idOf(id);
  }

  /** Learns of a line that stands in the file. @throws RangeError when ids don't ascend */
  note(line: ContactLine, start: number, bytes: number): void {
    if ('info' in line) this.#info = line.info;
    else if ('amends' in line) this.#amended.set(Number(line.amends), line.skip);
    else this.#noteContact(Number(line.id), start, bytes);
  }

  #noteContact(id: number, start: number, bytes: number): void {
    if (!(id > this.lastId)) throw new RangeError(`ids must ascend, got ${idOf(id)}`);
    this.#ids.push(id);
    this.#starts.push(start);
    this.#end = start + bytes;
  }

  get(id: number): ContactDetails | undefined {
    const index = this.#ids.find(id);
    const start = this.#starts.at(index);
    if (index < 0 || start === undefined) return undefined;
    const fd = this.#open();
    if (fd === null) return undefined;
    const bytes = Buffer.alloc((this.#starts.at(index + 1) ?? this.#end) - start);
    this.#disk.read(fd, bytes, 0, bytes.length, start);
    return this.#detailsOf(bytes);
  }

  /** All contacts in the list's order. */
  *[Symbol.iterator](): Generator<ContactDetails> {
    if (this.#open() === null) return;
    for (const { bytes } of rawLines(this.#file, { disk: this.#disk })) {
      const details = this.#detailsOf(bytes);
      if (details) yield details;
    }
  }

  close(): void {
    if (this.#fd !== null) this.#disk.close(this.#fd);
    this.#fd = null;
  }

  /** Null for a file that somebody has erased. */
  #open(): number | null {
    this.#fd ??= openIfThere(this.#disk, this.#file);
    return this.#fd;
  }

  #detailsOf(bytes: Buffer): ContactDetails | undefined {
    const line = parseLine(bytes);
    if (!line || !('id' in line)) return undefined;
    const skip = this.#amended.get(Number(line.id));
    return skip === undefined ? line : { ...line, skip };
  }
}
