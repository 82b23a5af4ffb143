import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { eraseOffline } from '../../actors/erasure-orders.ts';
import type { Erasure } from '../../actors/erasure.ts';
import { machines } from '../../machines/registry.ts';
import { Artefacts } from '../../store/artefacts.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder, journalOf, openAgent } from '../support/agent.ts';
import { always } from '../support/campaigns.ts';
import { cutBehind } from '../support/cut-journal.ts';
import { EPOCH, type VirtualAgent } from '../support/virtual-agent.ts';

const ada = { name: 'Ada Lovelace', phone: '+14155550101' };
const grace = { name: 'Grace Hopper', phone: '+14155550102' };
const MINUTE = 60_000;

function listOf(name: string, rows: readonly string[]): string {
  const file = path.join(dataFolder(), `${name}.csv`);
  fs.writeFileSync(file, `name,phone\n${rows.join('\n')}\n`);
  return file;
}

const both = [`${ada.name},${ada.phone}`, `${grace.name},${grace.phone}`];

function filesBelow(dir: string): string[] {
  return fs
    .readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Files of the data folder, journal and log included, in which one of these words stands. */
const mentions = (dir: string, ...words: readonly string[]): string[] =>
  filesBelow(dir).filter((file) => {
    const text = fs.readFileSync(file, 'latin1');
    return words.some((word) => text.includes(word));
  });

async function run(v: VirtualAgent, file: string): Promise<string> {
  const campaign = await v.agent.campaigns.open(file, { concurrency: 1 });
  await v.drive(v.agent.campaigns.ended(campaign));
  return campaign;
}

const erase = ({ agent }: VirtualAgent, who: string): Erasure =>
  agent.command({ type: 'contacts.erase', who, by: 'a test' }) as Erasure;

const isProven = ({ dir }: VirtualAgent): boolean => verifyJournal(`${dir}/journal`, machines).ok;

describe('a person who is erased', () => {
  test('leaves nothing in the data folder but an id, and the journal is valid', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', [...both, `${ada.name},555-0101`]));
    await run(v, listOf('summer', both));
    await v.drive(v.agent.makeSingleCall(ada));
    await v.agent.flush();
    expect(mentions(v.dir, ada.name, ada.phone).length).toBeGreaterThan(3);
    expect(erase(v, ada.phone)).toEqual({
      contacts: ['0001', '0003', '0005'],
      artefacts: expect.any(Number),
      rejectedRows: 1,
      simulated: 6,
    });
    await v.agent.stop();
    expect(mentions(v.dir, ada.name, ada.phone, '555-0101')).toEqual([]);
    expect(mentions(v.dir, grace.name)).not.toEqual([]);
    expect(isProven(v)).toBe(true);
    const notes = journalOf(v).filter(({ event }) => event.type === 'contact.erased');
    expect(notes.map(({ event }) => [event['contact'], event['by']])).toEqual([
      ['0001', 'a test'],
      ['0003', 'a test'],
      ['0005', 'a test'],
    ]);
    const scripts = fs.readdirSync(`${v.dir}/artefacts`).filter((name) => name.endsWith('.txt'));
    expect(scripts.length).toBeGreaterThan(0);
  });

  test('is found by an id as well, and the erasure can be repeated', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    await v.agent.stop();
    expect(eraseOffline(v.dir, '1', 'a test')).toMatchObject({ contacts: ['0001'] });
    expect(eraseOffline(v.dir, '0001', 'a test')).toMatchObject({
      contacts: ['0001'],
      artefacts: 0,
    });
    expect(mentions(v.dir, ada.name, ada.phone)).toEqual([]);
    expect(isProven(v)).toBe(true);
    const next = await openAgent({ dataDir: v.dir, startAt: Date.now() });
    expect(next.agent.campaigns.report('spring')).toMatchObject({
      state: 'done',
      calls: [{ name: '', status: 'completed' }, { name: grace.name }],
    });
  });

  test('is skipped by a campaign that has yet to call them', async () => {
    const v = await openAgent();
    const campaign = await v.agent.campaigns.open(listOf('spring', both), { concurrency: 1 });
    erase(v, grace.phone);
    await v.drive(v.agent.campaigns.ended(campaign));
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 1, skipped: 1 },
    });
    expect(v.agent.world?.dials.map(({ to }) => to)).toEqual([ada.phone]);
  });

  test('is skipped also when a call was to be made again later', async () => {
    const v = await openAgent();
    v.agent.world?.setOutcome(ada.phone, 'busy');
    const campaign = await run(v, listOf('spring', both));
    erase(v, ada.phone);
    await v.drive(v.agent.campaigns.ended(campaign, { wait: true }));
    expect(v.agent.campaigns.report(campaign)).toMatchObject({
      state: 'done',
      contacts: { completed: 1, skipped: 1 },
    });
    expect(v.agent.world?.dials).toHaveLength(2);
    expect(v.clock.now()).toBeGreaterThan(EPOCH + 30 * MINUTE);
    expect(isProven(v)).toBe(true);
  });
});

describe('a person who is being called', () => {
  test('is not erased before that is over', async () => {
    const v = await openAgent({ world: { plans: { LLM: always({ latencyMs: MINUTE }, 1) } } });
    const campaign = await v.agent.campaigns.open(listOf('spring', both), { concurrency: 1 });
    await v.clock.advance(1_000);
    expect(() => erase(v, ada.phone)).toThrow(/^Contact 0001 is being called \(scripting\)/);
    await v.drive(v.agent.campaigns.ended(campaign));
    expect(erase(v, ada.phone)).toMatchObject({ contacts: ['0001'] });
  });

  /** Stopped while a service had not answered yet. */
  async function stoppedAt(service: 'LLM' | 'Telephony') {
    const v = await openAgent({ world: { plans: { [service]: always({ hang: 'headers' }, 1) } } });
    const campaign = await v.agent.campaigns.open(listOf('spring', both), { concurrency: 1 });
    await v.clock.advance(1_000);
    await v.agent.stop();
    return { v, campaign };
  }

  test('is erased when the agent was stopped before the dial, and nobody dials', async () => {
    const { v, campaign } = await stoppedAt('LLM');
    eraseOffline(v.dir, ada.phone, 'a test');
    const next = await openAgent({ dataDir: v.dir, startAt: Date.now(), goesOnWith: { campaign } });
    await next.clock.runUntil(() => !next.agent.campaigns.isUnfinished(campaign));
    const { contacts, calls } = next.agent.campaigns.report(campaign);
    expect(contacts).toMatchObject({ failed: 0, skipped: 1, completed: 1 });
    expect(calls[0]).toMatchObject({ status: 'skipped', error: null });
    expect(next.agent.world?.dials.map(({ to }) => to)).toEqual([grace.phone]);
    expect(isProven(v)).toBe(true);
  });

  test('is not erased as long as nobody knows what came of a dial', async () => {
    const { v } = await stoppedAt('Telephony');
    expect(() => eraseOffline(v.dir, ada.phone, 'a test')).toThrow(
      /^Contact 0001 is being called \(dialling\)/,
    );
  });
});

describe('scripts that no journal line names', () => {
  /** What a life has left that was killed between writing an artefact and its line. */
  const leave = (dir: string): string[] => {
    const folder = `${dir}/artefacts`;
    const name = new Artefacts(folder).put(`Hello ${ada.name}, once more`, 'txt');
    const draft = `${'0'.repeat(64)}.mp3.tmp`;
    fs.writeFileSync(path.join(folder, draft), `Hello ${ada.name}`);
    return [name, draft];
  };
  const scriptsIn = ({ dir }: VirtualAgent): string[] => fs.readdirSync(`${dir}/artefacts`);

  test('go at an erasure, but not what is about to be journalled', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    const left = leave(v.dir);
    const fresh = v.agent.artefacts.put('Hello somebody', 'txt');
    erase(v, ada.phone);
    expect(scriptsIn(v)).toContain(fresh);
    for (const name of left) expect(scriptsIn(v)).not.toContain(name);
    expect(mentions(`${v.dir}/artefacts`, grace.name)).toHaveLength(1);
  });

  test('go at an erasure without an agent', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    await v.agent.stop();
    leave(v.dir);
    eraseOffline(v.dir, ada.phone, 'a test');
    expect(mentions(v.dir, ada.name)).toEqual([]);
    expect(scriptsIn(v)).toHaveLength(2);
  });

  test('go at the start after a crash, and whatever is named stays', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    const dir = cutBehind(v.dir, v.agent.journal.seq);
    fs.cpSync(`${v.dir}/artefacts`, `${dir}/artefacts`, { recursive: true });
    leave(dir);
    const next = await openAgent({ dataDir: dir, startAt: v.clock.now() });
    expect(scriptsIn(next)).toEqual(scriptsIn(v));
    expect(scriptsIn(next)).toHaveLength(3);
  });
});

describe('a person whose row was rejected', () => {
  const rows = [
    'Gerda,+49 (0)30 901820,maybe',
    'Mary,555-0104,',
    'Ext,+1 415 555 0199 ext. 5,',
    'Two,"030 901821, 0170 1234567",',
    'Short,12,',
    'Somebody,+49 30 901829,maybe',
  ];

  async function rejecting(): Promise<VirtualAgent> {
    const v = await openAgent();
    const file = path.join(dataFolder(), 'spring.csv');
    fs.writeFileSync(file, `name,phone,consent\n${[`Ann,${ada.phone},`, ...rows].join('\n')}\n`);
    await run(v, file);
    return v;
  }

  test.each([
    ['+4930901820', 'Gerda'],
    ['+49 (0)30 901820', 'Gerda'],
    ['030 901820', 'Gerda'],
    ['555-0104', 'Mary'],
    ['5550104', 'Mary'],
    ['+14155550104', 'Mary'],
    ['+14155550199', 'Ext'],
    ['+491701234567', 'Two'],
    ['+4930901821', 'Two'],
    ['12', 'Short'],
  ])('is erased by %s', async (who, name) => {
    const v = await rejecting();
    expect(erase(v, who)).toMatchObject({ contacts: [], rejectedRows: 1 });
    const left = fs.readFileSync(`${v.dir}/campaigns/spring/rejected.csv`, 'utf8');
    expect(rows.filter((row) => !left.includes(row.split(',')[0] ?? ''))).toEqual(
      rows.filter((row) => row.startsWith(`${name},`)),
    );
  });

  test('is erased from a file that an import which was cut short has left', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    await v.agent.stop();
    const folder = `${v.dir}/campaigns/summer`;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(`${folder}/rejected.csv`, 'line,reason,name,phone\n2,none,Mary,555-0104\n');
    fs.writeFileSync(`${folder}/rejected.csv.tmp`, 'line,reason,name,phone\n2,none,Ma');
    expect(eraseOffline(v.dir, '555-0104', 'a test')).toMatchObject({ rejectedRows: 1 });
    expect(fs.readdirSync(folder)).toEqual(['rejected.csv']);
    expect(mentions(v.dir, '555-0104')).toEqual([]);
  });
});

describe('nobody', () => {
  test('is erased who is not there', async () => {
    const v = await openAgent();
    await run(v, listOf('spring', both));
    expect(() => erase(v, '+14155550199')).toThrow(/^Nobody in .* is known by that number/);
    expect(() => erase(v, '0099')).toThrow('There is no contact 0099.');
    expect(() => erase(v, 'Ada')).toThrow(/^That is neither a contact's id nor a number/);
  });
});

test('everything that is written can be read by its owner only', async () => {
  const v = await openAgent();
  await run(v, listOf('spring', [...both, 'Nobody,12']));
  await v.agent.flush();
  await v.agent.stop();
  const open = fs
    .readdirSync(v.dir, { withFileTypes: true, recursive: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => (fs.statSync(file).mode & 0o077) !== 0)
    .map((file) => path.relative(v.dir, file));
  expect(open).toEqual([]);
});
