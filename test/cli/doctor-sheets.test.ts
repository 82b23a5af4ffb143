import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkChannels } from '../../cli/channels.ts';
import { checkSheet } from '../../cli/check-sheet.ts';
import { readConfig } from '../../config.ts';
import { HEADER } from '../../sinks/sheets/row.ts';
import { Google } from '../peers/google.ts';
import { dataFolder } from '../support/agent.ts';

async function openGoogle() {
  const google = await Google.start(Date.now);
  const dir = dataFolder();
  const env = {
    GOOGLE_SHEETS_CREDS: google.keyFile(dir),
    GOOGLE_SHEETS_NAME: 'Our calls',
    GOOGLE_SHEETS_BASE_URL: google.origin,
  };
  const check = (more: object = {}) => checkSheet(readConfig({ ...env, ...more }));
  return { google, dir, check };
}

const ok = (message: RegExp) => [
  { what: 'Google Sheets', state: 'ok', message: expect.stringMatching(message) as string },
];
const failed = (message: RegExp) => [
  { what: 'Google Sheets', state: 'failed', message: expect.stringMatching(message) as string },
];

describe('what doctor says of the spreadsheet', () => {
  test('is nothing when none is set, and that nobody is told when no channel is', async () => {
    expect(await checkSheet(readConfig({}))).toEqual([]);
    expect(await checkChannels(readConfig({}))).toMatchObject([
      { what: 'alerts', state: 'off', message: expect.stringContaining('set EMAIL_') },
    ]);
  });

  test('is what will happen to rows, and nothing is written', async () => {
    const { google, check } = await openGoogle();
    expect(await check()).toEqual(ok(/the tab "Calls" is made with the first row; nothing was/));
    google.tabs.set('Calls', [[...HEADER]]);
    expect(await check()).toEqual(ok(/rows go to the tab "Calls"; nothing was written/));
    expect(google.tabs.get('Calls')).toEqual([[...HEADER]]);
    expect([google.times('add tab'), google.times('append')]).toEqual([0, 0]);
  });

  test('is whom to share it with when it may only be read', async () => {
    const { google, check } = await openGoogle();
    google.isEditor = false;
    expect(await check()).toEqual(failed(/^agent@project.* may only read .*share it .* as editor/));
  });

  test('is a doubt when only Drive could tell, and Drive is not enabled', async () => {
    const { google, check } = await openGoogle();
    google.hasDrive = false;
    expect(await check({ GOOGLE_SHEETS_NAME: google.id })).toEqual(ok(/whether it may be written/));
    expect(await check()).toEqual(failed(/Google Drive API has not been used in this project/));
  });

  test('is what to do when it is not there, or the tab is somebody else’s', async () => {
    const { google, check } = await openGoogle();
    const missing = await check({ GOOGLE_SHEETS_NAME: 'Not ours' });
    expect(missing).toEqual(failed(/no spreadsheet "Not ours" that is shared with agent@project/));
    google.tabs.set('Calls', [['name', 'salary']]);
    expect(await check()).toEqual(failed(/other contents.*Set GOOGLE_SHEETS_TAB to another/));
  });

  test('is where to get a key when the file is none, and never what stands in it', async () => {
    const { dir, check } = await openGoogle();
    const file = path.join(dir, 'key.json');
    fs.writeFileSync(file, '{"client_email":"a@b","private_key":"SECRET"}');
    const [finding] = await check({ GOOGLE_SHEETS_CREDS: file });
    expect(finding).toMatchObject({ state: 'failed' });
    expect(finding?.message).toMatch(/make a JSON key of a service account in the Google Cloud/);
    expect(finding?.message).not.toContain('SECRET');
  });

  test.each(['token', 'tabs'] as const)(
    'is never what it was asked with, when the answer for %s repeats that',
    async (action) => {
      const { google, check } = await openGoogle();
      google.faults.push({ on: action, kind: 'repeats' });
      const found = await check({ GOOGLE_SHEETS_NAME: google.id });
      expect(found).toEqual(failed(/answered 403: denied .*\*\*\*$/));
      expect(JSON.stringify(found)).not.toMatch(/ya29|eyJ/);
    },
  );

  test('is that Google does not answer as it should', async () => {
    const { google, check } = await openGoogle();
    google.faults.push({ on: 'tabs', kind: 'html' });
    expect(await check({ GOOGLE_SHEETS_NAME: google.id })).toEqual(failed(/not JSON/));
    google.faults.push({ on: 'token', kind: 'status', status: 429 });
    expect(await check()).toEqual(failed(/429/));
  });
});
