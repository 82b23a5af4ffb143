import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserIsMissing, launchBrowser, openPage } from './browser.ts';
import { golden, journalFolder, openDashboard } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Looked at by people, kept by nobody: git ignores it. */
const OUTPUT = fileURLToPath(new URL('../../../test-output/dashboard/', import.meta.url));
/** The README's picture; `PICTURES=on` takes it anew. */
const README = fileURLToPath(new URL('../../../docs/images/dashboard.png', import.meta.url));
const README_BYTES_MAX = 200_000;

const OPENED = golden('recovery').find(({ machine, to }) => machine === 'breaker' && to === 'open');
/** Behind it, with somebody under way who has to wait. */
const SHOWN = (OPENED?.seq ?? 0) + 6;
const shownAt = golden('recovery')[SHOWN - 1]?.at ?? 0;
/** An agent that stands still at that moment, so that each run makes the same picture. */
const stage = {
  time: () => Promise.resolve({ now: shownAt + 9_000, speed: 0 }),
  command: () => Promise.resolve(null),
};

/** What stands on each screen once it has all that it shows. */
const screens = [
  ['overview', '', 'Services'],
  ['service', 'service/ElevenLabs', 'Last transitions'],
  ['call', 'call/0001', 'Call of contact 0001'],
  ['contacts', 'contacts', 'Contacts'],
  ['events', 'events', 'Events'],
  ['alerts', 'alerts', 'Alerts'],
] as const;

const missing = browserIsMissing();
const why = missing === null ? '' : ` (${missing})`;

describe.skipIf(missing !== null)(`pictures in the middle of an outage${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
    fs.mkdirSync(OUTPUT, { recursive: true });
  });
  afterAll(() => browser.close());

  async function picture(hash: string, heading: string, options: Parameters<typeof openPage>[2]) {
    const { url } = await openDashboard(journalFolder('recovery', SHOWN).dir, { stage });
    const { page, complaints } = await openPage(browser, `${url}#/${hash}`, options);
    onTestFinished(() => page.context().close());
    await page.getByText(heading).first().waitFor();
    await page.locator('.quiet', { hasText: /…$/ }).waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
    return page;
  }

  test.for(screens)(
    'of every screen, light, dark and on a phone: %s',
    async ([name, hash, head]) => {
      for (const [kind, options] of [
        ['light', { scheme: 'light' }],
        ['dark', { scheme: 'dark' }],
        ['phone', { width: 360 }],
      ] as const) {
        const page = await picture(hash, head, options);
        const file = `${OUTPUT}${name}-${kind}.png`;
        const height = await page.evaluate<number>('document.documentElement.scrollHeight');
        await page.setViewportSize({ width: page.viewportSize()?.width ?? 0, height });
        await page.screenshot({ path: file });
        expect(fs.statSync(file).size).toBeGreaterThan(1_000);
      }
    },
  );

  test.runIf(process.env['PICTURES'] === 'on')('of the overview, for the README', async () => {
    const page = await picture('', 'next probe in', { scheme: 'light', width: 1_000 });
    await page.setViewportSize({ width: 1_000, height: 690 });
    await page.screenshot({ path: README });
    expect(fs.statSync(README).size).toBeLessThan(README_BYTES_MAX);
  });
});
