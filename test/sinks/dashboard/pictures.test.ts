import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
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

  /** A page in the middle of the outage. */
  async function lookIn(options: Parameters<typeof openPage>[2]) {
    const { url } = await openDashboard(journalFolder('recovery', SHOWN).dir, { stage });
    const opened = await openPage(browser, url, options);
    onTestFinished(() => opened.page.context().close());
    return opened;
  }

  async function goTo(page: Page, hash: string, heading: string): Promise<void> {
    await page.evaluate(`location.hash = '#/${hash}'`);
    const [name = ''] = hash.split('/');
    await page.locator(`main[data-screen="${name}"]`).getByText(heading).first().waitFor();
    await page.locator('.quiet', { hasText: /…$/ }).waitFor({ state: 'hidden' });
  }

  test.for([
    ['light', { scheme: 'light' }],
    ['dark', { scheme: 'dark' }],
    ['phone', { width: 360 }],
  ] as const)('of every screen: %s', async ([kind, options]) => {
    const { page, complaints } = await lookIn(options);
    const { width = 0 } = page.viewportSize() ?? {};
    for (const [name, hash, heading] of screens) {
      await goTo(page, hash, heading);
      const file = `${OUTPUT}${name}-${kind}.png`;
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: file });
      await page.setViewportSize({ width, height: 900 });
      expect(fs.statSync(file).size).toBeGreaterThan(1_000);
    }
    expect(complaints).toEqual([]);
  });

  test.runIf(process.env['PICTURES'] === 'on')('of the overview, for the README', async () => {
    const { page } = await lookIn({ scheme: 'light', width: 1_000 });
    await goTo(page, '', 'next probe in');
    await page.setViewportSize({ width: 1_000, height: 790 });
    await page.screenshot({ path: README });
    expect(fs.statSync(README).size).toBeLessThan(README_BYTES_MAX);
  });
});
