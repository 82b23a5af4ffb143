import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserIsMissing, launchBrowser, openPage } from './browser.ts';
import type { Backstage } from '../../../sinks/dashboard/server/api.ts';
import { golden, journalFolder, openDashboard } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const missing = browserIsMissing();
const why = missing === null ? '' : ` (${missing})`;
const find = (what: (record: ReturnType<typeof golden>[number]) => boolean): number =>
  golden('recovery').find(what)?.seq ?? 0;
const OPENED = find(({ machine, to }) => machine === 'breaker' && to === 'open');
const HALF_OPEN = find(({ machine, to }) => machine === 'breaker' && to === 'halfOpen');
const CLOSED = find(
  ({ machine, from, to }) => machine === 'breaker' && from === 'open' && to === 'closed',
);

describe.skipIf(missing !== null)(`in a browser${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** A dashboard over a played scenario, at one of its screens. */
  async function open(
    hash = '',
    options: Parameters<typeof openPage>[2] & { records?: number; stage?: Partial<Backstage> } = {},
  ) {
    const folder = journalFolder('recovery', options.records);
    const { url } = await openDashboard(folder.dir, { stage: options.stage ?? {} });
    const opened = await openPage(browser, `${url}#/${hash}`, options);
    onTestFinished(() => opened.page.context().close());
    return { ...opened, ...folder, url };
  }

  const card = (page: Page) => page.locator('[data-service=ElevenLabs]');

  test('the overview shows campaign, services and figures, and nothing is refused or missing', async () => {
    const { page, complaints } = await open();
    await page.getByText('Campaign six').waitFor();
    expect(await page.getByText('3 completed').count()).toBe(1);
    expect(await page.locator('article.service').count()).toBe(4);
    expect(await card(page).innerText()).toMatch(/closed/);
    expect(await page.getByText('Breaker opens per hour').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('is live: the outage comes and goes while one looks', async () => {
    const { page, growTo, total } = await open('', { records: OPENED - 1 });
    await card(page).getByText('closed').waitFor();
    growTo(OPENED);
    await card(page).getByText('next probe in').waitFor();
    growTo(HALF_OPEN);
    await card(page).getByText('half-open').waitFor();
    growTo(total);
    await page.getByText('Campaign six').getByText('done').waitFor();
    await card(page).getByText('closed').waitFor();
    expect(await page.getByText('3 completed').count()).toBe(1);
  });

  test('an agent that was killed is said to be gone: nothing is shown as if it went on', async () => {
    const stage = { command: () => Promise.resolve(null) };
    const { page } = await open('', { records: OPENED, stage });
    await page.getByText('No agent is running: the last one was killed, or crashed').waitFor();
    expect(await page.getByRole('heading', { name: 'Campaign six' }).innerText()).toMatch(
      /stopped/,
    );
    await page.getByText('npx call-agent campaign resume six').waitFor();
    await card(page).getByText('next probe as soon as an agent runs').waitFor();
    expect(await page.getByText('Every service is in use').count()).toBe(0);
  });

  test('a tab that nobody looks at leaves its connection to others, and comes back', async () => {
    const { page, growTo } = await open('events', { records: OPENED - 1 });
    const turn = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    const isStream = (request: { url(): string }): boolean => request.url().includes('/api/events');
    await page.getByText('to look at').waitFor();
    const isLetGo = page.waitForEvent('requestfailed', isStream);
    await turn(true);
    await isLetGo;
    growTo(OPENED);
    await turn(false);
    await page.getByRole('link', { name: String(OPENED), exact: true }).waitFor();
    growTo(OPENED + 1);
    await page.getByRole('link', { name: String(OPENED + 1), exact: true }).waitFor();
    expect(await page.getByText('no connection').count()).toBe(0);
  });

  test('an address that was cut off in the middle leads to a page all the same', async () => {
    const { page, complaints } = await open('call/%E2%82');
    await page.getByText('No call of the contact').waitFor();
    expect(complaints).toEqual([]);
  });

  test('time travel: three known moments, by address', async () => {
    const { page } = await open();
    for (const [seq, state] of [
      [OPENED, 'open'],
      [HALF_OPEN, 'half-open'],
      [CLOSED, 'closed'],
    ] as const) {
      await page.evaluate((at) => (location.hash = `#/service/ElevenLabs?at=${at}`), seq);
      await page
        .locator('h2')
        .getByText(new RegExp(`${state}$`))
        .waitFor();
      const lit = await page
        .locator('.statechart .state.active')
        .first()
        .getAttribute('data-state');
      expect(lit).toBe(state === 'half-open' ? 'halfOpen' : state);
      expect(await page.locator('.statechart .line.taken').count()).toBeGreaterThan(0);
      expect(await page.getByText('the past').count()).toBe(1);
    }
    const shared = await page.context().newPage();
    await page.getByRole('button', { name: 'copy link' }).click();
    await page.getByText('Link copied').waitFor();
    await shared.goto(await page.evaluate(() => navigator.clipboard.readText()));
    await shared
      .locator('h2')
      .getByText(/closed$/)
      .waitFor();
    expect(new URL(shared.url()).hash).toBe(`#/service/ElevenLabs?at=${CLOSED}`);
  });

  test('time travel: from transition to transition, and back to now', async () => {
    const { page } = await open(`?at=${OPENED - 1}`);
    await card(page).getByText('closed').waitFor();
    await page.getByRole('button', { name: 'One record on' }).click();
    await card(page).getByText(/open$/).waitFor();
    expect(page.url()).toContain(`at=${OPENED}`);
    await page.getByRole('button', { name: 'One record back' }).click();
    await card(page).getByText('closed').waitFor();
    await page.getByRole('button', { name: 'back to now' }).click();
    await page.getByText('Campaign six').getByText('done').waitFor();
  });

  test('a call: attempts, waits, latest error first, the JSON of a record', async () => {
    const { page } = await open('call/0001');
    await page.getByRole('heading', { name: 'Call of contact 0001' }).waitFor();
    expect(await page.locator('.timeline rect.attempt.failed').count()).toBe(4);
    expect(await page.locator('.timeline rect.wait').count()).toBe(3);
    expect(await page.getByText('503').count()).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'JSON' }).first().click();
    expect(await page.locator('pre').first().innerText()).toContain('"actor"');
  });

  test('contacts: a filter that stands in the address, and an empty one that says what to do', async () => {
    const { page } = await open('contacts');
    await page.getByRole('button', { name: 'failed 3' }).click();
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 3);
    expect(page.url()).toContain('status=failed');
    await page.locator('#search').fill('no such reason');
    await page.getByText('take a filter away').waitFor();
  });

  test('events: failed only, an actor, and the lines as JSONL', async () => {
    const { page } = await open('events');
    await page.getByRole('button', { name: 'failed only' }).click();
    await page.locator('tr.bad').first().waitFor();
    const moment = await page.locator('tr.bad td a').first().getAttribute('href');
    expect(moment).toMatch(/^#\/events\?.*failed=1/);
    await page.locator('#search').fill('breaker:Eleven');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tbody td:nth-child(3)')].every((cell) =>
        cell.textContent?.startsWith('breaker:Eleven'),
      ),
    );
    await page.getByRole('button', { name: 'copy as JSONL' }).click();
    await page.getByText('lines copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const actors = copied
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { actor: string }).actor);
    expect(new Set(actors)).toEqual(new Set(['breaker:ElevenLabs']));
  });

  test('a journal that is dropped on the page is shown, and nothing is sent anywhere', async () => {
    const { page, file } = await open('', { records: 3 });
    const sent: string[] = [];
    await page.getByText('No campaign yet').waitFor();
    expect(await page.getByText('○ nothing measured yet').count()).toBe(4);
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
    const text = fs.readFileSync(file, 'utf8').split('\n')[0];
    const whole = `${text}\n${golden('recovery')
      .map((record) => JSON.stringify(record))
      .join('\n')}\n`;
    await page.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'mine.jsonl'));
      dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    }, whole);
    await page.getByText('file mine.jsonl').waitFor();
    await page.getByText('3 completed').waitFor();
    for (const screen of ['Contacts', 'Events']) {
      await page.getByRole('link', { name: screen }).click();
      await page
        .locator(`[aria-label^="${screen === 'Events' ? 'Journal' : screen}"] tbody tr`)
        .first()
        .waitFor();
    }
    expect(sent).toEqual([]);
    await page.getByRole('button', { name: 'close it' }).click();
    await page.getByText('No campaign yet').waitFor();
    const chosen = { name: 'mine.jsonl', mimeType: 'text/plain', buffer: Buffer.from(whole) };
    await page.locator('input[type=file]').setInputFiles(chosen);
    await page.getByText('3 completed').waitFor();
    const part = whole.replace(/\n[^]*?(?=\n\{"v":1,"seq":50,)/, '');
    const later = { ...chosen, buffer: Buffer.from(part) };
    await page.getByRole('button', { name: 'close it' }).click();
    await page.locator('input[type=file]').setInputFiles(later);
    await page.getByText('file mine.jsonl').waitFor();
    await page.evaluate(() => (location.hash = '#/?at=5'));
    await page.getByText('before seq 50 does not stand in this file').waitFor();
    expect(await page.getByText('Campaign six').count()).toBe(0);
    expect(sent).toEqual([]);
  });

  test('what is dropped and no journal is said to be none', async () => {
    const { page } = await open();
    await page.getByText('Campaign six').waitFor();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(['hello'], 'letter.txt'));
      dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    });
    await page.getByText('letter.txt is not a journal').waitFor();
    expect(await page.getByText('Campaign six').count()).toBe(1);
  });

  test('by keyboard alone: to the content, to the search field, through the filters', async () => {
    const { page } = await open('contacts');
    await page.getByText('Contacts').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search');
  });

  const screens = ['', 'service/ElevenLabs', 'call/0001', 'contacts', 'events', 'alerts'];

  /** Goes to a screen, and waits until it has all that it shows. */
  async function goTo(page: Page, screen: string): Promise<void> {
    await page.evaluate((hash) => (location.hash = hash), `#/${screen}`);
    const [name = ''] = screen.split('/');
    await page.locator(`main[data-screen="${name}"] :is(h2, .empty)`).first().waitFor();
    await page.waitForFunction(() => !document.body.innerText.includes('…\n'));
  }

  test.for(['light', 'dark'] as const)(
    'has no accessibility problem that axe finds, on any screen: %s',
    async (scheme) => {
      const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
      const { page } = await open('', { scheme, isPolicyOff: true });
      await page.addScriptTag({ content: fs.readFileSync(file, 'utf8') });
      for (const screen of screens) {
        await goTo(page, screen);
        const found = await page.evaluate(async () => {
          const { axe: checker } = globalThis as unknown as {
            axe: {
              run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
            };
          };
          const { violations } = await checker.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
        });
        expect(found, screen).toEqual([]);
      }
    },
  );

  test('fits a phone: nothing but tables and drawings is wider than it', async () => {
    const { page } = await open('', { width: 360 });
    for (const screen of screens) {
      await goTo(page, screen);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth),
        screen,
      ).toBeLessThanOrEqual(360);
    }
  });
});
