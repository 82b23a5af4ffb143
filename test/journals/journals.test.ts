import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { JournalFollower } from '../../store/follow.ts';
import { FORMAT_VERSION } from '../../store/record.ts';
import { replayJournal, type Moment } from '../../store/replay.ts';
import { listSegments, readJournal } from '../../store/segments.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder, journalOf, openAgent } from '../support/agent.ts';
import { TestChannel } from '../support/test-channel.ts';
import { longLived, upgrade } from '../support/upgrade.ts';

const here = import.meta.dirname;
const versions = fs.readdirSync(here).filter((name) => /^v\d+$/.test(name));

const kept = (version: string, name = 'replay.json'): Moment =>
  JSON.parse(fs.readFileSync(path.join(here, version, name), 'utf8')) as Moment;

/** A data folder of its own with that journal. */
function copied(version: string): { dir: string; journal: string } {
  const dir = dataFolder();
  const journal = path.join(dir, 'journal');
  fs.cpSync(path.join(here, version, 'journal'), journal, { recursive: true });
  return { dir, journal };
}

test('there is a journal of every format that was written', () => {
  const wanted = Array.from({ length: FORMAT_VERSION }, (_, index) => `v${index + 1}`);
  expect(versions.toSorted()).toEqual(wanted.toSorted());
});

describe.for(versions)('a journal of format %s', (version) => {
  const journal = path.join(here, version, 'journal');
  const { seq, at, actors } = kept(version);

  test('is plain and archived, and read whole', () => {
    const files = listSegments(journal).map((file) => path.extname(file));
    expect(files).toEqual(['.gz', '.jsonl']);
    expect(readJournal(journal)).toMatchObject({ seq, at, tornBytes: 0 });
    expect([...new JournalFollower(journal).read()]).toHaveLength(seq);
  });

  test('is replayed as it was then', () => {
    expect(replayJournal(journal)).toEqual({ seq, at, actors });
  });

  test('is verified, or a changed machine is named as the only reason why not', () => {
    const { records, ok, firstDifference } = verifyJournal(journal, machines);
    expect(records).toBe(seq);
    expect(ok ? '' : firstDifference?.reason).toMatch(/^$|^The definition of .* has changed/);
  });

  test('is read with a base in place of its first records, too', () => {
    const pruned = path.join(here, version, 'pruned');
    expect(replayJournal(pruned)).toEqual(kept(version, 'pruned.json'));
    const { ok, firstDifference, from } = verifyJournal(pruned, machines);
    expect(ok ? '' : firstDifference?.reason).toMatch(/^$|^The definition of .* has changed/);
    expect(from).toBeGreaterThan(1);
  });

  test.for([
    ['the machines of today', []],
    ['machines that have changed', longLived],
  ] as const)('is gone on with by %s: nothing is forgotten or told again', async ([, changed]) => {
    const { dir, journal: copy } = copied(version);
    upgrade(...changed);
    const mail = new TestChannel();
    const v = await openAgent({ dataDir: dir, startAt: at + 1_000, channels: [mail] });
    const wanted = Object.entries(actors).filter(([id]) => /^(breaker|alert|silence):/.test(id));
    expect(wanted.length).toBeGreaterThan(5);
    const now = replayJournal(copy).actors;
    for (const [id, { state, context }] of wanted) {
      const { dueAt, n } = context;
      expect(now[id], id).toMatchObject({ state, context: n === undefined ? { dueAt } : { n } });
    }
    await v.clock.advance(1_000);
    expect(mail.told).toEqual([]);
    await v.agent.stop();
    expect(journalOf(v).length).toBeGreaterThan(seq);
    expect(verifyJournal(copy, machines)).toMatchObject({ ok: true, firstDifference: null });
  });
});
