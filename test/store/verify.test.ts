import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMachine, type AnyStateMachine } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { definitionHashes } from '../../store/definition.ts';
import { verifyJournal } from '../../store/verify.ts';
import { agentStarted, breakerStory, Live, wholeCall, wholeStory } from './live.ts';
import { filesIn, forge, lastFile, recordsIn, stripped, tempDir, type Stamped } from './support.ts';
import { differenceOf, verified } from './verified.ts';

const sound = { ok: true, firstDifference: null, earlier: 0, from: 1, tornBytes: 0 };

describe('a journal of the real machines', () => {
  test('is what they would do', () => {
    const live = wholeStory();
    const before = filesIn(live.dir);
    expect(verifyJournal(live.dir, machines)).toEqual({ records: live.journal.seq, ...sound });
    expect(filesIn(live.dir)).toEqual(before);
  });

  test('still is when it was written again with right checksums', () => {
    const live = wholeStory();
    forge(live.dir, (lines) => lines);
    expect(verifyJournal(live.dir, machines)).toMatchObject(sound);
  });

  test('is up to every line: a crash is no difference', () => {
    const lines = recordsIn(wholeCall(new Live()).dir).map(stripped);
    for (let cut = 0; cut <= lines.length; cut++) {
      expect(verified(lines.slice(0, cut))).toEqual({ records: cut, ...sound });
    }
  });

  test('with a torn last line is, and the line is told', () => {
    const live = wholeStory();
    const size = fs.statSync(lastFile(live.dir)).size;
    fs.truncateSync(lastFile(live.dir), size - 7);
    const before = filesIn(live.dir);
    const { records, ok, tornBytes } = verifyJournal(live.dir, machines);
    expect([records, ok]).toEqual([live.journal.seq - 1, true]);
    expect(tornBytes).toBeGreaterThan(0);
    expect(filesIn(live.dir)).toEqual(before);
  });

  test('that is not there has no difference', () => {
    expect(verifyJournal(path.join(tempDir(), 'none'), machines)).toEqual({ records: 0, ...sound });
  });
});

describe('a journal that ends before what had been on disk', () => {
  test.for(['cut', 'gone'])('is not proven: %s', async (how) => {
    const live = wholeStory();
    await live.journal.onDisk();
    const { seq } = live.journal;
    const file = lastFile(live.dir);
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    if (how === 'gone') fs.rmSync(file);
    else fs.writeFileSync(file, `${lines.slice(0, seq - 2).join('\n')}\n`);
    const { ok, firstDifference } = verifyJournal(live.dir, machines);
    expect(ok).toBe(false);
    expect(firstDifference?.reason).toContain(`records up to seq ${seq} had been on disk`);
  });
});

describe('damage', () => {
  test('is named by file, line, seq and byte', () => {
    const live = breakerStory(new Live());
    const file = lastFile(live.dir);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('"failures":2', '"failures":1'));
    const before = filesIn(live.dir);
    const { records, ok, firstDifference } = verifyJournal(live.dir, machines);
    expect([records, ok]).toEqual([2, false]);
    expect(firstDifference).toMatchObject({
      seq: 3,
      actor: null,
      file,
      line: 4,
      byte: Buffer.byteLength(text.slice(0, text.indexOf('{"v":1,"seq":3'))),
    });
    expect(firstDifference?.reason).toContain('its checksum does not match');
    expect(filesIn(live.dir)).toEqual(before);
  });

  test('behind a difference is not looked for', () => {
    const live = breakerStory(new Live());
    forge(live.dir, (lines) => lines.with(1, { ...lines[1]!, to: 'open' }));
    const file = lastFile(live.dir);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"failures":2', '"failures":1'));
    expect(verifyJournal(live.dir, machines).firstDifference).toMatchObject({
      seq: 2,
      actor: 'breaker:ElevenLabs',
    });
  });
});

describe('a machine that has changed since', () => {
  /** The breaker with another statechart and the same functions. */
  const breakerWith = (more: object): AnyStateMachine => {
    const { config, implementations } = machines.breaker;
    const { states } = config as { states: object };
    return createMachine(
      { ...config, states: { ...states, ...more } } as never,
      implementations as never,
    ) as unknown as AnyStateMachine;
  };

  const lines = (): Stamped[] =>
    recordsIn(breakerStory(agentStarted(new Live())).dir).map(stripped);

  const trip = (found: readonly Stamped[]): number =>
    found.findIndex(({ to, from }) => from === 'closed' && to === 'open');

  test('in what its functions do is found where it does something else', () => {
    const breaker = machines.breaker.provide({ guards: { reachesThreshold: () => false } });
    const written = lines();
    expect(definitionHashes({ breaker })).toEqual(definitionHashes({ breaker: machines.breaker }));
    expect(differenceOf(written, { ...machines, breaker })).toMatchObject({
      seq: trip(written) + 1,
      actor: 'breaker:ElevenLabs',
      expected: { from: 'closed', to: 'closed' },
      found: { from: 'closed', to: 'open' },
    });
  });

  test('in a part that the lines do not show is found by its definition', () => {
    const breaker = breakerWith({ retired: {} });
    const found = differenceOf(lines(), { ...machines, breaker });
    expect(found).toEqual({
      seq: 2,
      actor: 'agent',
      reason: 'The definition of breaker has changed since this was written',
      expected: definitionHashes({ breaker }),
      found: definitionHashes({ breaker: machines.breaker }),
    });
  });

  test('in both is told by its definition: what another machine does says nothing', () => {
    const breaker = breakerWith({ open: {} });
    expect(differenceOf(lines(), { ...machines, breaker })).toMatchObject({
      actor: 'agent',
      reason: 'The definition of breaker has changed since this was written',
    });
  });

  test('is no matter for a journal in which no agent has noted its machines', () => {
    const written = recordsIn(breakerStory(new Live()).dir).map(stripped);
    const breaker = breakerWith({ retired: {} });
    expect(verified(written, { ...machines, breaker })).toMatchObject(sound);
  });

  test('and is gone is named', () => {
    const { breaker: _, ...rest } = machines;
    const written = recordsIn(breakerStory(new Live()).dir).map(stripped);
    expect(differenceOf(written, rest)).toMatchObject({
      seq: 1,
      reason: 'No machine is called breaker',
    });
    const noted = differenceOf(lines().slice(0, 2), rest);
    expect(noted).toMatchObject({ seq: 2, expected: { breaker: null } });
  });
});
