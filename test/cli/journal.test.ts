import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JournalRecord } from '../../store/record.ts';
import { Desk, refused, type OnTestFinished, expectTidy, jsonOf, MAIN } from './support/desk.ts';
import { flipBit, forge, journalFile, readRecords } from './support/journal-file.ts';
import { contactList } from './support/lists.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const cleanUps: (() => unknown)[] = [];
let finished: Desk;
let records: readonly JournalRecord[];

beforeAll(async () => {
  finished = new Desk((clear) => cleanUps.push(clear));
  finished.write('list.csv', contactList(2));
  const run = ['campaign', 'run', 'list.csv', '--speed', '200', '--concurrency', '1'];
  await finished.run(run);
  records = readRecords(finished.path('data'));
});

afterAll(() => Promise.all(cleanUps.map((clear) => clear())));

/** A folder of its own with the journal of the finished campaign. */
function copied(onTestFinished: OnTestFinished): Desk {
  const desk = new Desk(onTestFinished);
  fs.cpSync(finished.path('data'), desk.path('data'), { recursive: true });
  return desk;
}

const recordWhere = (fits: (record: JournalRecord) => boolean): JournalRecord => {
  const found = records.find(fits);
  if (!found) throw new Error('no such record');
  return found;
};

interface Moment {
  readonly seq: number;
  readonly at: string | number;
  readonly actors: Record<string, { machine: string; state: string; context: object }>;
}

describe('replay', () => {
  const replay = async (...args: string[]): Promise<Moment> =>
    jsonOf(await finished.run(['replay', '--json', ...args])) as Moment;

  test.concurrent('shows every actor after the last line', async () => {
    const { seq, actors } = await replay();
    expect(seq).toBe(records.length);
    for (const service of ['LLM', 'ElevenLabs', 'Telephony', 'CRM']) {
      expect(actors[`breaker:${service}`]).toStrictEqual({
        machine: 'breaker',
        state: 'closed',
        context: expect.any(Object),
      });
      expect(actors[`health:${service}`]).toMatchObject({ machine: 'health' });
    }
  });

  test.concurrent('--until a seq includes that line, and no later one', async () => {
    const { seq } = recordWhere(({ to }) => to === 'speaking');
    const [before, then] = await Promise.all([
      replay('--until', String(seq - 1)),
      replay('--until', String(seq)),
    ]);
    expect([before.seq, then.seq]).toEqual([seq - 1, seq]);
    expect(before.actors['call:0001']?.state).toBe('scripting');
    expect(then.actors['call:0001']?.state).toBe('speaking');
    expect(then.actors['campaign:list']?.state).toBe('running');
  });

  test.concurrent('--until a time, written either way, includes that moment', async () => {
    const { at } = recordWhere(({ to }) => to === 'speaking');
    const { seq } = records.findLast((record) => record.at === at) ?? { seq: 0 };
    const moments = await Promise.all([
      replay('--until', String(at)),
      replay('--until', new Date(at).toISOString()),
    ]);
    expect(moments.map((moment) => moment.seq)).toEqual([seq, seq]);
  });

  test.concurrent('before the first line there is nobody', async () => {
    expect(await replay('--until', '0')).toMatchObject({ seq: 0, actors: {} });
    expect(await replay('--until', '2001-01-01T00:00:00Z')).toMatchObject({ seq: 0, actors: {} });
  });

  test.concurrent('for a person: one line an actor', async () => {
    const { stdout } = await finished.run(['replay', '--until', '12']);
    expect(stdout).toMatch(/^seq 12 at \d{4}-\d\d-\d\dT/);
    expect(stdout).toMatch(/^breaker:ElevenLabs +closed +\{/m);
  });
});

describe('verify', () => {
  test.concurrent('finds nothing in a good journal, and changes nothing', async () => {
    const before = fs.readdirSync(finished.path('data'), { recursive: true });
    const ended = await finished.run(['verify', '--json']);
    expect(jsonOf(ended)).toStrictEqual({
      records: records.length,
      ok: true,
      firstDifference: null,
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(fs.readdirSync(finished.path('data'), { recursive: true })).toEqual(before);
  });

  test.concurrent('names a forged `to`, although all checksums fit', async ({ onTestFinished }) => {
    const desk = copied(onTestFinished);
    const { seq, actor } = recordWhere(({ to }) => to === 'speaking');
    forge(desk.path('data'), seq, (line) => line.replace('"to":"speaking"', '"to":"dialling"'));
    const ended = await desk.run(['verify', '--json']);
    expect(ended.code).toBe(1);
    expect(jsonOf(ended)).toMatchObject({
      ok: false,
      firstDifference: { seq, actor, expected: { to: 'speaking' }, found: { to: 'dialling' } },
    });
    const told = await desk.run(['verify']);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(new RegExp(`^✗ seq ${seq}: ${actor}: `));
  });

  test.concurrent('names a machine that has changed since', async ({ onTestFinished }) => {
    const desk = copied(onTestFinished);
    const { seq } = recordWhere(({ event }) => event.type === 'agent.started');
    const other = (line: string): string => line.replaceAll(/"call":"[0-9a-f]+"/g, '"call":"0"');
    forge(desk.path('data'), seq, other);
    const ended = await desk.run(['verify', '--json']);
    expect(ended.code).toBe(1);
    expect(jsonOf(ended)).toMatchObject({
      ok: false,
      firstDifference: { seq, reason: expect.stringContaining('call') },
    });
  });

  test.concurrent('names file, seq and byte of a flipped bit', async ({ onTestFinished }) => {
    const desk = copied(onTestFinished);
    const { seq } = recordWhere(({ to }) => to === 'speaking');
    const { byte } = flipBit(desk.path('data'), seq);
    const ended = await desk.run(['verify', '--json']);
    expect(ended.code).toBe(1);
    expect(jsonOf(ended)).toMatchObject({
      ok: false,
      firstDifference: { seq, byte, line: seq + 1, file: journalFile('data') },
    });
    const place = new RegExp(`0{19}1\\.jsonl.* seq ${seq}, byte ${byte}`);
    expect((await desk.run(['verify'])).stdout).toMatch(place);
    desk.write('list.csv', contactList(2));
    // A start that has a snapshot reads what is behind it, and no more.
    fs.rmSync(desk.path('data', 'snapshots'), { recursive: true, force: true });
    for (const command of ['status', 'replay', 'reset', 'campaign run list.csv']) {
      expect(await desk.run(command.split(' '))).toEqual(refused(1, place));
    }
    const tail = await desk.run(['tail', '--json']);
    expect(tail.code).toBe(1);
    expect(tail.stdout.split('\n'), 'all that is before it').toHaveLength(seq);
    expect(tail.stderr).toContain(`byte ${byte}`);
  });

  test.concurrent('a torn tail is reported, and harmless', async ({ onTestFinished }) => {
    const desk = copied(onTestFinished);
    fs.appendFileSync(journalFile(desk.path('data')), '{"v":1,"seq":99');
    const torn = fs.readFileSync(journalFile(desk.path('data')));
    const ended = await desk.run(['verify', '--json']);
    expect(jsonOf(ended)).toMatchObject({ ok: true, records: records.length });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/last line is unfinished \(15 bytes\)/);
    expect(fs.readFileSync(journalFile(desk.path('data'))), 'nothing is changed').toEqual(torn);
    for (const command of ['status', 'replay', 'tail']) {
      expect(await desk.run([command]), command).toMatchObject({ code: 0, stderr: '' });
    }
    desk.write('list.csv', contactList(1));
    expect((await desk.run(['campaign', 'run', 'list.csv', '--speed', '200'])).code).toBe(0);
    expect(await desk.run(['verify'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('tail', () => {
  test.concurrent('--json is one record a line', async () => {
    const { stdout, stderr, code } = await finished.run(['tail', '--json']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as JournalRecord)).toEqual(records);
  });

  test.concurrent('for a person: one line a record', async () => {
    const { stdout } = await finished.run(['tail']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(records.length);
    expect(stdout).toMatch(/^ *\d+ \d\d:\d\d:\d\d\.\d{3} call:0001 .*scripting → speaking/m);
    expect(stdout).not.toContain('+1415555');
  });

  test.concurrent('--follow sees what is written later', async ({ onTestFinished }) => {
    const desk = copied(onTestFinished);
    const program = desk.start(['tail', '--follow', '--json']);
    await program.says(new RegExp(`"seq":${records.length},`));
    await desk.run(['reset', 'CRM']);
    await program.says(
      /"actor":"breaker:CRM","machine":"breaker","event":\{"type":"breaker.reset"/,
    );
    const ended = await program.stop('SIGINT');
    expectTidy(ended);
    const lines = ended.stdout.trimEnd().split('\n');
    const seqs = lines.map((line) => (JSON.parse(line) as JournalRecord).seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test.concurrent('--follow waits for a journal that is yet to be', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(1));
    const program = desk.start(['tail', '--follow']);
    await desk.run(['campaign', 'run', 'list.csv', '--speed', '200']);
    expect(await program.says(/campaign:list .*→ done/)).toBeTruthy();
    expectTidy(await program.stop('SIGINT'));
  });

  test.concurrent('a reader that has seen enough is no error', async () => {
    const line = '{ "$0" "$@"; echo "exit $?" >&2; } | head -n 1';
    const command = ['-c', line, process.execPath, MAIN, 'tail', '--json'];
    const ended = await finished.startCommand('sh', command).ended;
    expectTidy(ended);
    expect(ended.stderr).toBe('exit 0\n');
    expect(JSON.parse(ended.stdout)).toMatchObject({ seq: 1 });
  });
});

describe('colours', () => {
  test.concurrent('show where they are asked for', async () => {
    const { stdout } = await finished.start(['status'], { env: { FORCE_COLOR: '1' } }).ended;
    expect(stdout).toContain('\u001b[32mCLOSED\u001b[39m');
  });

  test.concurrent('do not with NO_COLOR, nor in a pipe', async () => {
    for (const command of ['status', 'tail']) {
      const plain = await finished.run([command]);
      const told = await finished.run([command], { env: { NO_COLOR: '1' } });
      expect(told.stdout).toBe(plain.stdout);
    }
  });
});

describe('without a journal', () => {
  test.concurrent('status knows the four services, and writes nothing', async (context) => {
    const desk = new Desk(context.onTestFinished);
    const unknown = { breaker: 'CLOSED', failures: 0, retryAt: null, health: 'UNKNOWN' };
    expect(jsonOf(await desk.run(['status', '--json']))).toStrictEqual({
      services: { LLM: unknown, ElevenLabs: unknown, Telephony: unknown, CRM: unknown },
    });
    for (const command of ['verify', 'replay', 'tail']) {
      expect(await desk.run([command])).toEqual(refused(1, /There is no journal in data/));
    }
    expect((await desk.run(['reset'])).code).toBe(0);
    expect(await desk.run(['reset', 'Fax'])).toEqual(refused(1, /There is no journal in data/));
    expect(desk.has('logs')).toBe(false);
  });
});

describe('an archived journal', () => {
  const readers = ['replay', 'verify', 'tail'].map((name) => [name, '--json']);

  test.concurrent('says the same to every reader, and is gone on with', async ({
    onTestFinished,
  }) => {
    const desk = copied(onTestFinished);
    const read = (): Promise<string[]> =>
      Promise.all(readers.map(async (args) => (await desk.run(args)).stdout));
    const before = await read();
    const told = await desk.run(['journal', 'archive']);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(
      /^✓ 0{19}1\.jsonl: \d+ records, \d.* kB → \d.* kB\nThe journal: .* → .*\n$/,
    );
    expect(await read()).toEqual(before);
    const again = jsonOf(await desk.run(['journal', 'archive', '--json']));
    expect(again).toMatchObject({ archived: [], left: [{ why: 'archived already' }, {}] });
    desk.write('list.csv', contactList(1));
    expect((await desk.run(['campaign', 'run', 'list.csv', '--speed', '200'])).code).toBe(0);
    expect(await desk.run(['verify'])).toMatchObject({ code: 0, stderr: '' });
  });

  test.concurrent('is refused by every reader, naming the file, when it is damaged', async ({
    onTestFinished,
  }) => {
    const desk = copied(onTestFinished);
    await desk.run(['journal', 'archive']);
    const file = `${journalFile(desk.path('data'))}.gz`;
    fs.truncateSync(file, 1_000);
    const damaged = refused(1, /compressed journal file is torn.*1\.jsonl\.gz/);
    for (const command of ['status', 'tail', 'journal archive']) {
      expect(await desk.run(command.split(' ')), command).toEqual(damaged);
    }
    const ended = await desk.run(['verify', '--json']);
    expect(jsonOf(ended)).toMatchObject({
      ok: false,
      firstDifference: { file: `${journalFile('data')}.gz` },
    });
  });

  test.concurrent('is refused for a campaign that there is not', async () => {
    expect(await finished.run(['journal', 'archive', '--campaign', 'x'])).toEqual(
      refused(1, /no campaign called x/),
    );
  });
});

describe('journal stats', () => {
  test.concurrent('--json counts records, files, bytes, actors and campaigns', async () => {
    const stats = jsonOf(await finished.run(['journal', 'stats', '--json']));
    const { size } = fs.statSync(journalFile(finished.path('data')));
    expect(stats).toMatchObject({
      records: records.length,
      lastSeq: records.length,
      first: new Date(records[0]?.at ?? 0).toISOString(),
      bytes: { plain: size, archived: 0, unfinished: 0 },
      machines: { breaker: { live: 4 }, call: { begun: 2, live: 0 } },
      campaigns: { finished: 1, unfinished: [] },
    });
  });

  test.concurrent('for a person: where, how much, when, and what about', async () => {
    const { stdout } = await finished.run(['journal', 'stats']);
    expect(stdout).toMatch(new RegExp(`^data/journal: ${records.length} records \\(seq 1 to`));
    expect(stdout).toMatch(/^call +\d+ +2 +0$/m);
    expect(stdout).toMatch(/^Campaigns: 1 finished, 0 unfinished$/m);
  });
});
