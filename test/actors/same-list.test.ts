import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CampaignOptions } from '../../actors/campaigns.ts';
import { importList } from '../../actors/campaign-import.ts';
import { campaignOf } from '../../actors/known-list.ts';
import type { CampaignReport } from '../../actors/report.ts';
import { callingRulesOf, readConfig } from '../../config.ts';
import { ContactTable } from '../../store/contacts.ts';
import { dataFolder, openAgent } from '../support/agent.ts';
import { listOf } from '../support/campaigns.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

const dialsOf = (v: VirtualAgent): number => v.agent.world?.dials.length ?? 0;

/** The list is read from disk while the clock stands. */
async function run(
  v: VirtualAgent,
  file: string,
  options: CampaignOptions = {},
): Promise<CampaignReport> {
  const campaign = await v.agent.campaigns.open(file, options);
  await v.drive(v.agent.campaigns.ended(campaign));
  return v.agent.campaigns.report(campaign);
}

function copyOf(file: string): string {
  const folder = path.join(path.dirname(file), 'copy');
  fs.mkdirSync(folder);
  const copy = path.join(folder, 'other-name.csv');
  fs.copyFileSync(file, copy);
  return copy;
}

describe('a list that is given once more', () => {
  test('is reported when it is done, and nobody is called again', async () => {
    const v = await openAgent();
    const file = listOf(3);
    const first = await run(v, file);
    const second = await run(v, file);
    expect(second).toEqual(first);
    expect(dialsOf(v)).toBe(3);
    expect(v.agent.campaigns.unfinished()).toEqual([]);
  });

  test('is a campaign of its own when that is asked for', async () => {
    const v = await openAgent();
    const file = listOf(2);
    const first = await run(v, file);
    const second = await run(v, file, { again: true });
    expect(second.campaign).not.toBe(first.campaign);
    expect(second.contacts.completed).toBe(2);
    expect(dialsOf(v)).toBe(4);
    const third = await run(v, file);
    expect(third.campaign, 'the last of them is the one that is asked for').toBe(second.campaign);
  });

  test('is gone on with when it is unfinished, whatever its file is called now', async () => {
    const v = await openAgent();
    const file = listOf(2);
    const campaign = await v.agent.campaigns.open(file);
    v.agent.campaigns.stop(campaign, 'test');
    const report = await run(v, copyOf(file), { again: true });
    expect(report).toMatchObject({ campaign, state: 'done', contacts: { completed: 2 } });
    expect(dialsOf(v)).toBe(2);
  });

  test('with other content is refused while the first is unfinished', async () => {
    const v = await openAgent();
    const file = listOf(2);
    const campaign = await v.agent.campaigns.open(file);
    v.agent.campaigns.stop(campaign, 'test');
    fs.appendFileSync(file, 'Zoe,+14155550177\n');
    await expect(v.agent.campaigns.open(file)).rejects.toThrow(/has changed since its campaign/);
  });
});

test('a list that was taken in before a crash, and that the journal does not know, is not done', async () => {
  const dataDir = dataFolder();
  const file = listOf(2);
  const contacts = ContactTable.open(path.join(dataDir, 'contacts'));
  const rules = callingRulesOf(readConfig({}), true);
  await importList(file, { campaign: 'cut-off', contacts, dir: dataDir, rules });
  const v = await openAgent({ dataDir });
  const state = 'stopped';
  expect(v.agent.campaigns.report('cut-off')).toMatchObject({ state, contacts: { waiting: 2 } });
  const hash = contacts.info('cut-off')?.sourceHash ?? '';
  expect(campaignOf(hash, dataDir)).toEqual({ campaign: 'cut-off', state });
  expect(await run(v, file)).toMatchObject({ campaign: 'cut-off', state: 'done' });
  expect(dialsOf(v)).toBe(2);
});
