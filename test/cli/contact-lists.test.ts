import fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { Desk, refused } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;
const note = isRoot ? ' (skipped: root may read everything)' : '';
const RUN = ['campaign', 'run', 'list.csv', '--speed', '200'];

test.concurrent('a good list: exit 0 and one JSON value', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', 'name,phone,topic\nAda,+14155550101,a parcel\nGrace,+14155550102,\n');
  const ended = await desk.run([...RUN, '--json']);
  expect(ended.code).toBe(0);
  const call = {
    status: 'completed',
    disposition: 'answered',
    crm: 'done',
    attempts: { LLM: 1, ElevenLabs: 1, Telephony: 1, CRM: 1 },
    error: null,
  };
  const [first, second] = reportOf(ended).calls;
  expect(reportOf(ended)).toStrictEqual({
    campaign: 'list',
    state: 'done',
    pausedBy: null,
    haltedBy: null,
    nextAt: null,
    contacts: {
      total: 2,
      waiting: 0,
      active: 0,
      completed: 2,
      failed: 0,
      deferred: 0,
      skipped: 0,
      unknown: 0,
    },
    rejected: 0,
    duplicates: 0,
    rejectedFile: null,
    calls: [
      { contact: first?.contact, name: 'Ada', ...call },
      { contact: second?.contact, name: 'Grace', ...call },
    ],
  });
  expect(first?.contact).not.toBe(second?.contact);
});

test.concurrent('for a person: steps on stderr, a summary on stdout', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', contactList(3));
  const ended = await desk.run([...RUN, '--concurrency', '1']);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toBe(
    'Campaign list: done\n3 contacts: ✅ 3 completed\n' +
      'Result: 3/3 contacts processed (100% success rate)\n',
  );
  expect(ended.stderr).toContain('Simulated, because no key is set: LLM, ElevenLabs');
  const completed = ended.stderr.matchAll(/^\[(\d+)\] ✅ CALL COMPLETED SUCCESSFULLY$/gm);
  expect([...completed].map(([, contact]) => contact)).toEqual(['0001', '0002', '0003']);
  expect(desk.has('logs')).toBe(false);
});

test.concurrent('--quiet says nothing but the result', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', contactList(1));
  const ended = await desk.run([...RUN, '--quiet']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('Result: 1/1 contacts processed');
});

test.concurrent('rejected rows are set aside and the good ones called', async (context) => {
  const desk = new Desk(context.onTestFinished);
  const rows = ['Ada,+14155550101', 'Short,+1415', '"Mr\nTwo Lines",', 'Grace,+14155550102'];
  desk.write('list.csv', `name,phone\n${rows.join('\n')}\n`);
  const report = reportOf(await desk.run([...RUN, '--json']));
  expect(report).toMatchObject({
    state: 'done',
    contacts: { total: 2, completed: 2 },
    rejected: 2,
    duplicates: 0,
  });
  expect(report.calls.map(({ name }) => name)).toEqual(['Ada', 'Grace']);
  expect(report.rejectedFile).toMatch(/campaigns.list.rejected\.csv$/);
  const [header, ...rejected] = desk.read(report.rejectedFile ?? '').split('\r\n');
  expect(header).toBe('line,reason,name,phone');
  expect(rejected).toEqual([
    "3,Phone number is too short for its country,Short,'+1415",
    '4,Phone number is missing,"Mr\nTwo Lines",',
    '',
  ]);
});

test.concurrent('rejected rows are told to a person too', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', 'name,phone\nAda,+14155550101\nBob,12\nAda,+14155550101\n');
  const ended = await desk.run(RUN);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/^1 rows? .*rejected.*rejected\.csv$/m);
  expect(ended.stdout).toMatch(/^1 duplicate/m);
});

test.concurrent('a number that stands there twice is called once', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const rows = ['Ada,+14155550101', 'Ada again,+1 (415) 555-0101', 'Grace,+14155550102'];
  desk.write('list.csv', `name,phone\n${rows.join('\n')}\nAda,tel:+14155550101\n`);
  const report = reportOf(await desk.run([...RUN, '--json']));
  expect(report).toMatchObject({
    contacts: { total: 2, completed: 2 },
    rejected: 0,
    duplicates: 2,
    rejectedFile: null,
  });
  expect(report.calls.map(({ name }) => name)).toEqual(['Ada', 'Grace']);
});

test.concurrent('who must not be called is not', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const rows = [
    'Ada,+14155550101,yes,',
    'Bob,+14155550102,no,',
    'Cy,+14155550103,,yes',
    'Dee,+14155550104,,no',
  ];
  desk.write('list.csv', `name,phone,consent,do_not_call\n${rows.join('\n')}\n`);
  const ended = await desk.run([...RUN, '--json']);
  const report = reportOf(ended);
  expect(ended.code).toBe(0);
  expect(report.contacts).toMatchObject({ total: 4, completed: 2, skipped: 2 });
  expect(report.calls.map(({ status }) => status)).toEqual([
    'completed',
    'skipped',
    'skipped',
    'completed',
  ]);
  expect(report.calls[1]).toMatchObject({ attempts: {}, crm: null });
});

test.concurrent('a finished list is reported, and called again on request', async (context) => {
  const desk = new Desk(context.onTestFinished);
  desk.write('list.csv', contactList(1));
  const first = reportOf(await desk.run([...RUN, '--json']));
  const asked = await desk.run([...RUN, '--json']);
  expect(reportOf(asked)).toEqual(first);
  expect(asked.stderr).toContain('This list is done, by campaign list: nobody is called again.');
  const again = reportOf(await desk.run([...RUN, '--json', '--again']));
  expect([first.campaign, again.campaign]).toEqual(['list', 'list-2']);
  expect(again.contacts).toMatchObject({ total: 1, completed: 1 });
});

describe('a list that can not be used is refused with one sentence that names it', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const cases: readonly (readonly [what: string, content: string | Buffer, sentence: RegExp])[] = [
    ['no phone column', 'name,telefon\nAda,+14155550101\n', /no phone column: line 1 .*"telefon"/],
    ['no header', 'Ada,+14155550101\n', /no phone column: line 1 looks like a contact/],
    ['an empty file', '', /is empty/],
    ['a header only', 'name,phone\n', /no contact/],
    ['a picture', png, /is not a CSV file/],
    ['UTF-16', Buffer.from('\ufeffname,phone\n', 'utf16le'), /is not a CSV file.*UTF-16/],
    ['an open quote', 'name,phone\nA,+14155550101\n"B,+14155550102\n', /quote on line 3/],
    ['only rejected rows', 'name,phone\nA,12\nB,\n', /every row was rejected.*line 2.* no \+ /],
  ];

  test.concurrent.for(cases)('%s', async ([, content, sentence], { onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', content);
    const ended = await desk.run([...RUN, '--json']);
    expect(ended).toEqual(refused(1, /^list\.csv /, sentence));
    expect(ended.stderr, 'nobody in it is named').not.toMatch(/\bAda\b|4155550101/);
  });

  test.concurrent('a folder', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    fs.mkdirSync(desk.path('list.csv'));
    expect(await desk.run(RUN)).toEqual(refused(1, /^list\.csv is a folder, not a CSV file$/));
  });

  test.concurrent('no such file', async ({ onTestFinished }) => {
    expect(await new Desk(onTestFinished).run(RUN)).toEqual(
      refused(1, /^There is no file list\.csv$/),
    );
  });

  test.concurrent(
    `a file that may not be read${note}`,
    { skip: isRoot },
    async ({ onTestFinished }) => {
      const desk = new Desk(onTestFinished);
      desk.write('list.csv', contactList(1));
      fs.chmodSync(desk.path('list.csv'), 0);
      expect(await desk.run(RUN)).toEqual(
        refused(1, /^list\.csv can't be read: permission denied/),
      );
    },
  );
});
