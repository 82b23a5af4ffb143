import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { simulated503 } from '../../../scenarios/simulated-503.ts';
import { play } from '../../../scenarios/play.ts';
import { AccessTokens } from '../../../sinks/sheets/access-token.ts';
import { readCredentials } from '../../../sinks/sheets/credentials.ts';
import { sheetOf } from '../../../sinks/sheets/make.ts';
import { dataFolder, openAgent } from '../../support/agent.ts';
import { Google } from '../../peers/google.ts';

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';

describe('the key file', () => {
  test.for<[string, string | object, RegExp]>([
    ['is not there', '', /can't be read/],
    ['is not JSON', 'BEGIN PRIVATE KEY secret-of-mine', /not JSON/],
    ['has no key', { private_key: undefined }, /private_key is missing/],
    ['has a key that is none', { private_key: 'secret-of-mine' }, /no PEM key/],
    ['wants tokens without TLS', { token_uri: 'http://token.example/' }, /not https/],
  ])('that %s is refused with a sentence that tells nothing of it', async ([, what, pattern]) => {
    const google = await Google.start(Date.now);
    const dir = dataFolder();
    const file = path.join(dir, 'service-account.json');
    if (typeof what === 'object') google.keyFile(dir, what);
    else if (what !== '') fs.writeFileSync(file, what);
    let said = '';
    try {
      readCredentials(file);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toMatch(pattern);
    expect(said).not.toContain('secret-of-mine');
  });
});

test.for(['GOOGLE_SHEETS_CREDS', 'GOOGLE_SHEETS_NAME'])('%s alone is refused', (name) => {
  expect(() => sheetOf(readConfig({ [name]: 'x' }))).toThrow(
    /set in part: GOOGLE_SHEETS_\w+ is missing/,
  );
});

test('a token is used until a minute before its end', async () => {
  const google = await Google.start(Date.now);
  let now = Date.now();
  const tokens = new AccessTokens(readCredentials(google.keyFile(dataFolder())), fetch, () => now);
  const signal = AbortSignal.timeout(20_000);
  const first = await tokens.token(SCOPE, signal);
  now += 3_500_000;
  expect(await tokens.token(SCOPE, signal)).toBe(first);
  expect(google.times('token')).toBe(1);
  now += 100_000;
  // Its time is that of the claim, too: the other side would see one from the future.
  await expect(tokens.token(SCOPE, signal)).rejects.toThrow(/400/);
  expect(google.times('token')).toBe(2);
});

test('an agent whose clock is another writes to the spreadsheet it is given', async () => {
  const google = await Google.start(Date.now);
  const dir = dataFolder();
  const env = {
    GOOGLE_SHEETS_CREDS: google.keyFile(dir),
    GOOGLE_SHEETS_NAME: 'Our calls',
    GOOGLE_SHEETS_BASE_URL: google.origin,
    GOOGLE_SHEETS_TAB: "Ada's",
  };
  const v = await openAgent({ env });
  await v.drive(play(simulated503, v.agent, () => {}));
  await v.agent.stop();
  expect(v.agent.problems()).toEqual([]);
  const rows = google.tabs.get("Ada's") ?? [];
  const said = rows.map(([, time, , what]) => `${String(time)} ${String(what)}`);
  expect(said.slice(-2)).toEqual([
    expect.stringMatching(/^2026-09-21 14:13:55 Call failed: ElevenLabs answered 503/),
    expect.stringMatching(/^2026-09-21 14:13:55 Alert: call:0001 failed: ElevenLabs answered/),
  ]);
  const again = await openAgent({ dataDir: v.dir, env });
  await again.agent.stop();
  expect(google.tabs.get("Ada's")).toEqual(rows);
});
