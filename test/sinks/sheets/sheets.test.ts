import { describe, expect, test, vi } from 'vitest';
import { attach } from '../../../sinks/sink.ts';
import { Cursor } from '../../../sinks/cursor.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { HEADER } from '../../../sinks/sheets/row.ts';
import { append as appendLines, openJournal } from '../../store/support.ts';
import { goldenRecords } from '../metrics/golden.ts';
import { sheetsDesk, type SheetsDesk } from './desk.ts';
import type { Fault } from '../../peers/google.ts';

vi.setConfig({ testTimeout: 30_000 });

const records = goldenRecords('recovery');

function feed(sink: { take(record: JournalRecord): unknown }, some = records): void {
  for (const record of some) void sink.take(record);
}

const seqs = ({ rows }: SheetsDesk): number[] => rows().map(([seq]) => Number(seq));

/** Rows that the whole journal makes. */
async function allRows(): Promise<unknown[][]> {
  const desk = await sheetsDesk();
  feed(desk.sinkFor());
  await desk.until(() => desk.google.times('append') > 0 && desk.google.open === 0);
  return desk.rows();
}

describe('a spreadsheet', () => {
  test('gets its tab, its header, and what happened in words, in one request', async () => {
    const desk = await sheetsDesk();
    feed(desk.sinkFor());
    await desk.until(() => desk.rows().length > 0);
    expect(desk.google.tabs.get('Calls')?.[0]).toEqual(HEADER);
    expect(desk.google.times('append')).toBe(1);
    const said = desk
      .rows()
      .map(([, , severity, what, service, contact]) => [severity, what, service, contact]);
    expect(said).toContainEqual([
      'warning',
      'ElevenLabs answered 503: The system is experiencing heavy traffic, please try again; trying again in 5s (retry 1 of 3)',
      'ElevenLabs',
      '0001',
    ]);
    expect(said).toContainEqual(['info', 'Call completed: answered', '', '0005']);
    expect(said).toContainEqual(['info', 'ElevenLabs is called again', 'ElevenLabs', '']);
    expect(said).toContainEqual(['info', 'Campaign six has come to its end', '', '']);
    expect(JSON.stringify(desk.rows())).not.toMatch(/\+1415|Lovelace|Hopper/);
  });

  test('keeps a text that looks like a formula a text', async () => {
    const desk = await sheetsDesk();
    const sink = desk.sinkFor();
    const evil = records.map((record) =>
      JSON.parse(JSON.stringify(record).replaceAll('ElevenLabs answered 503', '=IMPORTXML(1)')),
    ) as JournalRecord[];
    feed(sink, evil);
    await desk.until(() => desk.rows().length > 0);
    expect(desk.rows().some(([, , , what]) => String(what).startsWith('=IMPORTXML'))).toBe(true);
  });

  test.for<[string, Fault]>([
    ['429', { on: 'append', kind: 'status', status: 429 }],
    ['503', { on: 'append', kind: 'status', status: 503 }],
    ['503 when it is read', { on: 'read', kind: 'status', status: 503 }],
    ['500 when a token is asked for', { on: 'token', kind: 'status', status: 500 }],
    ['HTML', { on: 'append', kind: 'html' }],
    ['a reset', { on: 'append', kind: 'reset' }],
    ['a reset after it was written', { on: 'append', kind: 'applied then reset' }],
    ['a reset after the tab was made', { on: 'add tab', kind: 'applied then reset' }],
  ])('has every row once in spite of %s', async ([, fault]) => {
    const whole = await allRows();
    const desk = await sheetsDesk();
    if (fault.on === 'read') desk.google.tabs.set('Calls', []);
    desk.google.faults.push(fault);
    const sink = desk.sinkFor();
    feed(sink);
    await desk.until(() => sink.trouble() !== null);
    const failedAt = desk.clock.now();
    await desk.until(() => sink.trouble() === null && desk.google.open === 0);
    expect(desk.rows()).toEqual(whole);
    // Google counts by the minute: not before the next one.
    const again = desk.google.told.find(({ at }) => at > failedAt)?.at ?? 0;
    expect(again % 60_000).toBeLessThan(25_000);
    expect(Math.floor(again / 60_000)).toBeGreaterThan(Math.floor(failedAt / 60_000));
  });

  test('has every row once although Google does not answer', async () => {
    const whole = await allRows();
    const desk = await sheetsDesk(50);
    desk.google.faults.push({ on: 'append', kind: 'hang' });
    const sink = desk.sinkFor();
    feed(sink);
    await desk.until(() => sink.trouble() !== null);
    expect(sink.trouble()).toMatch(/could not be reached.*rows wait/);
    await desk.until(() => sink.trouble() === null);
    expect(desk.rows()).toEqual(whole);
  });

  test('is left alone for as long as Google asks', async () => {
    const desk = await sheetsDesk();
    const headers = { 'retry-after': '300' };
    desk.google.faults.push({ on: 'append', kind: 'status', status: 429, headers });
    const sink = desk.sinkFor();
    feed(sink);
    await desk.until(() => sink.trouble() !== null);
    const failedAt = desk.clock.now();
    await desk.until(() => sink.trouble() === null);
    expect(desk.clock.now() - failedAt).toBeGreaterThanOrEqual(300_000);
  });

  test('is asked for a new token when the old one is refused', async () => {
    const desk = await sheetsDesk();
    const sink = desk.sinkFor();
    feed(sink, records.slice(0, 100));
    await desk.until(() => desk.google.times('append') === 1 && desk.google.open === 0);
    expect(desk.google.times('token')).toBe(1);
    desk.google.revokeTokens();
    feed(sink, records.slice(100));
    await desk.until(() => seqs(desk).at(-1)! > 200);
    expect(desk.google.times('token')).toBe(2);
  });

  test('gets thousands of rows in batches, with no more than 20 requests a minute', async () => {
    const desk = await sheetsDesk();
    const sink = desk.sinkFor();
    const offset = (turn: number): JournalRecord[] =>
      records.map((record) => ({ ...record, seq: record.seq + turn * records.length }));
    for (let turn = 0; turn < 60; turn++) {
      for (const record of offset(turn)) {
        const room = sink.take(record);
        if (!room) continue;
        let hasRoom = false;
        void room.then(() => (hasRoom = true));
        await desk.until(() => hasRoom);
      }
    }
    const expected = (await allRows()).length * 60;
    await desk.until(() => desk.rows().length >= expected);
    expect(seqs(desk)).toEqual([...new Set(seqs(desk))].toSorted((a, b) => a - b));
    expect(desk.rows()).toHaveLength(expected);
    expect(desk.google.mostInAMinute()).toBeLessThanOrEqual(20);
    expect(desk.google.times('append')).toBeLessThan(20);
  });
});

describe('after a restart', () => {
  test.for(['kept', 'lost'])(
    'no row is repeated and none is missing, with its cursor %s',
    async (cursorIs) => {
      const whole = await allRows();
      for (const cut of [40, 90, 140, 200]) {
        const desk = await sheetsDesk();
        const first = desk.sinkFor();
        feed(first, records.slice(0, cut));
        await desk.until(() => desk.rows().length > 0);
        const { seq, state } = first.settle({ seq: cut, state: first.snapshot() }) ?? {
          seq: 0,
          state: null,
        };
        // Killed: what it holds in memory is gone.
        const second = desk.sinkFor();
        if (cursorIs === 'kept' && state) second.restore(JSON.parse(JSON.stringify(state)));
        feed(second, records.slice(cursorIs === 'kept' ? seq : 0));
        await desk.until(() => seqs(desk).length >= whole.length);
        expect(desk.rows()).toEqual(whole);
      }
    },
  );

  test.for<['in vain' | 'taken', Fault]>([
    ['in vain', { on: 'append', kind: 'hang' }],
    ['in vain', { on: 'append', kind: 'reset' }],
    ['taken', { on: 'append', kind: 'applied then reset' }],
  ])('cut off in the middle of writing, which was %s, it has every row once', async ([, fault]) => {
    const whole = await allRows();
    const desk = await sheetsDesk(500);
    desk.google.faults.push(fault);
    const first = desk.sinkFor();
    feed(first);
    await desk.until(() => desk.google.times('append') === 1);
    await first.close();
    feed(desk.sinkFor());
    await desk.until(() => seqs(desk).length >= whole.length && desk.google.open === 0);
    expect(desk.rows()).toEqual(whole);
  });

  test('the cursor does not pass what is not yet in the sheet', async () => {
    const desk = await sheetsDesk();
    const sink = desk.sinkFor();
    feed(sink, records.slice(0, 60));
    expect(sink.settle({ seq: 60, state: null })).toBeNull();
    await desk.until(() => desk.rows().length > 0 && desk.google.open === 0);
    feed(sink, records.slice(60, 90));
    expect(sink.settle({ seq: 90, state: null })?.seq).toBe(60);
  });

  test('rows of another journal with the same numbers hide none of ours', async () => {
    const whole = await allRows();
    const desk = await sheetsDesk();
    const other = whole.map(([seq, , ...rest]) => [seq, '2025-01-01 00:00:00', ...rest]);
    desk.google.tabs.set('Calls', [[...HEADER], ...other]);
    feed(desk.sinkFor());
    await desk.until(() => desk.rows().length > other.length);
    expect(desk.rows()).toHaveLength(2 * whole.length);
  });

  test('people may sort, and remove rows that the cursor has passed', async () => {
    const desk = await sheetsDesk();
    feed(desk.sinkFor(), records.slice(0, 120));
    await desk.until(() => desk.rows().length > 0);
    const tab = desk.google.tabs.get('Calls') ?? [];
    desk.google.tabs.set('Calls', [tab[0]!, ...tab.slice(1).toReversed()]);
    const before = desk.rows().length;
    feed(desk.sinkFor());
    await desk.until(() => desk.rows().length > before);
    expect(seqs(desk).toSorted((a, b) => a - b)).toEqual((await allRows()).map(([seq]) => seq));
  });
});

describe('finding the spreadsheet', () => {
  const signal = AbortSignal.timeout(20_000);

  test.for<[string, string]>([
    ['an id', '1AbCdEfGhIjKlMnOpQrStUvWxYz-0123456789_abcdef'],
    [
      'an address',
      'https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz-0123456789_abcdef/edit#gid=0',
    ],
  ])('%s is used as it is', async ([, spreadsheet]) => {
    const desk = await sheetsDesk();
    await desk.sheetFor(spreadsheet).check(signal);
    expect(desk.google.times('find')).toBe(0);
  });

  test.for(['Our calls', 'Calls', "Ada's \\ calls"])('the name %s is looked up', async (name) => {
    const desk = await sheetsDesk();
    desk.google.names = { [name]: ['an-id'] };
    await desk.sheetFor(name).check(signal);
    expect(desk.google.times('find')).toBe(1);
  });

  test('a name that two have is refused', async () => {
    const desk = await sheetsDesk();
    desk.google.names = { 'Our calls': ['one', 'two'] };
    await expect(desk.sheetFor('Our calls').check(signal)).rejects.toThrow(
      /Several .* give the id/,
    );
  });

  test('a name that nobody has says whom to share with', async () => {
    const desk = await sheetsDesk();
    await expect(desk.sheetFor('Nothing').check(signal)).rejects.toThrow(
      /no spreadsheet "Nothing" that is shared with agent@project/,
    );
  });

  test('a tab with other contents is not written to', async () => {
    const desk = await sheetsDesk();
    desk.google.tabs.set('Calls', [
      ['name', 'salary'],
      ['Ada', 1],
    ]);
    const sink = desk.sinkFor();
    feed(sink);
    await desk.until(() => sink.trouble() !== null);
    expect(sink.trouble()).toMatch(/other contents.*GOOGLE_SHEETS_TAB/);
    expect(desk.google.times('append')).toBe(0);
  });

  test('without the right to write it goes on when that is given', async () => {
    const desk = await sheetsDesk();
    desk.google.isEditor = false;
    const sink = desk.sinkFor();
    feed(sink);
    await desk.until(() => sink.trouble() !== null);
    expect(sink.trouble()).toMatch(/403: The caller does not have permission/);
    desk.google.isEditor = true;
    await desk.until(() => sink.trouble() === null);
    expect(desk.rows().length).toBeGreaterThan(20);
  });
});

test('when the agent stops, the last rows are sent without waiting for more', async () => {
  const desk = await sheetsDesk();
  const sink = desk.sinkFor();
  feed(sink);
  await sink.close();
  expect(desk.rows()).toEqual(await allRows());
});

test('an outage of Google keeps neither the journal nor a stop waiting', async () => {
  const desk = await sheetsDesk();
  const journal = openJournal(desk.dir);
  const sink = desk.sinkFor();
  for (let n = 0; n < 5; n++) desk.google.faults.push({ on: 'token', kind: 'reset' });
  const attachment = attach(journal, sink, {
    cursor: new Cursor(desk.dir, 'sheets'),
    maxQueued: 10,
  });
  appendLines(journal, 50);
  await attachment.flush();
  feed(sink);
  await desk.until(() => sink.trouble() !== null);
  await attachment.detach(10);
  expect(new Cursor(desk.dir, 'sheets').start).toBeNull();
});
