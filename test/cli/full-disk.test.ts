import { expect, test, vi } from 'vitest';
import { Desk, expectTidy, MAIN } from './support/desk.ts';
import { contactList } from './support/lists.ts';

vi.setConfig({ testTimeout: 60_000 });

/** It refuses every byte, as a full disk does; only Linux has it. */
const hasFullDisk = process.platform === 'linux';
const note = hasFullDisk ? '' : ' (skipped: there is no /dev/full)';

const RUN = ['campaign', 'run', 'list.csv', '--speed', '200', '--json'];

test.skipIf(!hasFullDisk)(
  `a full disk behind stderr ends no campaign${note}`,
  async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(2));
    const command = [process.execPath, MAIN, ...RUN].map((word) => `'${word}'`).join(' ');
    const ended = await desk.startCommand('sh', ['-c', `${command} 2>/dev/full`]).ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'done', contacts: { completed: 2 } });
  },
);

test.skipIf(!hasFullDisk)(
  `a result that a full disk takes none of is a failure${note}`,
  async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const command = `'${process.execPath}' '${MAIN}' help >/dev/full`;
    const ended = await desk.startCommand('sh', ['-c', command]).ended;
    expectTidy(ended);
    expect(ended).toMatchObject({
      code: 1,
      stderr: 'The result could not be written: the disk is full.\n',
    });
  },
);
