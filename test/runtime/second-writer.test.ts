import fs from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ControlServer } from '../../runtime/control.ts';
import { dataFolder, openAgent } from '../support/agent.ts';

const ada = { name: 'Ada', phone: '+14155550101' };

test('a folder whose lock was removed is refused as long as its agent answers', async () => {
  const dir = dataFolder();
  // The lock is not taken: what is left of it when somebody has removed its file.
  const other = await ControlServer.listen(dir, () => null);
  onTestFinished(() => other.close());
  await expect(openAgent({ dataDir: dir })).rejects.toThrow(/is in use by another process\.$/);
  expect(fs.existsSync(`${dir}/journal`)).toBe(false);
});

test('a journal that was removed is not begun anew', async () => {
  const v = await openAgent();
  await v.drive(v.agent.makeSingleCall(ada));
  await v.agent.stop();
  fs.rmSync(`${v.dir}/journal`, { recursive: true });
  await expect(openAgent({ dataDir: v.dir })).rejects.toThrow(
    /^The end of the journal is missing: records up to seq \d+ had been on disk/,
  );
  fs.rmSync(`${v.dir}/journal/.writer`, { force: true });
  await expect(openAgent({ dataDir: v.dir })).rejects.toThrow(/call again whoever was called/);
});
