import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { escapeHtml } from '../../../sinks/channels/words.ts';
import type { PagerDutyEvent } from '../../peers/pagerduty.ts';
import { list } from '../../support/stories.ts';
import { openTownAgent } from '../../support/town-agent.ts';
import { browserIsMissing, launchBrowser } from '../dashboard/browser.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The README's pictures of what arrives; `PICTURES=on` takes them anew. */
const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../../docs/images/${name}.png`, import.meta.url));

const STYLE = `<style>
  body { margin: 0; padding: 20px; background: #f4f5f7; color: #1c1e21; font: 14px/1.45 sans-serif }
  main { background: #fff; border: 1px solid #d8dbe0; border-radius: 6px; padding: 16px 20px }
  h1 { font-size: 17px; margin: 0 0 12px } p { margin: 0 0 8px }
  table { border-collapse: collapse } td, th { text-align: left; vertical-align: top; font-weight: 400 }
  .facts th { color: #59636e; padding: 3px 20px 3px 0; white-space: nowrap }
  .facts td { padding: 3px 0; white-space: pre-line }
  .is { color: #fff; background: #c62828; border-radius: 9px; padding: 1px 9px; font-size: 12px }
  .over { background: #2e7d32 }
  .sheet { font-size: 12.5px; background: #fff } .sheet td, .sheet th { border: 1px solid #d8dbe0; padding: 2px 6px }
  .sheet th { background: #f0f2f4; color: #59636e; text-align: center }
  .sheet tr:nth-child(2) td { font-weight: 700 } .sheet td { white-space: nowrap; max-width: 520px; overflow: hidden; text-overflow: ellipsis }
</style>`;

const textOf = (cell: unknown): string =>
  typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';

const fact = (name: string, value: unknown): string =>
  `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(textOf(value))}</td></tr>`;

/** An incident as what keeps it has it: what was sent, field by field, and the end under the same key. */
function incidentPage(events: readonly PagerDutyEvent[]): string {
  const ofBreaker = events.filter(({ dedup_key: key }) => key?.startsWith('breaker.opened'));
  const [trigger] = ofBreaker;
  const {
    summary = '',
    timestamp,
    custom_details: details = {},
    ...fields
  } = trigger?.payload ?? {};
  const log = ofBreaker.map(
    ({ event_action: action, payload }) =>
      `<p><span class="is ${action === 'resolve' ? 'over' : ''}">${action}</span> ${escapeHtml(payload?.summary ?? '')}</p>`,
  );
  return `${STYLE}<main><h1>${escapeHtml(summary)}</h1>${log.join('')}<table class="facts">
    ${fact('dedup_key', trigger?.dedup_key)}${fact('timestamp', timestamp)}
    ${Object.entries({ ...fields, ...details })
      .map(([name, value]) => fact(name, value))
      .join('')}</table></main>`;
}

/** A tab from its header on, with the rows around the alert. */
function sheetPage([header = [], ...rows]: readonly unknown[][]): string {
  const first = rows.findIndex((cells) =>
    String(cells[3]).startsWith('Alert: the circuit breaker'),
  );
  const shown = [header, ...rows.slice(first - 5, first + 9)];
  const letters = header.map((_, index) => String.fromCharCode(65 + index));
  const row = (cells: readonly unknown[], number: string): string =>
    `<tr><th>${number}</th>${letters.map((_, at) => `<td>${escapeHtml(textOf(cells[at]))}</td>`).join('')}</tr>`;
  return `${STYLE}<table class="sheet"><tr><th></th>${letters.map((it) => `<th>${it}</th>`).join('')}</tr>
    ${shown.map((cells, at) => row(cells, at === 0 ? '1' : String(first - 3 + at))).join('')}</table>`;
}

const why = browserIsMissing();
const isWanted = process.env['PICTURES'] === 'on' && why === null;

test.runIf(isWanted)(
  'what arrives in an outage, for the README (only with PICTURES=on)',
  async () => {
    const { town, start } = await openTownAgent();
    const v = await start({ env: { ...town.env, ALERT_REPEAT_INTERVAL: 'off' } });
    v.agent.world?.plan('ElevenLabs', [{ until: 90_000, fault: { status: 503 } }]);
    await v.drive(v.agent.runCampaign(list('six'), { concurrency: 3 }));
    await v.clock.advance(120_000);
    await v.agent.stop();
    const mail = town.smtp.mails.find(({ parsed }) => parsed.subject?.includes('circuit breaker'));
    const pages = [
      ['alert-email', mail?.parsed.html ?? '', 640],
      ['alert-pagerduty', incidentPage(town.pagerduty.events), 760],
      ['alert-sheet', sheetPage(town.google.tabs.get('Calls') ?? []), 1_240],
    ] as const;
    const browser = await launchBrowser();
    const context = await browser.newContext({ colorScheme: 'light' });
    for (const [name, html, width] of pages) {
      const page = await context.newPage();
      await page.setViewportSize({ width, height: 100 });
      await page.setContent(html);
      await page.screenshot({ path: fileOf(name), fullPage: true });
    }
    await browser.close();
    expect(mail?.parsed.html).toContain('Next probe');
  },
);
