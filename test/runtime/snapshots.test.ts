import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ada } from '../../scenarios/people.ts';
import { machines } from '../../machines/registry.ts';
import { decodeHead, decodeStates } from '../../store/snapshot-format.ts';
import { verifyJournal } from '../../store/verify.ts';
import { realFileSystem } from '../../store/file-system.ts';
import type { RootState } from '../../store/live-roots.ts';
import type { Sink } from '../../sinks/sink.ts';
import { dataFolder, openAgent } from '../support/agent.ts';
import { openRuntime } from '../support/runtime.ts';
import { folder, forget, liveOn, liveOut, recordsIn, type Story } from '../support/lives.ts';
import { keepingSnapshots, knownAtEach, placesIn, recovered } from '../support/snapshots.ts';
import { chaos, fullDemo, recovery } from '../support/stories.ts';
import { journalFile } from '../support/virtual-agent.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

const goldenDir = fileURLToPath(new URL('../golden', import.meta.url));
const golden = fs.readdirSync(goldenDir).filter((name) => name.endsWith('.jsonl'));

/** A data folder with that journal. */
function folderWith(text: string): string {
  const dir = dataFolder();
  fs.mkdirSync(path.join(dir, 'journal'));
  fs.writeFileSync(journalFile(dir), text);
  return dir;
}

/** A dozen people, every service failing by chance, and an agent that is killed twice. */
async function crashed(seed: number): Promise<string> {
  const dir = folder();
  onTestFinished(() => forget({ dir }));
  const story = chaos(dir, seed);
  const first = await liveOut(story);
  const seq = Math.floor(first.records.length / 3);
  const second = await liveOn(story, first, { seq, marked: true, downMs: 61_000 });
  const third = await liveOn(story, second, { seq: second.records.length - 90, downMs: 7 });
  for (const life of [first, second, third]) onTestFinished(() => forget(life));
  return fs.readFileSync(journalFile(third.dir), 'utf8');
}

/** At which records a snapshot and what follows it come to something else than the whole journal. */
function differencesIn(dir: string, step: number): number[] {
  const journalDir = path.join(dir, 'journal');
  const whole = recovered(journalDir, null);
  const places = placesIn(journalDir);
  const different: number[] = [];
  for (const known of knownAtEach(recordsIn(dir))) {
    if (known.isOwing || known.seq % step !== 0) continue;
    const place = places[known.seq - 1]!;
    const behind = recovered(journalDir, { place, known });
    // A word that is still to be told at the very end is told by the line, not by the state.
    const isSame = known.seq === places.length ? whole.lines.length > 0 : false;
    if (!isSame && JSON.stringify(behind) !== JSON.stringify(whole)) different.push(known.seq);
  }
  return different;
}

describe('what is known behind any line of a journal, and the lines after it,', () => {
  test.for(golden)('come to the same as the whole journal: %s', (name) => {
    const dir = folderWith(fs.readFileSync(path.join(goldenDir, name), 'utf8'));
    const size = recordsIn(dir).length;
    expect(differencesIn(dir, Math.ceil(size / 100))).toEqual([]);
  });

  test.for([1])('come to the same where the agent was killed twice, seed %i', async (seed) => {
    const dir = folderWith(await crashed(seed));
    expect(differencesIn(dir, 29)).toEqual([]);
  });

  test('come to the same when the last lines are missing', () => {
    const text = fs.readFileSync(path.join(goldenDir, 'full-demo.jsonl'), 'utf8');
    const lines = text.split('\n');
    for (let kept = 12; kept < lines.length - 1; kept += 7) {
      const dir = folderWith(`${lines.slice(0, kept).join('\n')}\n`);
      expect(differencesIn(dir, 11), `${kept} lines`).toEqual([]);
    }
  });
});

interface Taken {
  readonly seq: number;
  readonly roots: readonly RootState[];
  readonly ledger: unknown;
  readonly alerts: unknown;
}

function takenFrom(text: string): Taken {
  const bytes = Buffer.from(text);
  const { seq, parts } = decodeHead(bytes);
  const states = decodeStates(bytes);
  const stateOf = (name: string): unknown => states[parts.findIndex((part) => part.name === name)];
  const roots = (stateOf('roots') as RootState[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { seq, roots, ledger: stateOf('ledger'), alerts: stateOf('alerts') };
}

describe('a snapshot of a running agent', () => {
  test.for<{ story: (dir: string) => Story; name: string }>([
    { name: 'full-demo', story: () => fullDemo },
    { name: 'recovery', story: () => recovery },
    { name: 'chaos', story: (dir) => chaos(dir, 3) },
  ])('holds what the journal comes to at its place: $name', async ({ story }) => {
    const dir = dataFolder();
    const { disk, kept } = keepingSnapshots();
    const told = story(dir);
    const v = await openAgent({
      healthChecks: true,
      dataDir: path.join(dir, 'data'),
      world: { ...told.world?.([], 0) },
      storage: { disk, snapshots: { every: 1, pause: () => Promise.resolve() } },
    });
    await v.drive(told.begin(v.agent));
    await v.agent.stop();
    const taken = new Map(kept.map(takenFrom).map((one) => [one.seq, one]));
    expect(taken.size).toBeGreaterThan(20);
    const records = recordsIn(v.dir);
    // The last one, made when the agent stops, holds everything.
    expect(taken.has(records.length)).toBe(true);
    for (const { seq, isOwing, ...known } of knownAtEach(records)) {
      const found = taken.get(seq);
      if (!found) continue;
      expect({ isOwing, ...found }, `seq ${seq}`).toEqual({ isOwing: false, seq, ...known });
    }
  });
});

const snapshotsIn = (dir: string): string[] =>
  fs.existsSync(path.join(dir, 'snapshots')) ? fs.readdirSync(path.join(dir, 'snapshots')) : [];

async function called(storage = {}, more: { sinks?: () => Sink[] } = {}) {
  const v = await openAgent({ ...more, storage });
  await v.drive(v.agent.makeSingleCall(ada));
  return v;
}

describe('an agent', () => {
  test('leaves a snapshot when it stops, and starts from it', async () => {
    const v = await called();
    await v.agent.stop();
    expect(snapshotsIn(v.dir)).toHaveLength(1);
    // Damage that only somebody who reads the whole journal can find.
    const file = journalFile(v.dir);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('Ada', 'Eve').replace('"seq":9,', '"seq":8,'));
    const next = await openAgent({ dataDir: v.dir });
    await next.drive(next.agent.makeSingleCall(ada));
    await next.agent.stop();
    expect(verifyJournal(path.join(v.dir, 'journal'), machines).ok).toBe(false);
  });

  test('makes one after every so many records, and keeps two', async () => {
    const { disk, kept } = keepingSnapshots();
    const v = await called({ disk, snapshots: { every: 10, pause: () => Promise.resolve() } });
    await v.agent.stop();
    const seqs = kept.map((text) => takenFrom(text).seq);
    expect(seqs.length).toBeGreaterThan(2);
    expect(seqs.slice(0, -1).every((seq, index) => seq - (seqs[index - 1] ?? 0) >= 10)).toBe(true);
    expect(snapshotsIn(v.dir)).toHaveLength(2);
  });

  test('waits until as many records have come as the last one had kilobytes', async () => {
    const { disk, kept } = keepingSnapshots();
    let kilobytes = 0;
    const wordy: Sink = {
      name: 'wordy',
      prime: () => {},
      take: () => {},
      snapshot: () => 'x'.repeat(kilobytes * 1_024),
      restore: () => {},
    };
    const v = await called({ disk, snapshots: { every: 5 } }, { sinks: () => [wordy] });
    kilobytes = 1_001;
    await v.drive(v.agent.makeSingleCall(ada));
    await v.clock.advance(1);
    const before = kept.length;
    await v.drive(v.agent.makeSingleCall(ada));
    await v.drive(v.agent.makeSingleCall(ada));
    expect(kept).toHaveLength(before);
    await v.agent.stop();
    expect(kept).toHaveLength(before + 1);
  });

  test('with a reader that must see the whole past makes none, and reads all', async () => {
    const seen: number[] = [];
    const reader: Sink = { name: 'r', prime: ({ seq }) => void seen.push(seq), take: () => {} };
    const v = await called({}, { sinks: () => [reader] });
    await v.agent.stop();
    expect(snapshotsIn(v.dir)).toEqual([]);
    const records = recordsIn(v.dir).length;
    const next = await openAgent({ dataDir: v.dir, sinks: () => [reader] });
    expect(seen).toHaveLength(records);
    await next.agent.stop();
  });

  test('goes on as if none had been there from one that is of no use', async () => {
    const v = await called();
    await v.agent.stop();
    const ends = await Promise.all(
      [(text: string) => text, (text: string) => text.slice(0, -4), () => ''].map(async (spoil) => {
        const dir = path.join(dataFolder(), 'data');
        fs.cpSync(v.dir, dir, { recursive: true, filter: (name) => !/lock|sock/.test(name) });
        for (const name of snapshotsIn(dir)) {
          const file = path.join(dir, 'snapshots', name);
          fs.writeFileSync(file, spoil(fs.readFileSync(file, 'utf8')));
        }
        const next = await openAgent({ dataDir: dir, startAt: v.clock.now() + 60_000 });
        await next.drive(next.agent.makeSingleCall(ada));
        await next.agent.stop();
        return recordsIn(dir).map(({ crc }) => crc);
      }),
    );
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });

  test('says that none could be written, and works on', async () => {
    const disk = {
      ...realFileSystem,
      rename(from: string, to: string): void {
        if (to.includes('snapshots')) throw new Error('ENOSPC: no space left on device');
        realFileSystem.rename(from, to);
      },
    };
    const v = await called({ disk, snapshots: { every: 10 } });
    expect(v.agent.problems()).toEqual([
      'No snapshot could be written: ENOSPC: no space left on device. The next start takes longer.',
    ]);
    await v.agent.stop();
    expect(snapshotsIn(v.dir)).toEqual([]);
  });
});

test('in the middle of a turn no snapshot is made', () => {
  const dir = dataFolder();
  const { runtime } = openRuntime({}, { dir });
  runtime.journal.on('record', ({ actor }) => {
    if (actor === 'breaker:LLM') runtime.close();
  });
  runtime.guardService('LLM');
  expect(recordsIn(dir).at(-1)?.event.type).toBe('agent.stopped');
  expect(snapshotsIn(dir)).toEqual([]);
});
