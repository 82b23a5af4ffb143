import { z } from 'zod';
import { isProviderError, PermanentError } from '../../errors.ts';
import type { AccessTokens } from './access-token.ts';
import type { Budget } from './budget.ts';
import { send, type Fetch } from './http.ts';

export type Cell = string | number;

const SHEETS_SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const DRIVE_SCOPE = 'https://www.googleapis.com/auth/drive.metadata.readonly';
const SPREADSHEET = 'application/vnd.google-apps.spreadsheet';

const metadata = z.object({
  sheets: z.array(z.object({ properties: z.object({ title: z.string() }) })).default([]),
});
const files = z.object({ files: z.array(z.object({ id: z.string() })).default([]) });
const file = z.object({ capabilities: z.object({ canEdit: z.boolean() }) });
const range = z.object({ values: z.array(z.array(z.unknown())).optional() });

export interface SheetsClientOptions {
  readonly tokens: AccessTokens;
  readonly fetch: Fetch;
  readonly budget: Budget;
  /** Of one request, reading the answer included. @default 20000 */
  readonly timeoutMs?: number;
  /** An origin in place of Google's two. */
  readonly baseUrl?: string;
}

/** What is asked of Google's Sheets API v4, and of Drive to find a spreadsheet by its name. */
export class SheetsClient {
  readonly #options: SheetsClientOptions;

  constructor(options: SheetsClientOptions) {
    this.#options = options;
  }

  /** Whom a spreadsheet must be shared with. */
  get email(): string {
    return this.#options.tokens.email;
  }

  /** @returns the tabs' titles, or null where there is no such spreadsheet */
  async tabs(spreadsheet: string, signal: AbortSignal): Promise<readonly string[] | null> {
    try {
      const url = `${this.#sheet(spreadsheet)}?fields=sheets.properties.title`;
      const { sheets } = metadata.parse(await this.#ask('GET', url, SHEETS_SCOPE, signal));
      return sheets.map(({ properties }) => properties.title);
    } catch (error) {
      if (isProviderError(error) && (error.status === 404 || error.status === 400)) return null;
      throw error;
    }
  }

  /** The ids of the spreadsheets of that name which the account can see. */
  async find(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const quoted = name.replace(/[\\']/g, '\\$&');
    const query = new URLSearchParams({
      q: `name = '${quoted}' and mimeType = '${SPREADSHEET}' and trashed = false`,
      fields: 'files(id)',
      pageSize: '2',
      supportsAllDrives: 'true',
      includeItemsFromAllDrives: 'true',
    });
    const origin = this.#options.baseUrl ?? 'https://www.googleapis.com';
    const url = `${origin}/drive/v3/files?${query.toString()}`;
    const found = files.parse(await this.#ask('GET', url, DRIVE_SCOPE, signal));
    return found.files.map(({ id }) => id);
  }

  /** @returns null where Drive does not tell: its API need not be enabled for an id */
  async mayWrite(spreadsheet: string, signal: AbortSignal): Promise<boolean | null> {
    const origin = this.#options.baseUrl ?? 'https://www.googleapis.com';
    const id = encodeURIComponent(spreadsheet);
    const url = `${origin}/drive/v3/files/${id}?fields=capabilities(canEdit)&supportsAllDrives=true`;
    try {
      return file.parse(await this.#ask('GET', url, DRIVE_SCOPE, signal)).capabilities.canEdit;
    } catch (error) {
      if (error instanceof PermanentError && error.status === 403) return null;
      throw error;
    }
  }

  async addTab(spreadsheet: string, title: string, signal: AbortSignal): Promise<void> {
    const body = { requests: [{ addSheet: { properties: { title } } }] };
    await this.#ask('POST', `${this.#sheet(spreadsheet)}:batchUpdate`, SHEETS_SCOPE, signal, body);
  }

  /** Cells as they are, not as they are shown. */
  async read(spreadsheet: string, cells: string, signal: AbortSignal): Promise<unknown[][]> {
    const url = `${this.#values(spreadsheet, cells)}?valueRenderOption=UNFORMATTED_VALUE`;
    return range.parse(await this.#ask('GET', url, SHEETS_SCOPE, signal)).values ?? [];
  }

  /** Adds rows behind the last one. RAW: what looks like a formula stays a text. */
  async append(
    spreadsheet: string,
    cells: string,
    rows: readonly (readonly Cell[])[],
    signal: AbortSignal,
  ): Promise<void> {
    const query = 'valueInputOption=RAW&insertDataOption=INSERT_ROWS';
    const url = `${this.#values(spreadsheet, cells)}:append?${query}`;
    await this.#ask('POST', url, SHEETS_SCOPE, signal, { majorDimension: 'ROWS', values: rows });
  }

  #sheet(spreadsheet: string): string {
    const origin = this.#options.baseUrl ?? 'https://sheets.googleapis.com';
    return `${origin}/v4/spreadsheets/${encodeURIComponent(spreadsheet)}`;
  }

  #values(spreadsheet: string, cells: string): string {
    return `${this.#sheet(spreadsheet)}/values/${encodeURIComponent(cells)}`;
  }

  async #ask(
    method: string,
    url: string,
    scope: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<unknown> {
    const { tokens, fetch, budget, timeoutMs } = this.#options;
    const once = async (): Promise<unknown> => {
      await budget.spend(signal);
      const token = await tokens.token(scope, signal);
      const authorization = `Bearer ${token}`;
      const headers = { authorization, ...(body && { 'content-type': 'application/json' }) };
      const init = { method, signal, headers, ...(body && { body: JSON.stringify(body) }) };
      return send(fetch, url, init, {
        secrets: [token],
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
    };
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof PermanentError) || error.status !== 401) throw error;
      // Revoked, or the clocks differ: a new one is worth one more try.
      tokens.forget();
      return once();
    }
  }
}
