import { PermanentError } from '../../errors.ts';
import type { SheetsClient } from './client.ts';
import { HEADER, LAST_COLUMN, type Row } from './row.ts';

export interface SheetOptions {
  readonly client: SheetsClient;
  /** Id, address or name. */
  readonly spreadsheet: string;
  readonly tab: string;
}

/** What a check has found. */
export interface SheetFound {
  readonly hasTab: boolean;
  readonly isSureToWrite: boolean;
}

interface Opened {
  readonly id: string;
  /** Rows that are there, from a seq on. */
  readonly known: ReadonlySet<string>;
  isEmpty: boolean;
}

/** Another journal may have the same seq, at another time. */
const keyOf = (seq: unknown, time: unknown): string => `${String(seq)} ${String(time)}`;

const quoted = (tab: string): string => `'${tab.replaceAll("'", "''")}'`;

const idIn = (address: string): string =>
  /^https:\/\/docs\.google\.com\/spreadsheets\/d\/([\w-]+)/.exec(address)?.[1] ?? address;

const misset = (message: string): PermanentError =>
  new PermanentError(message, {
    service: 'Google Sheets',
    kind: 'InvalidPayload',
    scope: 'config',
  });

/** One tab of one spreadsheet, to which each row is added once. */
export class Sheet {
  readonly #options: SheetOptions;
  #opened: Opened | null = null;

  constructor(options: SheetOptions) {
    this.#options = options;
  }

  /** What was added may be there or not: it is looked at again before anything is added. */
  doubt(): void {
    this.#opened = null;
  }

  /**
   * Whether rows could be added; nothing is changed.
   * @returns whether the tab is there already, and whether that could be seen at all: for the right
   *   to write, Google's Drive API must be enabled
   * @throws ProviderError saying what is missing
   */
  async check(signal: AbortSignal): Promise<SheetFound> {
    const { client, tab } = this.#options;
    const { id, tabs } = await this.#locate(signal);
    const hasTab = tabs.includes(tab);
    if (hasTab) await this.#readTab(id, signal);
    const mayWrite = await client.mayWrite(id, signal);
    if (mayWrite === false) {
      throw misset(
        `${client.email} may only read the spreadsheet: share it with that address as editor`,
      );
    }
    return { hasTab, isSureToWrite: mayWrite === true };
  }

  /** Adds the rows that are not there yet, all of them or none. @throws ProviderError */
  async add(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const { client, tab } = this.#options;
    const opened = (this.#opened ??= await this.#open(rows[0]?.seq ?? 0, signal));
    const missing = rows.filter(({ cells: [seq, time] }) => !opened.known.has(keyOf(seq, time)));
    if (missing.length === 0) return;
    const cells = missing.map((row) => row.cells);
    const values = opened.isEmpty ? [HEADER, ...cells] : cells;
    await client.append(opened.id, `${quoted(tab)}!A:${LAST_COLUMN}`, values, signal);
    opened.isEmpty = false;
  }

  async #open(fromSeq: number, signal: AbortSignal): Promise<Opened> {
    const { client, tab } = this.#options;
    const { id, tabs } = await this.#locate(signal);
    if (!tabs.includes(tab)) {
      await client.addTab(id, tab, signal);
      return { id, known: new Set(), isEmpty: true };
    }
    const { rows, isEmpty } = await this.#readTab(id, signal);
    const known = rows.filter(([seq]) => Number(seq) >= fromSeq);
    return { id, known: new Set(known.map(([seq, time]) => keyOf(seq, time))), isEmpty };
  }

  /** The tab's rows without its header. @throws PermanentError when it is somebody else's */
  async #readTab(id: string, signal: AbortSignal) {
    const { client, tab } = this.#options;
    const [header = [], ...rows] = await client.read(id, `${quoted(tab)}!A:B`, signal);
    const isEmpty = header.length === 0 && rows.length === 0;
    if (!isEmpty && header[0] !== HEADER[0]) {
      throw misset(
        `The tab ${tab} has other contents: its first cell is not "${HEADER[0]}". Set GOOGLE_SHEETS_TAB to another`,
      );
    }
    return { rows, isEmpty };
  }

  /** What may be an id is tried as one first: a name can mean several spreadsheets. */
  async #locate(signal: AbortSignal): Promise<{ id: string; tabs: readonly string[] }> {
    const { client, spreadsheet } = this.#options;
    const direct = idIn(spreadsheet);
    if (/^[\w-]+$/.test(direct)) {
      const tabs = await client.tabs(direct, signal);
      if (tabs) return { id: direct, tabs };
    }
    const [id, other] = await client.find(spreadsheet, signal);
    if (id === undefined) {
      throw misset(
        `There is no spreadsheet "${spreadsheet}" that is shared with ${client.email}: share it as editor`,
      );
    }
    if (other !== undefined) {
      throw misset(`Several spreadsheets are called "${spreadsheet}": give the id of one`);
    }
    return { id, tabs: (await client.tabs(id, signal)) ?? [] };
  }
}
