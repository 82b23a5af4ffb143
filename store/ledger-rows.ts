import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Attempts, Entry } from './ledger.ts';

/** A contact's entry, and what the ledger keeps beside it. The entry is only ever replaced. */
export interface Row {
  entry: Entry;
  /** Requests on the wire of the tries before this one. */
  earlier: Attempts;
  /** Requests of its own that the CRM write has had. */
  records: number;
}

/** Rows as a snapshot holds them: many in one string, which a start need not look into. */
export interface PackedRows {
  readonly contacts: readonly string[];
  /** Their {@link Row}s as JSON, raw deflate, base64: no letter that JSON would have to escape. */
  readonly packed: string;
}

const BLOCK_ROWS = 128;

const pack = (rows: readonly Row[]): string =>
  deflateRawSync(JSON.stringify(rows), { level: 1 }).toString('base64');

const unpack = (packed: string): Row[] =>
  JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8')) as Row[];

/** Rows at one moment, packed when somebody writes them: that may be later, and is done once. */
class Packing {
  /** Null where only the packed text is there. */
  readonly rows: readonly Row[] | null;
  #packed: string | null;

  constructor(rows: readonly Row[] | null, packed: string | null) {
    this.rows = rows;
    this.#packed = packed;
  }

  get packed(): string {
    this.#packed ??= pack(this.rows ?? []);
    return this.#packed;
  }
}

/** So many contacts in the order in which they were begun. */
class Block {
  readonly contacts: string[] = [];
  #rows: Row[] | null = [];
  /** What the last snapshot had of it. */
  #packing: Packing | null = null;

  static packed({ contacts, packed }: PackedRows): Block {
    const block = new Block();
    block.contacts.push(...contacts);
    block.#packing = new Packing(null, packed);
    block.#rows = null;
    return block;
  }

  /** To read and to change; unpacked on first use. */
  get rows(): Row[] {
    if (this.#rows) return this.#rows;
    const packed = this.#packing?.packed ?? '';
    this.#rows = unpack(packed);
    this.#packing = new Packing(copied(this.#rows), packed);
    return this.#rows;
  }

  /** As it is now; what has not changed is not packed again. */
  packing(): Packing {
    if (this.#packing && !this.#isChanged(this.#packing)) return this.#packing;
    this.#packing = new Packing(copied(this.rows), null);
    return this.#packing;
  }

  #isChanged({ rows: before }: Packing): boolean {
    if (!this.#rows || !before) return false;
    return this.#rows.some((row, index) => {
      const old = before[index];
      return row.entry !== old?.entry || row.earlier !== old.earlier || row.records !== old.records;
    });
  }
}

const copied = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row }));

/**
 * Every contact's row in the order in which they were begun. A snapshot holds them in blocks that
 * are packed once and then only copied, as long as nothing changes in them; a start unpacks those
 * that somebody asks for. So neither costs what the finished contacts of a long campaign weigh.
 */
export class LedgerRows {
  readonly #places = new Map<string, number>();
  readonly #blocks: Block[] = [];

  get(contact: string): Row | undefined {
    const place = this.#places.get(contact);
    if (place === undefined) return undefined;
    return this.#blocks[Math.floor(place / BLOCK_ROWS)]?.rows[place % BLOCK_ROWS];
  }

  set(contact: string, row: Row): void {
    let place = this.#places.get(contact);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(contact, place);
      if (place % BLOCK_ROWS === 0) this.#blocks.push(new Block());
      this.#blocks.at(-1)?.contacts.push(contact);
    }
    const block = this.#blocks[Math.floor(place / BLOCK_ROWS)];
    if (block) block.rows[place % BLOCK_ROWS] = row;
  }

  /** Without unpacking it. */
  has(contact: string): boolean {
    return this.#places.has(contact);
  }

  contacts(): Iterable<string> {
    return this.#places.keys();
  }

  *values(): Generator<Row> {
    for (const { rows } of this.#blocks) yield* rows;
  }

  /** Whole blocks packed, and the rest row by row. */
  snapshot(): (Row | PackedRows)[] {
    return this.#blocks.flatMap((block): (Row | PackedRows)[] => {
      if (block.contacts.length < BLOCK_ROWS) return copied(block.rows);
      const { contacts } = block;
      const packing = block.packing();
      // A getter: it is packed when it is written, a slice at a time, not when it is taken.
      return [
        {
          contacts,
          get packed() {
            return packing.packed;
          },
        },
      ];
    });
  }

  /** Takes in what stands in a snapshot, in its order. */
  restore(row: Row | PackedRows): void {
    if ('entry' in row) {
      this.set(row.entry.contact, { ...row });
      return;
    }
    for (const contact of row.contacts) this.#places.set(contact, this.#places.size);
    this.#blocks.push(Block.packed(row));
  }
}
