import { beforeEach, describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { Fold } from '../../store/fold.ts';
import { rootOf, type JournalRecord } from '../../store/record.ts';
import { agentStarted, breakerStory, Live, wholeCall } from './live.ts';
import { recordsIn, stripped, type Stamped } from './support.ts';
import { differenceOf } from './verified.ts';

describe('a journal that was changed, every checksum recomputed,', () => {
  let lines: Stamped[] = [];

  beforeEach(() => {
    if (lines.length > 0) return;
    lines = recordsIn(wholeCall(breakerStory(agentStarted(new Live()))).dir).map(stripped);
  });

  const at = (type: string): number => lines.findIndex(({ event }) => event.type === type);

  test.each<[string, string, (line: Stamped) => Stamped]>([
    ['to', 'attempt.failed', (line) => ({ ...line, to: 'failed' })],
    ['from', 'attempt.failed', (line) => ({ ...line, from: 'waiting' })],
    ['event', 'attempt.failed', (line) => ({ ...line, event: { ...line.event, at: 1 } })],
    [
      'context',
      'attempt.failed',
      (line) => ({ ...line, context: { ...line.context, retries: 0 } }),
    ],
  ])('in `%s` is named with the line', (_field, type, edit) => {
    const index = at(type);
    const found = differenceOf(lines.with(index, edit(lines[index]!)));
    expect(found).toMatchObject({
      seq: index + 1,
      actor: 'call:0007/speech',
      reason: 'The machine does something else here',
    });
    expect(found.expected).not.toEqual(found.found);
  });

  /** Folds records as `verify` does; quicker where every line is tried. */
  function firstDifference(changed: readonly Stamped[]): number | null {
    const fold = new Fold(machines);
    for (const [index, line] of changed.entries()) {
      const record = { v: 1, seq: index + 1, crc: '', ...line } satisfies JournalRecord;
      if (fold.apply(record)) return index + 1;
    }
    return null;
  }

  const edits: readonly [string, (line: Stamped) => Stamped][] = [
    ['to', (line) => ({ ...line, to: 'elsewhere' })],
    ['from', (line) => ({ ...line, from: 'elsewhere' })],
    ['event.type', (line) => ({ ...line, event: { ...line.event, type: 'unheard.of' } })],
    ['context', (line) => ({ ...line, context: { ...line.context, extra: 1 } })],
    ['corr', (line) => ({ ...line, corr: 'call:0404' })],
    ['machine', (line) => ({ ...line, machine: 'health' })],
    ['actor', (line) => ({ ...line, actor: `${line.actor}/x` })],
    ['step', (line) => ({ ...line, step: 2 })],
  ];

  test.each(edits)('in `%s` is found, whichever line it is', (_field, edit) => {
    expect(firstDifference(lines)).toBeNull();
    for (const [index, line] of lines.entries()) {
      expect(firstDifference(lines.with(index, edit(line)))).toBe(index + 1);
    }
  });

  test('in `done` is found, whichever line it is', () => {
    for (const [index, { done, ...line }] of lines.entries()) {
      const changed = done ? line : { ...line, done: true as const };
      expect(firstDifference(lines.with(index, changed))).toBe(index + 1);
    }
  });

  test('by removing any line but the last of an actor’s life is found', () => {
    const isLastOfLife = (index: number): boolean => {
      const next = lines.slice(index + 1).find(({ actor }) => actor === lines[index]!.actor);
      return !next || next.from === null;
    };
    for (const index of lines.keys()) {
      if (isLastOfLife(index)) continue;
      const found = firstDifference(lines.toSpliced(index, 1));
      expect(found).toBeGreaterThanOrEqual(index + 1);
    }
  });

  test('by doubling any line is found at its double', () => {
    for (const [index, line] of lines.entries()) {
      expect(firstDifference(lines.toSpliced(index, 0, line))).toBe(index + 2);
    }
  });

  test('by swapping two lines of one root is found at one of them', () => {
    for (let index = 0; index + 1 < lines.length; index++) {
      const [one, two] = [lines[index]!, lines[index + 1]!];
      if (rootOf(one.actor) !== rootOf(two.actor)) continue;
      const swapped = lines.toSpliced(index, 2, { ...two, at: one.at }, { ...one, at: two.at });
      expect([index + 1, index + 2]).toContain(firstDifference(swapped));
    }
  });

  test('by removing, doubling or swapping lines is named by verify', () => {
    const index = at('attempt.failed');
    const [one, two] = [lines[index]!, lines[index + 1]!];
    expect(differenceOf(lines.toSpliced(index, 1))).toMatchObject({ seq: index + 1 });
    expect(differenceOf(lines.toSpliced(index, 0, one))).toMatchObject({
      seq: index + 2,
      reason: 'The machine does not react to this event here',
    });
    expect(differenceOf(lines.toSpliced(index, 2, two, one))).toMatchObject({ seq: index + 1 });
  });

  test('so that time goes back is named', () => {
    const index = at('attempt.failed');
    const line = lines[index]!;
    expect(differenceOf(lines.with(index, { ...line, at: line.at - 60_000 }))).toEqual({
      seq: index + 1,
      actor: line.actor,
      reason: 'The time of this line is before that of the line above it',
    });
  });

  test.each<[string, Partial<Stamped>]>([
    ['No machine is called nobody', { actor: 'x', machine: 'nobody' }],
    ['Its parent did not start this actor', { actor: 'agent/x', machine: 'request' }],
    ['An actor with this id is alive', { actor: 'agent', machine: 'agent' }],
  ])('by a birth from nowhere is named: %s', (reason, more) => {
    const birth: Stamped = { ...lines[0]!, at: lines.at(-1)!.at, ...more };
    expect(differenceOf([...lines, birth])).toMatchObject({ seq: lines.length + 1, reason });
  });

  test('by a line of nobody is named', () => {
    const line: Stamped = { ...lines.at(-1)!, actor: 'call:0404' };
    expect(differenceOf([...lines, line])).toMatchObject({
      seq: lines.length + 1,
      actor: 'call:0404',
      reason: 'No such actor is alive here',
    });
  });
});
