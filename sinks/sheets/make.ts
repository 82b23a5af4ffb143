import type { Config } from '../../config.ts';
import { UserError } from '../../errors.ts';
import { SystemClock, type Clock } from '../../runtime/clock.ts';
import { SheetsSink } from '../sheets.ts';
import { AccessTokens } from './access-token.ts';
import { Budget } from './budget.ts';
import { SheetsClient } from './client.ts';
import { readCredentials } from './credentials.ts';
import { Sheet } from './sheet.ts';

type SheetsConfig = Pick<
  Config,
  'GOOGLE_SHEETS_CREDS' | 'GOOGLE_SHEETS_NAME' | 'GOOGLE_SHEETS_TAB' | 'GOOGLE_SHEETS_BASE_URL'
>;

/**
 * The spreadsheet that is configured, or null when none is.
 * @param clock one that runs as fast as Google's
 * @throws UserError when it is configured in part, or its key file can't be used
 */
export function sheetOf(config: SheetsConfig, clock: Clock = new SystemClock()): Sheet | null {
  const { GOOGLE_SHEETS_CREDS: file, GOOGLE_SHEETS_NAME: spreadsheet } = config;
  if (file === undefined && spreadsheet === undefined) return null;
  if (file === undefined || spreadsheet === undefined) {
    const missing = file === undefined ? 'GOOGLE_SHEETS_CREDS' : 'GOOGLE_SHEETS_NAME';
    throw new UserError(`Google Sheets is set in part: ${missing} is missing.`);
  }
  const origin = config.GOOGLE_SHEETS_BASE_URL;
  const client = new SheetsClient({
    tokens: new AccessTokens(readCredentials(file), fetch, Date.now),
    fetch,
    budget: new Budget(clock),
    ...(origin !== undefined && { baseUrl: new URL(origin).origin }),
  });
  return new Sheet({ client, spreadsheet, tab: config.GOOGLE_SHEETS_TAB });
}

export function sheetsSinkOf(config: SheetsConfig, clock?: Clock): SheetsSink | null {
  const ownClock = clock ?? new SystemClock();
  const sheet = sheetOf(config, ownClock);
  return sheet && new SheetsSink({ sheet, clock: ownClock });
}
