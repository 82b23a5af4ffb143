import fs from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lockFolder } from '../../store/lock.ts';
import { rung, threeLives } from '../support/pruned.ts';
import { Desk, jsonOf, refused, type OnTestFinished } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DAY_MS = 86_400_000;
const monthly = { env: { JOURNAL_RETENTION_DAYS: '30' } };
let original: string;

beforeAll(async () => {
  // By the clock that the command will look at.
  original = await threeLives(Date.now() - 40 * DAY_MS);
});

afterAll(() => fs.rmSync(original, { recursive: true, force: true }));

function copied(onTestFinished: OnTestFinished): Desk {
  const desk = new Desk(onTestFinished);
  const filter = (file: string): boolean => !/(\.sock|lock\.\w+(-journal)?)$/.test(file);
  fs.cpSync(original, desk.path('data'), { recursive: true, filter });
  return desk;
}

const journalOf = (desk: Desk): string[] =>
  fs
    .readdirSync(desk.path('data', 'journal'))
    .filter((name) => !name.startsWith('.'))
    .toSorted();

test.concurrent('nothing is removed where nothing asks for it, and by no small number', async ({
  onTestFinished,
}) => {
  const desk = copied(onTestFinished);
  const before = journalOf(desk);
  const prune = ['journal', 'prune'];
  expect(await desk.run(prune)).toEqual(
    refused(1, /^Nothing says what to remove: set JOURNAL_RETENTION_DAYS or JOURNAL_RETENTION_MB/),
  );
  expect(await desk.run(prune, { env: { JOURNAL_RETENTION_DAYS: '1' } })).toEqual(
    refused(1, /JOURNAL_RETENTION_DAYS/),
  );
  const roomy = { env: { JOURNAL_RETENTION_MB: '1000', JOURNAL_RETENTION_DAYS: '60' } };
  expect((await desk.run(prune, roomy)).stdout).toBe(
    'Nothing was removed: retention asks for no finished file that is two days old.\n',
  );
  expect(journalOf(desk)).toEqual(before);
});

test.concurrent('beside somebody who works on the folder it is refused, and stats still tell', async ({
  onTestFinished,
}) => {
  const desk = copied(onTestFinished);
  const before = journalOf(desk);
  const lock = lockFolder(desk.path('data'));
  onTestFinished(() => lock.release());
  expect(await desk.run(['journal', 'prune', '--json'], monthly)).toEqual(
    refused(1, new RegExp(`^The data folder data is in use by process .*${process.pid}`)),
  );
  expect(journalOf(desk)).toEqual(before);
  const { stdout } = await desk.run(['journal', 'stats'], monthly);
  expect(stdout).toMatch(
    /^Retention: journal prune would remove 2 files \(\d.* kB\), all before seq \d+$/m,
  );
});

test.concurrent('it removes what has ended, tells what, and nobody is called twice after it', async ({
  onTestFinished,
}) => {
  const desk = copied(onTestFinished);
  const [first = '', second = '', third = ''] = journalOf(desk);
  const planned = jsonOf(await desk.run(['journal', 'stats', '--json'], monthly));
  const pruned = await desk.run(['journal', 'prune'], monthly);
  expect(pruned).toMatchObject({ code: 0, stderr: '' });
  const from = Number(third.slice(0, 20));
  expect(pruned.stdout.replaceAll(/\d+\.\d kB/g, 'SIZE')).toBe(
    `✓ ${first}: SIZE, removed\n✓ ${second}: SIZE, removed\n` +
      `The journal begins at seq ${from}; its base takes SIZE.\n`,
  );
  expect(planned).toMatchObject({
    retention: { files: [{ file: first }, { file: second }], from },
  });

  const again = await desk.run(['journal', 'prune', '--json'], monthly);
  expect(jsonOf(again)).toStrictEqual({
    removed: [],
    left: [],
    from,
    baseBytes: expect.any(Number),
  });
  expect(again.code).toBe(0);

  const [stats, verify, replay, metrics] = await Promise.all([
    desk.run(['journal', 'stats', '--json']),
    desk.run(['verify']),
    desk.run(['replay', '--until', '5']),
    desk.run(['metrics']),
  ]);
  expect(jsonOf(stats!)).toMatchObject({ firstSeq: from, removed: { records: from - 1 } });
  expect(verify).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ \d+ records/) });
  expect(verify!.stderr).toContain(`From seq ${from} on: what was before it has been removed`);
  expect(replay).toEqual(refused(1, /^What was before this record, up to .*, was removed/));
  expect(metrics!.stderr).toMatch(/^Counted from \S+Z on: what was before it was removed/);

  const before = rung(desk.path('data')).length;
  expect(before).toBeLessThan(10);
  const done = await desk.run(['campaign', 'run', 'data/spring.csv', '--speed', '200']);
  expect(done.code).toBe(0);
  expect(rung(desk.path('data'))).toHaveLength(before);
  const rest = await desk.run(['campaign', 'run', 'data/autumn.csv', '--speed', '200']);
  expect(rest.code).toBe(0);
  const calls = rung(desk.path('data'));
  expect([calls.length, new Set(calls).size]).toEqual([7, 7]);
  expect((await desk.run(['verify'])).code).toBe(0);
});
