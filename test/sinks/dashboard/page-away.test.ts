import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startDashboard } from '../../../sinks/dashboard/server/server.ts';
import { browserIsMissing, launchBrowser, openPage } from './browser.ts';
import { golden, journalFolder, lonely } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const missing = browserIsMissing();
const why = missing === null ? '' : ` (${missing})`;
const opened = golden('recovery').find(({ machine, to }) => machine === 'breaker' && to === 'open');
const OPENED = opened?.seq ?? 0;

describe.skipIf(missing !== null)(`a page whose program is away${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('goes on by itself when it is back, and misses nothing', async () => {
    const folder = journalFolder('recovery', OPENED - 1);
    const serve = (port: number) =>
      startDashboard({ place: folder.dir, port, token: null, stage: lonely });
    const first = await serve(0);
    const { page } = await openPage(browser, `${first.url}#/events`);
    onTestFinished(() => page.context().close());
    await page.locator('tbody tr').first().waitFor();
    folder.growTo(OPENED);
    await page.locator('tbody td').getByText(String(OPENED), { exact: true }).waitFor();
    await first.close();
    await page.getByText('no connection, trying again').waitFor();
    folder.growTo(OPENED + 20);
    const second = await serve(Number(new URL(first.url).port));
    onTestFinished(() => second.close());
    await page.getByText('no connection').waitFor({ state: 'hidden' });
    const newest = page.locator('tbody td').first();
    await newest.getByText(String(OPENED + 20), { exact: true }).waitFor();
    const shown = await page.locator('tbody td.number').allInnerTexts();
    const expected = Array.from({ length: 22 }, (_, back) => String(OPENED + 20 - back));
    expect(shown.slice(0, 22)).toEqual(expected);
  });

  test('counts down no further while nobody can be reached', async () => {
    const at = opened?.at ?? 0;
    const { dir } = journalFolder('recovery', OPENED);
    const stage = { ...lonely, time: () => Promise.resolve({ now: at, speed: 1 }) };
    const server = await startDashboard({ place: dir, port: 0, token: null, stage });
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(server.url);
    const count = page.locator('[data-service=ElevenLabs] .count');
    await count.getByText('next probe in 0:').waitFor();
    await server.close();
    await page.getByText('no connection, trying again').waitFor();
    const left = await count.innerText();
    await page.clock.runFor(20_000);
    expect(await count.innerText()).toBe(left);
  });
});
