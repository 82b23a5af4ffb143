import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserIsMissing, launchBrowser, openPage } from '../sinks/dashboard/browser.ts';
import { ADDRESS, statusOf, WAIT } from './support/dashboard.ts';
import { Desk, jsonOf } from './support/desk.ts';
import { readRecords } from './support/journal-file.ts';
import { contactList } from './support/lists.ts';
import { lookAround } from './support/look-around.ts';
import { openAccounts } from './support/providers.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const missing = browserIsMissing();

describe.skipIf(missing !== null)(
  `commands from a browser${missing ? ` (${missing})` : ''}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    async function openAt(url: string, hash: string): Promise<Page> {
      const { page } = await openPage(browser, `${url}#/${hash}`);
      onTestFinished(() => page.context().close());
      return page;
    }

    /** A webhook that refuses all. */
    async function refusing(): Promise<string> {
      const server = http.createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(503).end('no'));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => void server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    }

    /** Presses a button and confirms; resolves when the agent has done it. */
    async function press(page: Page | Locator, name: string): Promise<void> {
      await page.getByRole('button', { name, exact: true }).first().click();
      const dialog = page.getByRole('dialog', { name });
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor({ state: 'hidden' });
    }

    const byOf = ({ by, input }: { readonly [key: string]: unknown }): unknown =>
      by ?? (input as { by?: unknown } | undefined)?.by;

    /** What people asked for, as the journal tells it. */
    const orders = (desk: Desk): string[] =>
      readRecords(desk.path('data'))
        .filter(({ event }) => byOf(event) === 'dashboard')
        .map(({ actor, event }) => `${actor} ${event.type}`);

    test('a scenario shows its outage live: opening, countdown, probe, closing', async () => {
      const desk = new Desk(onTestFinished);
      const program = desk.start(
        ['scenario', 'outage-503', '--serve', '--port', '0', '--speed', '6', '--json'].concat([
          '--quiet',
        ]),
      );
      const [, url = ''] = await program.says(ADDRESS);
      const page = await openAt(url, '');
      // Open before anything breaks: the breaker may be open for no longer than a page takes.
      const around = openAt(url, 'service/ElevenLabs').then(lookAround);
      const card = page.locator('[data-service=ElevenLabs]');
      await card.getByText('closed').waitFor();
      await page.getByText('Every service is in use').waitFor();
      const wait = { timeout: 90_000 };
      await card.getByText(/next probe in 0:\d\d/).waitFor(wait);
      const seconds = async () => /in 0:(\d\d)/.exec(await card.innerText())?.[1];
      const before = Number(await seconds());
      await vi.waitFor(async () => expect(Number(await seconds())).toBeLessThan(before), WAIT);
      await page.getByText('failed 3 times in a row, so it is left alone').waitFor();
      await page.getByText('Waits for ElevenLabs: its circuit breaker is open').waitFor();
      await card.getByText('a probe is under way').waitFor(wait);
      await card.getByText('closed').waitFor(wait);
      await around;
      const ended = await program.ended;
      expect(ended.code).toBe(0);
      expect(jsonOf(ended)).toMatchObject({ scenario: 'outage-503', ok: true });
    });

    test('reach the running agent, and its journal says who asked', async () => {
      const desk = new Desk(onTestFinished);
      const { world, env } = await openAccounts(onTestFinished);
      world.plan('Telephony', [
        { match: 'work', times: 1, fault: { status: 503, after: true } },
        { match: 'work', times: 1, fault: { status: 400 } },
      ]);
      world.plan('ElevenLabs', [{ match: 'work', times: 4, fault: { status: 503 } }]);
      // The first fails, the second is unknown; the fourth stays under way while the page is used.
      world.plan('CRM', [{ match: 'work', fault: { hang: 'headers' } }]);
      desk.write('list.csv', contactList(4));
      const alerting = {
        WEBHOOK_URL: await refusing(),
        WEBHOOK_FORMAT: 'generic',
        // Seven minutes of the wall's: what failed stays news all the while.
        ALERT_CALM_AFTER: '86400',
      };
      const program = desk.start(
        ['campaign', 'run', 'list.csv', '--serve', '--port', '0', '--wait', '--json'].concat([
          '--concurrency',
          '1',
          '--speed',
          '200',
        ]),
        { env: { ...env, ...alerting } },
      );
      const [, url = ''] = await program.says(ADDRESS);

      const contacts = await openAt(url, 'contacts?status=unknown');
      await contacts.locator('tbody tr').first().waitFor();
      await press(contacts, 'Leave it');
      const alerts = await openAt(url, 'alerts');
      const alert = alerts.locator('[data-alert="1"]');
      const lit = (state: string) =>
        alert.locator(`.statechart .state.active[data-state=${state}]`).waitFor();
      await lit('firing');
      await alerts
        .locator('[data-channel]')
        .getByText(/next try in \d/)
        .waitFor();
      await alert.locator('.deliveries').getByText('pending').first().waitFor();
      await vi.waitFor(async () => expect(await statusOf(`${url}healthz`)).toBe(503), WAIT);
      await press(alert, 'Acknowledge');
      await lit('acknowledged');
      await press(alert, 'Silence for an hour');
      const silence = alerts.locator('[data-silence]');
      await silence.waitFor();
      await lit('silenced');
      await press(silence, 'Lift');
      await silence.waitFor({ state: 'hidden' });

      const overview = await openAt(url, '');
      await press(overview, 'Pause');
      await overview.getByText('Paused by dashboard').waitFor();
      await press(overview, 'Resume');
      const service = await openAt(url, 'service/LLM');
      await press(service, 'Isolate');
      await service.locator('h2').getByText('isolated').waitFor();
      await press(service, 'Release');
      await service.locator('h2').getByText('closed').waitFor();
      await press(service, 'Reset');
      await press(overview, 'Stop');
      const ended = await program.ended;
      expect(ended.code).toBe(3);
      expect(orders(desk)).toEqual([
        'campaign:list contact.decided',
        'alert:1 alert.acknowledged',
        'silence:1 xstate.init',
        'silence:1 silence.lifted',
        'campaign:list campaign.pause',
        'campaign:list campaign.resume',
        'breaker:LLM breaker.isolate',
        'breaker:LLM breaker.release',
        'breaker:LLM breaker.reset',
        'campaign:list campaign.stop',
      ]);
    });

    test('are written to the journal where no agent runs, else refused with a sentence', async () => {
      const desk = new Desk(onTestFinished);
      const { world, env } = await openAccounts(onTestFinished);
      world.plan('Telephony', [
        { match: 'work', times: 1, fault: { status: 503, after: true } },
        { match: 'work', times: 1, fault: { status: 400 } },
      ]);
      world.plan('ElevenLabs', [{ match: 'work', times: 4, fault: { status: 503 } }]);
      desk.write('list.csv', contactList(2));
      const run = ['campaign', 'run', 'list.csv', '--concurrency', '1', '--speed', '500'];
      expect((await desk.run([...run, '--quiet'], { env })).code).toBe(3);
      const served = desk.start(['serve', '--port', '0']);
      const [, url = ''] = await served.says(ADDRESS);
      const page = await openAt(url, 'contacts?status=unknown');
      await press(page, 'Was answered');
      const service = await openAt(url, 'service/CRM');
      await press(service, 'Reset');
      await service.getByRole('button', { name: 'Isolate' }).first().click();
      const dialog = service.getByRole('dialog', { name: 'Isolate' });
      await dialog.getByRole('button', { name: 'Isolate' }).click();
      await dialog.getByText('No agent is running on this folder').waitFor();
      const alerts = await openAt(url, 'alerts');
      const alert = alerts.locator('[data-alert="1"]');
      await press(alert, 'Acknowledge');
      await press(alert, 'Silence for an hour');
      await press(alerts.locator('[data-silence]'), 'Lift');
      await served.stop('SIGINT');
      expect(orders(desk)).toEqual([
        expect.stringMatching(/ contact\.decided$/),
        'breaker:CRM breaker.reset',
        'alert:1 alert.acknowledged',
        'silence:1 xstate.init',
        'silence:1 silence.lifted',
      ]);
    });
  },
);
