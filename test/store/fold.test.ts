import { describe, expect, test } from 'vitest';
import { assign, emit, setup } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { Fold, type Logic } from '../../store/fold.ts';
import type { JournalRecord } from '../../store/record.ts';
import { callInput, Live, wholeCall, wholeStory, worked } from './live.ts';
import { asJson, lineOf, recordsIn } from './support.ts';

function folded(records: readonly JournalRecord[], logic: Logic = machines): Fold {
  const fold = new Fold(logic);
  for (const record of records) expect(fold.apply(record)).toBeNull();
  return fold;
}

describe('folding', () => {
  test('gives the live actors’ persisted snapshots, wherever nothing is under way', () => {
    const live = wholeStory();
    const records = recordsIn(live.dir);
    const fold = new Fold(machines);
    let folded = 0;
    for (const { seq, persisted } of live.stills) {
      for (; folded < seq; folded++) expect(fold.apply(records[folded]!)).toBeNull();
      expect(fold.roots()).toEqual(Object.keys(persisted));
      for (const root of fold.roots()) {
        expect(asJson(fold.compose(root))).toEqual(persisted[root]);
      }
    }
  });

  test('gives them at every cut of a call, once what the cut came between is made up for', () => {
    const live = wholeCall(new Live());
    const records = recordsIn(live.dir);
    const kinds = new Set<string>();
    for (let cut = 1; cut < records.length; cut++) {
      const fold = folded(records.slice(0, cut));
      const made = fold.owed();
      if (made.length > 0) kinds.add('owed');
      const child = fold.paths('call:0007').find((path) => fold.snapshot(path)?.status === 'done');
      if (child) {
        kinds.add('done child');
        const id = child.slice('call:0007/'.length);
        const type = `xstate.done.actor.${id}`;
        const { output } = fold.snapshot(child) as unknown as { output: unknown };
        made.push(...fold.feed('call:0007', { type, output, actorId: id }).lines);
      }
      expect(asJson(made)).toEqual(records.slice(cut, cut + made.length).map(lineOf));
      const still = live.stills.find(({ seq }) => seq === cut + made.length);
      expect(still).toBeDefined();
      const alive = fold.has('call:0007') ? asJson(fold.compose('call:0007')) : undefined;
      expect(alive).toEqual(still?.persisted['call:0007']);
    }
    expect([...kinds].toSorted()).toEqual(['done child', 'owed']);
  });

  test('knows who is alive: parents before children, and no ended root', () => {
    const fold = folded(recordsIn(wholeStory().dir));
    expect(fold.roots()).toEqual([
      'agent',
      'breaker:ElevenLabs',
      'health:CRM',
      'campaign:spring',
      'call:0008',
    ]);
    expect(fold.paths('call:0008')).toEqual(['call:0008', 'call:0008/script']);
    expect(fold.machineOf('call:0008/script')).toBe('request');
    expect(fold.has('call:0007')).toBe(false);
    expect(fold.paths('call:0007')).toEqual([]);
    expect(fold.snapshot('call:0007')).toBeUndefined();
    expect(fold.machineOf('call:0007')).toBe('');
    expect(() => fold.compose('call:0007')).toThrow('call:0007');
  });

  test('tells one life of a path from the next', () => {
    const records = recordsIn(wholeCall(new Live()).dir);
    const births = records.filter(({ actor, from }) => actor === 'call:0007/dial' && from === null);
    const fold = new Fold(machines);
    const lives = new Set<unknown>();
    for (const record of records) {
      fold.apply(record);
      if (record.actor === 'call:0007/dial') lives.add(fold.birthOf(record.actor));
    }
    expect(births).toHaveLength(2);
    expect(lives.size).toBe(2);
  });

  test('tells what a line told the world, without feeding it', () => {
    const live = wholeStory();
    const fold = new Fold(machines);
    const told = recordsIn(live.dir).flatMap((record) => {
      const emitted = fold.emittedBy(record);
      expect(fold.emittedBy(record)).toEqual(emitted);
      expect(fold.apply(record)).toBeNull();
      return emitted;
    });
    expect(told).toEqual(live.emitted);
    expect(told.map(({ type }) => type)).toContain('service.recovered');
    expect(told.map(({ type }) => type)).toContain('request.settled');
  });

  test('a root that died is forgotten, and its id may not go on', () => {
    const live = new Live().start('call', 'call:0007', callInput('call:0007'));
    const record = live.journal.append(
      {
        actor: 'call:0007',
        machine: 'call',
        event: { type: 'actor.failed', message: 'defect' },
        from: 'queued',
        to: 'error',
        done: true,
      },
      live.now,
    );
    const fold = folded(recordsIn(live.dir));
    expect(fold.roots()).toEqual([]);
    expect(fold.apply({ ...record, event: { type: 'call.begin', at: 1 } })).toMatchObject({
      reason: 'No such actor is alive here',
    });
  });
});

describe('feeding', () => {
  test('gives the lines that record the event and the births it caused', () => {
    const live = new Live().start('call', 'call:0007', callInput('call:0007'));
    const fold = folded(recordsIn(live.dir));
    live.send('call:0007', { type: 'call.begin' });
    const [, begun, born] = recordsIn(live.dir);
    const { lines, emitted } = fold.feed('call:0007', begun!.event);
    expect(asJson(lines)).toEqual([lineOf(begun!), lineOf(born!)]);
    expect(emitted).toEqual([]);
  });

  test('gives what was emitted too', () => {
    const live = new Live()
      .start('call', 'call:0007', callInput('call:0007'))
      .send('call:0007', { type: 'call.begin' });
    const fold = folded(recordsIn(live.dir));
    const { emitted } = fold.feed('call:0007/script', { at: live.now, ...worked({ a: 'b' }) });
    expect(emitted).toMatchObject([{ type: 'request.settled', outcome: 'succeeded' }]);
  });

  test('an event that changes nothing has no line', () => {
    const fold = folded(recordsIn(wholeStory().dir));
    const before = fold.snapshot('agent');
    expect(fold.feed('agent', { type: 'unheard of' }).lines).toEqual([]);
    expect(fold.snapshot('agent')?.value).toEqual(before?.value);
  });

  test('nobody has no line either', () => {
    const fold = new Fold(machines);
    expect(fold.feed('call:0404', { type: 'call.begin', at: 1 })).toEqual({
      lines: [],
      emitted: [],
    });
  });
});

describe('an event of several steps', () => {
  const kid = setup({
    types: { context: {} as { n: number }, input: {} as { n: number } },
  }).createMachine({
    id: 'kid',
    initial: 'a',
    context: ({ input }) => ({ n: input.n }),
    states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { type: 'final' } },
  });
  const parent = setup({
    types: { context: {} as { n: number } },
    actors: { kid },
    actions: {
      count: assign({ n: ({ context }) => context.n + 1 }),
      tell: emit(({ context }) => ({ type: 'told', n: context.n })),
    },
  }).createMachine({
    id: 'parent',
    initial: 'idle',
    context: { n: 0 },
    states: {
      idle: { on: { go: { target: 'one', actions: 'count' } } },
      one: { always: { target: 'two', actions: 'count' } },
      two: { always: { target: 'busy', actions: 'tell' } },
      busy: {
        invoke: {
          id: 'kid',
          src: 'kid',
          input: ({ context }) => ({ n: context.n }),
          onDone: 'one',
        },
      },
    },
  });
  const logic: Logic = { parent, kid };

  const story = (): Live =>
    new Live(logic)
      .start('parent', 'p')
      .send('p', { type: 'go' })
      .send('p/kid', { type: 'go' })
      .send('p/kid', { type: 'go' });

  test('is folded once, and the steps are compared', () => {
    const live = story();
    const records = recordsIn(live.dir);
    expect(records.map(({ step }) => step ?? 1)).toEqual([
      1, 1, 2, 3, 1, 1, 2, 1, 2, 3, 1, 1, 2, 1, 2, 3, 1,
    ]);
    const fold = folded(records, logic);
    expect(fold.snapshot('p')?.context).toEqual({ n: 4 });
    expect(asJson(fold.compose('p'))).toEqual(live.stills.at(-1)?.persisted['p']);
  });

  test('tells its facts once, with its first line', () => {
    const live = story();
    const fold = new Fold(logic);
    const told = recordsIn(live.dir).flatMap((record) => {
      const emitted = fold.emittedBy(record);
      fold.apply(record);
      return emitted;
    });
    expect(told).toEqual(live.emitted);
    expect(told).toHaveLength(3);
  });

  test('that a crash cut short owes the rest of its lines, in order', () => {
    const records = recordsIn(story().dir);
    const inputs = new Set(
      records.flatMap(({ step, from }, index) =>
        step === undefined && (from !== null || index === 0) ? [index] : [],
      ),
    );
    for (let cut = 1; cut <= records.length; cut++) {
      const fold = folded(records.slice(0, cut), logic);
      let end = cut;
      while (end < records.length && !inputs.has(end)) end++;
      expect(asJson(fold.owed())).toEqual(records.slice(cut, end).map(lineOf));
      expect(fold.owed()).toEqual([]);
    }
  });
});
