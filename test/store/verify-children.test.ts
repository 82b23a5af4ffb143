import { beforeEach, describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { Fold } from '../../store/fold.ts';
import { rootOf } from '../../store/record.ts';
import { verifyJournal } from '../../store/verify.ts';
import { breakerStory, Live, wholeCall } from './live.ts';
import { asJson, forge, recordsIn, stripped, type Stamped } from './support.ts';
import { differenceOf, verified } from './verified.ts';

const ROOT = 'call:0007';
const children = ['script', 'speech', 'dial', 'lookup', 'follow', 'record'];

describe('a child’s result', () => {
  let lines: readonly Stamped[] = [];

  beforeEach(() => {
    lines = recordsIn(wholeCall(new Live()).dir).map(stripped);
  });

  /** Where the parent is told of the child's end, for the last time. */
  const wordOf = (child: string): number =>
    lines.findLastIndex(({ event }) => event.type === `xstate.done.actor.${child}`);

  const endOf = (child: string): number =>
    lines.findLastIndex(({ actor, done }) => actor === `${ROOT}/${child}` && done);

  /** The journal up to an index, and then what its machines would write for this event. */
  function goingOnWith(index: number, event: Stamped['event']): Stamped[] {
    const fold = new Fold(machines);
    for (const [i, line] of lines.slice(0, index).entries()) {
      expect(fold.apply({ v: 1, seq: i + 1, crc: '', ...line })).toBeNull();
    }
    const { at } = lines[index]!;
    const fed = asJson(fold.feed(ROOT, event).lines);
    return [...lines.slice(0, index), ...fed.map((line) => Object.assign(line, { at }))];
  }

  test.each(children)('of %s that it never came to is found', (child) => {
    expect(differenceOf(lines.toSpliced(endOf(child), 1))).toMatchObject({
      seq: endOf(child) + 1,
      actor: ROOT,
      reason: `${child} has not ended like this`,
    });
  });

  test('that it never came to is found in a journal on disk', () => {
    const live = wholeCall(new Live());
    forge(live.dir, (written) => written.toSpliced(endOf('speech'), 1));
    expect(verifyJournal(live.dir, machines)).toMatchObject({
      ok: false,
      firstDifference: { seq: endOf('speech') + 1, reason: 'speech has not ended like this' },
    });
  });

  test.each(children)('of %s is compared, whatever the parent makes of it', (child) => {
    const index = wordOf(child);
    const { event } = lines[index]!;
    const output = event['output'] as { at: number; attempts: number };
    expect(verified(goingOnWith(index, event))).toMatchObject({ ok: true });
    for (const forged of [
      { ...output, at: output.at + 1 },
      { ...output, ref: { ...(output as object as { ref: object }).ref, forged: true } },
      { ...output, attempts: output.attempts + 1 },
    ]) {
      const written = goingOnWith(index, { ...event, output: forged });
      expect(differenceOf(written)).toMatchObject({
        seq: index + 1,
        actor: ROOT,
        reason: `${child} came to another result`,
      });
    }
  });

  test('that is told as an error is found', () => {
    const index = wordOf('script');
    const type = 'xstate.error.actor.script';
    const written = goingOnWith(index, { type, error: {}, actorId: 'script' });
    expect(written.at(-1)).toMatchObject({ event: { type }, to: 'failed' });
    expect(differenceOf(written)).toMatchObject({
      seq: index + 1,
      reason: 'script has not ended like this',
    });
  });
});

describe('a birth', () => {
  const lines = () => recordsIn(wholeCall(breakerStory(new Live())).dir).map(stripped);
  const birthsIn = (written: readonly Stamped[]) =>
    written.flatMap(({ actor, from }, index) =>
      from === null && actor.includes('/') ? [{ actor, index }] : [],
    );

  test('of a child that is missing is found at its root’s next line', () => {
    const written = lines();
    const births = birthsIn(written);
    expect(births.map(({ actor }) => actor)).toEqual(
      ['script', 'speech', 'dial', 'lookup', 'dial', 'follow', 'follow', 'record'].map(
        (child) => `${ROOT}/${child}`,
      ),
    );
    for (const { index, actor } of births) {
      const found = differenceOf(written.toSpliced(index, 1));
      expect(found).toMatchObject({ seq: index + 1, expected: { actor, from: null } });
    }
  });

  test('that is missing is found also where another actor of the root goes on', () => {
    const written = lines();
    for (const { index, actor } of birthsIn(written)) {
      const next = { ...written[index + 1]!, actor: ROOT, machine: 'call' };
      expect(differenceOf([...written.slice(0, index), next])).toMatchObject({
        seq: index + 1,
        actor: ROOT,
        reason: 'A line is missing before this one',
        expected: { actor, from: null },
      });
    }
  });

  test('that is missing does not keep other roots from going on', () => {
    const written = lines();
    const { index, actor } = birthsIn(written)[0]!;
    const breaker = recordsIn(breakerStory(new Live(), 'breaker:CRM').dir).map(stripped);
    const { at } = written[index]!;
    const between = breaker.map((line) => ({ ...line, at }));
    expect(verified([...written.slice(0, index), ...between])).toMatchObject({ ok: true });
    expect(verified([...written.slice(0, index), ...between, written[index]!])).toMatchObject({
      ok: true,
    });
    expect(
      differenceOf([...written.slice(0, index), ...between, written[index + 1]!]),
    ).toMatchObject({ seq: index + between.length + 1, actor });
  });

  test('and every other line but a root’s last is missed', () => {
    const written = lines();
    for (const [index, { actor }] of written.entries()) {
      const root = rootOf(actor);
      const isLast = !written.slice(index + 1).some((line) => rootOf(line.actor) === root);
      expect(verified(written.toSpliced(index, 1)).ok, `without line ${index + 1}`).toBe(isLast);
    }
  });
});
