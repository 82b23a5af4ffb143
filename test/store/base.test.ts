import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { baseOf, writeBase, type Base } from '../../store/base.ts';
import { realFileSystem, type FileSystem } from '../../store/file-system.ts';
import { JournalFollower } from '../../store/follow.ts';
import { pruneJournal } from '../../store/prune.ts';
import { replayJournal } from '../../store/replay.ts';
import { listSegments, readJournal } from '../../store/segments.ts';
import { verifyJournal } from '../../store/verify.ts';
import { agentStarted, breakerStory, Live, wholeCall } from './live.ts';
import { journalErrorOf } from './support.ts';

const YEAR_MS = 365 * 86_400_000;

/** Three files, of which two can go. */
function written(): Live {
  const live = agentStarted(new Live());
  breakerStory(live);
  wholeCall(live, 'call:0001');
  live.journal.beginFile();
  wholeCall(live, 'call:0002');
  live.journal.beginFile();
  wholeCall(live, 'call:0003');
  return live;
}

/** Removes all that can go. */
function prune({ dir, now }: Live): void {
  const retention = { maxAgeMs: YEAR_MS, maxBytes: null };
  const later = now + 2 * YEAR_MS;
  pruneJournal({ dir, disk: realFileSystem, logic: machines, now: later, ...retention });
}

function pruned(): { readonly live: Live; readonly base: Base } {
  const live = written();
  prune(live);
  const base = baseOf(live.dir, realFileSystem);
  if (!base) throw new Error('nothing was removed');
  return { live, base };
}

const reading = (live: Live) => (): unknown => readJournal(live.dir);

describe('a base', () => {
  test('that is damaged at any byte, or torn, is refused', () => {
    const { live, base } = pruned();
    const bytes = fs.readFileSync(base.file);
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      fs.writeFileSync(base.file, damaged);
      expect(reading(live), `byte ${at}`).toThrow(/^The base of this journal is damaged/);
    }
    for (const length of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      fs.writeFileSync(base.file, bytes.subarray(0, length));
      expect(reading(live), `${length} bytes`).toThrow(/^The base of this journal is damaged/);
    }
    const error = journalErrorOf(reading(live));
    expect(error).toMatchObject({ file: base.file });
  });

  test('without a whole line is refused', () => {
    const { live, base } = pruned();
    const lines = fs.readFileSync(base.file, 'utf8').split('\n');
    fs.writeFileSync(base.file, lines.toSpliced(3, 1).join('\n'));
    expect(reading(live)).toThrow(/damaged/);
  });

  test('that is missing is refused like a missing file', () => {
    const { live, base } = pruned();
    fs.rmSync(base.file);
    expect(reading(live)).toThrow(/A journal file before this one is missing/);
    expect(verifyJournal(live.dir, machines).ok).toBe(false);
  });

  test('of another journal is refused', () => {
    const { live, base } = pruned();
    const { seq, at, file } = base;
    const records = [...base.records()];
    writeBase(realFileSystem, file, { seq, at, crc: '0badcafe' }, (add) => records.forEach(add));
    expect(reading(live)).toThrow(/A journal file before this one is missing or incomplete/);
  });

  test('under another name is refused', () => {
    const { live, base } = pruned();
    const [next = ''] = listSegments(live.dir);
    const digits = (seq: number): string => String(seq).padStart(20, '0');
    fs.renameSync(base.file, path.join(live.dir, `${digits(base.seq + 1)}.base`));
    fs.renameSync(next, path.join(live.dir, `${digits(base.seq + 2)}.jsonl`));
    expect(reading(live)).toThrow(/This is no base of this journal/);
  });

  test('without the file behind it is refused', () => {
    const { live } = pruned();
    for (const file of listSegments(live.dir)) fs.rmSync(file);
    expect(reading(live)).toThrow(/The journal file behind this base is missing/);
  });

  test('of a later format is refused', () => {
    const { live, base } = pruned();
    const text = fs.readFileSync(base.file, 'utf8').replace('"version":1', '"version":9');
    const lines = text.trimEnd().split('\n').slice(0, -1);
    const crc = crc32(lines.map((line) => `${line}\n`).join(''))
      .toString(16)
      .padStart(8, '0');
    const closing = JSON.stringify({ lines: lines.length, crc });
    fs.writeFileSync(base.file, `${[...lines, closing].join('\n')}\n`);
    expect(reading(live)).toThrow(/was written by a newer version of the program/);
  });
});

describe('time travel', () => {
  test('to what was removed says so, and from when on there is something', () => {
    const { live, base } = pruned();
    const when = new Date(base.at).toISOString();
    const said = `What was before this record, up to ${when}, was removed from the journal`;
    for (const until of [{ seq: 5 }, { seq: 0 }, { at: base.at - 1 }]) {
      expect(() => replayJournal(live.dir, until)).toThrow(said);
    }
    expect(replayJournal(live.dir, { seq: base.seq }).actors).toHaveProperty([
      'breaker:ElevenLabs',
    ]);
  });
});

describe('a reader beside a pruning', () => {
  /** The disk, on which something happens when a file is opened to be read. */
  function meanwhile(happens: () => void): FileSystem {
    let isDone = false;
    return {
      ...realFileSystem,
      open(file, how) {
        if (!isDone && file.endsWith('.jsonl')) {
          isDone = true;
          happens();
        }
        return realFileSystem.open(file, how);
      },
    };
  }

  test('is told in a sentence when its files are removed under its hands', () => {
    const live = written();
    const disk = meanwhile(() => prune(live));
    const error = journalErrorOf(() => readJournal(live.dir, () => {}, { disk }));
    expect(error.message).toMatch(
      /^The first files of this journal were removed while it was read/,
    );
    expect(readJournal(live.dir).seq).toBe(live.journal.seq);
  });

  test('that has read the removed files goes on', () => {
    const live = written();
    const all = [...new JournalFollower(live.dir).read()].map(({ seq }) => seq);
    const follower = new JournalFollower(live.dir);
    const seqs: number[] = [];
    for (const { seq } of follower.read()) {
      seqs.push(seq);
      if (seq === all.length) prune(live);
    }
    live.send('agent', { type: 'agent.stopped' });
    seqs.push(...[...follower.read()].map(({ seq }) => seq));
    expect(seqs).toEqual([...all, all.length + 1]);
  });

  test('that stands at the end of what is removed goes on, too', () => {
    const live = written();
    const [, , last = ''] = listSegments(live.dir);
    const removed = Number(path.basename(last).slice(0, 20)) - 1;
    const follower = new JournalFollower(live.dir);
    const seqs: number[] = [];
    for (const { seq } of follower.read()) {
      seqs.push(seq);
      if (seq === removed) prune(live);
    }
    expect(baseOf(live.dir, realFileSystem)?.seq).toBe(removed);
    expect(seqs).toEqual(Array.from({ length: live.journal.seq }, (_, index) => index + 1));
  });

  test('that is in the middle of what is removed is told', () => {
    const live = written();
    const follower = new JournalFollower(live.dir);
    const read = (): void => {
      for (const { seq } of follower.read()) if (seq === 3) prune(live);
    };
    const error = journalErrorOf(read);
    expect(error.message).toMatch(
      /^The first files of this journal were removed while it was read/,
    );
  });

  test('that begins anew finds what is there', () => {
    const { live, base } = pruned();
    const [first] = new JournalFollower(live.dir).read();
    expect(first?.seq).toBe(base.seq + 1);
    const from = {
      file: path.join(live.dir, '00000000000000000001.jsonl'),
      byte: 999,
      seq: 3,
      crc: 7,
    };
    const behind = new JournalFollower(live.dir, { after: base.seq + 2, from });
    expect(behind.read().next().value?.seq).toBe(base.seq + 3);
  });
});
