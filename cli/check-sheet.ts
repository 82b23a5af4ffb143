import { secretsOf, type Config } from '../config.ts';
import { redact } from '../runtime/redact.ts';
import type { SheetFound } from '../sinks/sheets/sheet.ts';
import { sheetOf } from '../sinks/sheets/make.ts';
import type { Finding } from './preflight.ts';

const what = 'Google Sheets';
/** Token, spreadsheet, tab and rights are four questions. */
const PATIENCE_MS = 20_000;

function sentenceOf({ hasTab, isSureToWrite }: SheetFound, tab: string): string {
  const rows = hasTab
    ? `rows go to the tab "${tab}"`
    : `the tab "${tab}" is made with the first row`;
  const doubt = isSureToWrite ? '' : '; whether it may be written shows with the first row';
  return `the spreadsheet is there, ${rows}${doubt}; nothing was written`;
}

/** Whether the spreadsheet, when one is set, could take rows; nothing is written to it. */
export async function checkSheet(config: Config): Promise<Finding[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const sheet = sheetOf(config);
    if (!sheet) return [];
    const found = await sheet.check(signal);
    return [{ what, state: 'ok', message: sentenceOf(found, config.GOOGLE_SHEETS_TAB) }];
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const message = signal.aborted ? `no answer within ${PATIENCE_MS / 1_000} s` : said;
    return [{ what, state: 'failed', message: redact(message, secretsOf(config)) }];
  }
}
