import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateName } from '../../store/line.ts';
import { Replay, replayJournal } from '../../store/replay.ts';
import { breakerStory, callInput, Live, wholeCall, wholeStory } from './live.ts';
import { filesIn, journalErrorOf, lastFile, recordsIn, START, tempDir } from './support.ts';

interface Persisted {
  readonly status: string;
  readonly value: unknown;
  readonly context: object;
  readonly children: { readonly [id: string]: { readonly snapshot: Persisted } };
}

/** State and context of every live machine below a persisted snapshot, by path. */
function* machinesIn(
  actor: string,
  { status, value, context, children }: Persisted,
): Generator<[string, { state: string; context: object }]> {
  if (status !== 'active') return;
  yield [actor, { state: stateName(value), context }];
  for (const [id, { snapshot }] of Object.entries(children)) {
    if ('value' in snapshot) yield* machinesIn(`${actor}/${id}`, snapshot);
  }
}

describe('a moment', () => {
  test('is what the live actors were, at every line where nothing was under way', () => {
    const live = wholeStory();
    for (const { seq, persisted } of live.stills) {
      const alive = Object.entries(persisted).flatMap(([id, snapshot]) => [
        ...machinesIn(id, snapshot as Persisted),
      ]);
      const moment = replayJournal(live.dir, { seq });
      const told = Object.entries(moment.actors).map(([actor, { state, context }]) => [
        actor,
        { state, context },
      ]);
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(alive));
      expect(moment.seq).toBe(seq);
    }
  });

  test('names the machine of each actor', () => {
    const { actors } = replayJournal(wholeStory().dir);
    expect(Object.entries(actors).map(([actor, { machine }]) => [actor, machine])).toEqual([
      ['agent', 'agent'],
      ['breaker:ElevenLabs', 'breaker'],
      ['health:CRM', 'health'],
      ['campaign:spring', 'campaign'],
      ['call:0008', 'call'],
      ['call:0008/script', 'request'],
    ]);
  });

  test('leaves out who has ended', () => {
    const live = wholeCall(new Live());
    expect(replayJournal(live.dir).actors).toEqual({});
    const last = live.journal.seq;
    expect(Object.keys(replayJournal(live.dir, { seq: last - 1 }).actors)).toEqual(['call:0007']);
  });

  test('leaves out all below a root that has ended, whether or not they had', () => {
    const live = new Live()
      .start('call', 'call:0007', callInput('call:0007'))
      .start('call', 'call:0008', callInput('call:0008'))
      .send('call:0007', { type: 'call.begin' })
      .send('call:0008', { type: 'call.begin' });
    const all = ['call:0007', 'call:0007/script', 'call:0008', 'call:0008/script'];
    expect(Object.keys(replayJournal(live.dir).actors).toSorted()).toEqual(all);
    const ended = { actor: 'call:0007', machine: 'call', from: 'scripting' };
    const event = { type: 'actor.failed', message: 'defect' };
    const { seq } = live.journal.append({ ...ended, event, to: 'error', done: true }, live.now);
    live.journal.append(
      { ...ended, actor: 'call:0008', event: { type: 'stop' }, to: 'failed', done: true },
      live.now,
    );
    expect(Object.keys(replayJournal(live.dir, { seq }).actors)).toEqual(all.slice(2));
    expect(replayJournal(live.dir).actors).toEqual({});
    const replay = new Replay();
    for (const record of recordsIn(live.dir)) replay.apply(record);
    expect(all.map((actor) => replay.get(actor))).toEqual(all.map(() => undefined));
  });

  test('keeps the parent and the siblings of a child that has ended', () => {
    const live = wholeCall(new Live());
    const { seq } = recordsIn(live.dir).find(
      ({ actor, done }) => actor === 'call:0007/script' && done,
    )!;
    expect(Object.keys(replayJournal(live.dir, { seq }).actors)).toEqual(['call:0007']);
  });

  test('leaves out who died of a defect', () => {
    const live = breakerStory(new Live());
    const { actor, machine } = recordsIn(live.dir)[0]!;
    const event = { type: 'actor.failed', message: 'defect' };
    live.journal.append({ actor, machine, event, from: 'closed', to: 'error' }, live.now);
    expect(replayJournal(live.dir).actors).toEqual({});
  });

  test('begins a new life of an old path with nothing of the life before', () => {
    const live = wholeCall(new Live());
    const births = recordsIn(live.dir).filter(
      ({ actor, from }) => actor === 'call:0007/dial' && from === null,
    );
    expect(births).toHaveLength(2);
    const { actors } = replayJournal(live.dir, { seq: births[1]!.seq });
    expect(actors['call:0007/dial']?.context).toEqual(births[1]!.context);
  });

  test('of an empty journal, and of none at all, is empty', () => {
    const empty = { seq: 0, at: 0, actors: {} };
    expect(replayJournal(new Live().dir)).toEqual(empty);
    expect(replayJournal(path.join(tempDir(), 'none'))).toEqual(empty);
  });
});

describe('until', () => {
  test('a number counts that line in', () => {
    const live = breakerStory(new Live());
    const states = recordsIn(live.dir).map(
      ({ seq }) => replayJournal(live.dir, { seq }).actors['breaker:ElevenLabs']?.state,
    );
    expect(states).toEqual(recordsIn(live.dir).map(({ to }) => to));
    expect(replayJournal(live.dir, { seq: 0 })).toEqual({ seq: 0, at: 0, actors: {} });
    expect(replayJournal(live.dir, { seq: 999 })).toEqual(replayJournal(live.dir));
  });

  test('a time counts every line of that millisecond in', () => {
    const live = wholeCall(new Live());
    const records = recordsIn(live.dir);
    for (const { at } of records) {
      expect(replayJournal(live.dir, { at }).seq).toBe(
        records.findLast((record) => record.at === at)?.seq,
      );
      const before = records.findLast((record) => record.at < at)?.seq ?? 0;
      expect(replayJournal(live.dir, { at: at - 1 }).seq).toBe(before);
    }
    expect(replayJournal(live.dir, { at: START - 1 }).seq).toBe(0);
  });
});

test('the lines alone are enough: machines of another program are told as well', () => {
  const live = new Live();
  live.journal.append(
    {
      actor: 'x',
      machine: 'strange',
      event: { type: 'a' },
      from: null,
      to: 'b',
      context: { n: 1 },
    },
    START,
  );
  live.journal.append(
    { actor: 'x', machine: 'strange', event: { type: 'b' }, from: 'b', to: 'c', context: { m: 2 } },
    START,
  );
  live.journal.append(
    { actor: 'x', machine: 'strange', event: { type: 'c' }, from: 'c', to: 'd' },
    START,
  );
  const replay = new Replay();
  for (const record of recordsIn(live.dir)) replay.apply(record);
  expect(replay.get('x')).toEqual({ machine: 'strange', state: 'd', context: { n: 1, m: 2 } });
  expect(replay.get('y')).toBeUndefined();
  const again = live.journal.append(
    {
      actor: 'x',
      machine: 'strange',
      event: { type: 'a' },
      from: null,
      to: 'b',
      context: { k: 3 },
    },
    START,
  );
  replay.apply(again);
  expect(replay.get('x')).toEqual({ machine: 'strange', state: 'b', context: { k: 3 } });
});

test('damage is an error for who asks beyond it', () => {
  const live = breakerStory(new Live());
  const file = lastFile(live.dir);
  const text = fs.readFileSync(file, 'utf8');
  const damaged = text.replace('"failures":2', '"failures":7');
  fs.writeFileSync(file, damaged);
  const before = filesIn(live.dir);
  expect(journalErrorOf(() => replayJournal(live.dir))).toMatchObject({ seq: 3 });
  expect(replayJournal(live.dir, { seq: 1 }).seq).toBe(1);
  expect(filesIn(live.dir)).toEqual(before);
});
