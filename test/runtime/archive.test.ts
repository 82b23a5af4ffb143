import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { archiveOffline } from '../../runtime/archive.ts';
import { sendCommand } from '../../runtime/control.ts';
import type { ArchiveReport } from '../../store/archive.ts';
import { replayJournal } from '../../store/replay.ts';
import { listSegments } from '../../store/segments.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder, journalOf, openAgent } from '../support/agent.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

function listOf(name: string): string {
  const file = path.join(dataFolder(), `${name}.csv`);
  fs.writeFileSync(file, 'name,phone\nAda,+14155550101\nGrace,+14155550102\n');
  return file;
}

async function runCampaign({ agent, drive }: VirtualAgent, name: string): Promise<void> {
  const campaign = await agent.campaigns.open(listOf(name), { concurrency: 2 });
  await drive(agent.campaigns.ended(campaign));
}

const command = (campaign: string | null) => ({ type: 'journal.archive', campaign, by: 'test' });
const archive = async ({ dir }: VirtualAgent, campaign: string | null = null) =>
  (await sendCommand(dir, command(campaign)))?.result as ArchiveReport;

describe('an agent that is told to archive', () => {
  test('archives the campaigns that are over, and goes on in a new file', async () => {
    const v = await openAgent();
    await runCampaign(v, 'spring');
    const { archived } = await archive(v);
    expect(archived.map(({ file }) => file)).toEqual(['00000000000000000001.jsonl']);
    await runCampaign(v, 'summer');
    await v.agent.stop();
    const { records, ok } = verifyJournal(path.join(v.dir, 'journal'), machines);
    expect({ records, ok }).toEqual({ records: journalOf(v).length, ok: true });
    expect(listSegments(path.join(v.dir, 'journal')).map((file) => path.extname(file))).toEqual([
      '.gz',
      '.jsonl',
    ]);
  });

  test('leaves alone what is not over, and says why', async () => {
    const v = await openAgent();
    void v.agent.campaigns.open(listOf('spring'), { concurrency: 2 });
    await v.drive(new Promise((resolve) => v.agent.journal.once('record', resolve)));
    await v.clock.advance(0);
    const { archived, left } = await archive(v);
    expect(archived).toEqual([]);
    expect(left).toMatchObject([{ why: expect.stringMatching(/^unfinished: campaign:spring/) }]);
    await expect(archive(v, 'spring')).rejects.toThrow('has not come to its end');
  });

  test('knows which campaigns there are', async () => {
    const v = await openAgent();
    await expect(archive(v, 'autumn')).rejects.toThrow('There is no campaign called autumn');
  });
});

test('a start after an archiving goes on with all that is alive', async () => {
  const v = await openAgent();
  await runCampaign(v, 'spring');
  await v.agent.stop();
  const journal = path.join(v.dir, 'journal');
  const before = replayJournal(journal);
  expect(archiveOffline(v.dir, 'spring').archived).toHaveLength(1);
  expect(replayJournal(journal)).toEqual(before);
  const next = await openAgent({ dataDir: v.dir, startAt: v.clock.now() + 1_000 });
  await runCampaign(next, 'summer');
  await next.agent.stop();
  expect(verifyJournal(journal, machines)).toMatchObject({ ok: true });
});
