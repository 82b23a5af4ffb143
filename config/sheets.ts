import { z } from 'zod';
import { text, url } from './kinds.ts';

/** A spreadsheet in which everybody can read what happens. */
export const sheets = z.object({
  GOOGLE_SHEETS_CREDS: text().describe("The service account's key file, JSON"),
  GOOGLE_SHEETS_NAME: text().describe(
    'Id or name of a spreadsheet that is shared with the service account; the id is safer',
  ),
  GOOGLE_SHEETS_TAB: z.string().trim().min(1).max(100).default('Calls').describe('The tab in it'),
  GOOGLE_SHEETS_BASE_URL: url().describe("In place of Google's own; an origin, for Drive too"),
});
