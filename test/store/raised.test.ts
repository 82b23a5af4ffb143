import { describe, expect, test } from 'vitest';
import { assign, raise, setup } from 'xstate';
import { Fold, type Logic } from '../../store/fold.ts';
import { verifyJournal } from '../../store/verify.ts';
import { Live } from './live.ts';
import { asJson, lineOf, recordsIn, stripped } from './support.ts';
import { verified } from './verified.ts';

const kid = setup({}).createMachine({
  id: 'kid',
  initial: 'a',
  states: {
    a: { on: { go: { target: 'b', actions: raise({ type: 'inner' }) } } },
    b: { on: { inner: 'c' } },
    c: { type: 'final' },
  },
});

/** Goes on by itself, both ways there are: by an event that it raises, and always. */
const parent = setup({
  types: { context: {} as { n: number } },
  actors: { kid },
  actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({
  id: 'parent',
  initial: 'idle',
  context: { n: 0 },
  states: {
    idle: { on: { go: { target: 'one', actions: ['count', raise({ type: 'inner', more: 1 })] } } },
    one: { on: { inner: { target: 'two', actions: raise({ type: 'last' }) } } },
    two: { always: { target: 'three', actions: 'count' } },
    three: { on: { last: { target: 'busy', actions: 'count' } } },
    busy: { invoke: { id: 'kid', src: 'kid', onDone: 'idle' } },
  },
});

const logic: Logic = { parent, kid };

const story = (): Live =>
  new Live(logic)
    .start('parent', 'p')
    .send('p', { type: 'go', why: 'because' })
    .send('p/kid', { type: 'go' })
    .send('p', { type: 'go', why: 'again' });

describe('an event that a machine raised', () => {
  test('is written as a further step of the one that came in', () => {
    const lines = recordsIn(story().dir);
    expect(lines.map(({ actor, event, step, from, to }) => [actor, event.type, step, from, to]))
      // prettier-ignore
      .toEqual([
        ['p', 'xstate.init', undefined, null, 'idle'],
        ['p', 'go', undefined, 'idle', 'one'],
        ['p', 'go', 2, 'one', 'two'],
        ['p', 'go', 3, 'two', 'three'],
        ['p', 'go', 4, 'three', 'busy'],
        ['p/kid', 'xstate.init', undefined, null, 'a'],
        ['p/kid', 'go', undefined, 'a', 'b'],
        ['p/kid', 'go', 2, 'b', 'c'],
        ['p', 'xstate.done.actor.kid', undefined, 'busy', 'idle'],
        ['p', 'go', undefined, 'idle', 'one'],
        ['p', 'go', 2, 'one', 'two'],
        ['p', 'go', 3, 'two', 'three'],
        ['p', 'go', 4, 'three', 'busy'],
        ['p/kid', 'xstate.init', undefined, null, 'a'],
      ]);
    const input = lines[1]!.event;
    expect(input['why']).toBe('because');
    for (const { event } of lines.slice(2, 5)) expect(event).toEqual(input);
  });

  test('is what verify finds', () => {
    const live = story();
    expect(verifyJournal(live.dir, logic)).toEqual({
      records: live.journal.seq,
      ok: true,
      firstDifference: null,
      earlier: 0,
      from: 1,
      tornBytes: 0,
    });
  });

  test('is folded once: the live actors’ state comes out, at every cut made good', () => {
    const live = story();
    const records = recordsIn(live.dir);
    expect(verified(records.slice(0, 3).map(stripped), logic).ok).toBe(true);
    const fold = new Fold(logic);
    for (const record of records) expect(fold.apply(record)).toBeNull();
    expect(asJson(fold.compose('p'))).toEqual(live.stills.at(-1)?.persisted['p']);
    const cut = new Fold(logic);
    for (const record of records.slice(0, 2)) expect(cut.apply(record)).toBeNull();
    expect(asJson(cut.owed())).toEqual(records.slice(2, 6).map(lineOf));
  });
});
