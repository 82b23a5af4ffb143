import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserIsMissing, launchBrowser, openPage } from './browser.ts';
import { journalFolder, openDashboard } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const missing = browserIsMissing();
const why = missing === null ? '' : ` (${missing})`;

describe.skipIf(missing !== null)(`an order in a browser${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('that is confirmed by a double click is carried out once, and waits for its answer', async () => {
    const heard: unknown[] = [];
    const answer = Promise.withResolvers<null>();
    const command = (what: unknown): Promise<null> => {
      heard.push(what);
      return answer.promise;
    };
    const { dir } = journalFolder('recovery');
    const { url } = await openDashboard(dir, { stage: { command } });
    const { page } = await openPage(browser, `${url}#/service/CRM`);
    onTestFinished(() => page.context().close());
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Reset' });
    const confirm = dialog.getByRole('button', { name: 'Reset', exact: true });
    await confirm.dblclick();
    await dialog.locator('button:disabled').waitFor();
    answer.resolve(null);
    await dialog.waitFor({ state: 'hidden' });
    expect(heard).toEqual([{ type: 'reset', services: ['CRM'], by: 'dashboard' }]);
  });
});
