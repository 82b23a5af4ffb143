import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFolder, readReports } from '../../actors/reading.ts';
import type { AgentOptions } from '../../index.ts';
import { machines } from '../../machines/registry.ts';
import { verifyJournal } from '../../store/verify.ts';
import { journalOf, openAgent } from '../support/agent.ts';
import { always, listOf } from '../support/campaigns.ts';
import { cutBehind } from '../support/cut-journal.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

const zed = { name: 'Zed', phone: '+14155550177' };
const numbers = [0, 1, 2, 3].map((index) => `+1415555010${index}`);

/** Killed while two of four contacts wait for their scripts. */
async function killed() {
  const file = listOf(4);
  const v = await openAgent({ world: { plans: { LLM: always({ hang: 'headers' }) } } });
  const campaign = await v.agent.campaigns.open(file, { concurrency: 2 });
  await v.clock.advance(1_000);
  const dir = cutBehind(v.dir, v.agent.journal.seq);
  const next = (options: AgentOptions = {}) =>
    openAgent({ ...options, dataDir: dir, startAt: v.clock.now() + 1_000 });
  return { file, campaign, dir, next };
}

const dialled = ({ agent }: VirtualAgent): string[] =>
  (agent.world?.dials ?? []).map(({ to }) => to).toSorted();
const stops = (v: VirtualAgent) =>
  journalOf(v).filter(({ event }) => event.type === 'campaign.stop');
const isProven = ({ dir }: VirtualAgent): boolean => verifyJournal(`${dir}/journal`, machines).ok;

describe('a start that is not for a campaign which was killed', () => {
  test('finishes its calls, begins none of its contacts, and says so', async () => {
    const { campaign, next } = await killed();
    const v = await next();
    expect(v.agent.finishing).toEqual([{ campaign, calls: 2, was: 'cut off' }]);
    await v.drive(v.agent.makeSingleCall(zed));
    await v.clock.advance(60_000);
    expect(dialled(v)).toEqual([...numbers.slice(0, 2), zed.phone]);
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'stopped',
      haltedBy: 'a start for something else',
      contacts: { completed: 2, waiting: 2 },
    });
    await v.agent.stop();
    const [report] = readReports(readFolder(v.dir), false);
    expect(report).toMatchObject({ state: 'stopped', contacts: { completed: 2, waiting: 2 } });
    expect(isProven(v)).toBe(true);
  });

  test('goes on with it when it is asked to, then or later', async () => {
    const { campaign, next } = await killed();
    const v = await next();
    await v.drive(v.agent.makeSingleCall(zed));
    expect(v.agent.campaigns.reopen(null, 'a test')).toBe(campaign);
    await v.drive(v.agent.campaigns.ended(campaign));
    expect(dialled(v)).toEqual([...numbers, zed.phone]);
    expect(v.agent.campaigns.report(campaign)).toMatchObject({ contacts: { completed: 4 } });
    expect(isProven(v)).toBe(true);
  });

  test('leaves it when it is for another list', async () => {
    const { file, campaign, next } = await killed();
    const other = file.replace('people', 'other');
    fs.writeFileSync(other, `name,phone\nZed,${zed.phone}\n`);
    const v = await next({ goesOnWith: { file: other } });
    await v.drive(v.agent.runCampaign(other));
    await v.clock.advance(60_000);
    expect(dialled(v)).toEqual([...numbers.slice(0, 2), zed.phone]);
    expect(v.agent.campaigns.report(campaign)).toMatchObject({ contacts: { waiting: 2 } });
  });

  test('gives back whom a worker had not taken yet', async () => {
    const file = listOf(4);
    const v = await openAgent();
    const campaign = await v.agent.campaigns.open(file, { concurrency: 2 });
    const begun = journalOf(v).find(({ event }) => event.type === 'campaign.begin');
    const dir = cutBehind(v.dir, begun?.seq ?? 0);
    const next = await openAgent({ dataDir: dir, startAt: v.clock.now() });
    await next.clock.advance(60_000);
    expect(dialled(next)).toEqual([]);
    expect(next.agent.campaigns.report(campaign)).toMatchObject({
      state: 'stopped',
      contacts: { waiting: 4 },
    });
    const report = next.drive(next.agent.runCampaign(file));
    expect(await report).toMatchObject({ state: 'done', contacts: { completed: 4 } });
    expect(isProven(next)).toBe(true);
  });
});

describe('a start that is for the campaign which was killed', () => {
  test.each([
    ['its list', (file: string) => ({ file })],
    ['its name', () => ({ campaign: 'people' })],
    ['none, and it is the only one', () => ({ campaign: null })],
  ])('by %s goes on with it from the first moment', async (_, asked) => {
    const { file, campaign, next } = await killed();
    const v = await next({ goesOnWith: asked(file) });
    expect(v.agent.finishing).toEqual([]);
    await v.clock.runUntil(() => !v.agent.campaigns.isUnfinished(campaign));
    expect(dialled(v)).toEqual(numbers);
    expect(stops(v)).toEqual([]);
  });

  test('is refused before anything is started when the list has changed', async () => {
    const { file, dir, next } = await killed();
    fs.appendFileSync(file, `Zed,${zed.phone}\n`);
    const lines = journalOf({ dir } as VirtualAgent).length;
    await expect(next({ goesOnWith: { file } })).rejects.toThrow(/has changed since its campaign/);
    await expect(next({ goesOnWith: { campaign: 'summer' } })).rejects.toThrow(
      /^There is no campaign called summer/,
    );
    expect(journalOf({ dir } as VirtualAgent)).toHaveLength(lines);
  });
});
