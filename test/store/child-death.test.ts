import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromCallback } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { recover, type Recovered } from '../../runtime/restore.ts';
import { LiveRoots } from '../../store/live-roots.ts';
import type { Logic } from '../../store/fold.ts';
import type { JournalRecord } from '../../store/record.ts';
import { verifyJournal } from '../../store/verify.ts';
import { broke, callInput, Live } from './live.ts';
import {
  asJson,
  lineOf,
  openJournal,
  recordsIn,
  START,
  stripped,
  tempDir,
  writeValid,
} from './support.ts';
import { differenceOf, verified } from './verified.ts';

const sound = { ok: true, firstDifference: null };

const inert = fromCallback(() => {}) as never;

/** The machines of a call, live, whose requests are these. */
function callWith(request: Logic[string]): Live {
  const call = machines.call.provide({ actors: { timer: inert, request: request as never } });
  return new Live({ ...machines, call, request } as Logic)
    .start('call', 'call:0007', callInput('call:0007'))
    .send('call:0007', { type: 'call.begin' });
}

const defect = (): never => {
  throw new Error('defect');
};

/** A call whose script's request dies of an exception in the machine itself. */
const diedOfItself = (): Live =>
  callWith(
    machines.request.provide({
      actors: { timer: inert, attempt: inert },
      guards: { isPermanent: defect },
    }),
  ).send('call:0007/script', broke());

/** A call whose script's request dies because its attempt throws before it runs. */
const diedOfItsAttempt = (): Live =>
  callWith(
    machines.request.provide({ actors: { timer: inert, attempt: fromCallback(defect) as never } }),
  );

const told = ({ actor, event, from, to, done }: JournalRecord) => [
  actor,
  event.type,
  from,
  to,
  done ?? false,
];

const death = ['call:0007/script', 'actor.failed', 'attempting', 'error', true];
const word = ['call:0007', 'xstate.error.actor.script', 'scripting', 'failed', true];

/** The first lines of a journal, and what a start makes of them. */
function recovering(records: readonly JournalRecord[]) {
  const dir = path.join(tempDir(), 'journal');
  writeValid(dir, records.map(stripped));
  const live = new LiveRoots();
  const journal = openJournal(dir, { onRecord: (record) => live.apply(record) });
  const now = (): number => journal.at;
  const recovered = (): Recovered => recover({ dir, logic: machines, journal, live, now });
  return { dir, live, recovered };
}

describe.each([
  { of: 'an exception of its own', story: diedOfItself },
  { of: 'its attempt', story: diedOfItsAttempt },
])('a child that dies of $of', ({ story }) => {
  test('has a last line of its own, and then its parent is told', () => {
    expect(recordsIn(story().dir).slice(-2).map(told)).toEqual([death, word]);
  });

  test('is no difference', () => {
    const live = story();
    expect(verifyJournal(live.dir, machines)).toMatchObject({
      records: live.journal.seq,
      ...sound,
    });
  });

  test('is none after any of its lines', () => {
    const lines = recordsIn(story().dir).map(stripped);
    for (let cut = 0; cut <= lines.length; cut++) {
      expect(verified(lines.slice(0, cut))).toMatchObject({ records: cut, ...sound });
    }
  });

  test('does not end its root', () => {
    const { live } = recovering(recordsIn(story().dir).slice(0, -1));
    expect(live.has('call:0007')).toBe(true);
  });

  test('when nobody told its parent, the next start does', () => {
    const records = recordsIn(story().dir);
    const { dir, recovered } = recovering(records.slice(0, -1));
    const { fold } = recovered();
    expect(fold.roots()).toEqual([]);
    expect(recordsIn(dir).map(lineOf)).toEqual(asJson(records.map(lineOf)));
    expect(verifyJournal(dir, machines)).toMatchObject(sound);
  });

  test('is not told twice', () => {
    const records = recordsIn(story().dir);
    const { dir, recovered } = recovering(records.slice(0, -1));
    recovered();
    const again = recovering(recordsIn(dir));
    expect(again.live.has('call:0007')).toBe(false);
    again.recovered();
    expect(recordsIn(again.dir)).toHaveLength(records.length);
  });
});

test('a root that dies of its attempt is alive no more', () => {
  const { dir } = diedOfItsAttempt();
  const live = new LiveRoots();
  for (const record of recordsIn(dir)) live.apply(record);
  expect([live.has('call:0007'), live.size]).toEqual([false, 0]);
});

describe('a death that the journal’s other lines do not bear out', () => {
  const lines = () => recordsIn(diedOfItself().dir).map(stripped);
  const deathOf = (found: ReturnType<typeof lines>): number =>
    found.findIndex(({ event }) => event.type === 'actor.failed');

  test.each(['call:0404', 'call:0007/speech', 'call:0007/script/x'])(
    'of %s, who does not live, is found',
    (actor) => {
      const found = lines();
      const at = deathOf(found);
      expect(differenceOf(found.with(at, { ...found[at]!, actor }))).toMatchObject({
        seq: at + 1,
        actor,
        reason: 'No such actor is alive here',
      });
    },
  );

  test.each([
    { from: 'waiting', to: 'error' },
    { from: null, to: 'error' },
    { from: 'attempting', to: 'failed' },
  ])('from $from to $to is found', (states) => {
    const found = lines();
    const at = deathOf(found);
    expect(differenceOf(found.with(at, { ...found[at]!, ...states }))).toMatchObject({
      seq: at + 1,
      actor: 'call:0007/script',
      reason: 'The actor was in another state when it died',
    });
  });

  test('a second time is found', () => {
    const found = lines();
    const at = deathOf(found);
    expect(differenceOf(found.toSpliced(at, 0, found[at]!))).toMatchObject({
      seq: at + 2,
      reason: 'No such actor is alive here',
    });
  });

  test('of a root is found too', () => {
    const found = lines();
    const at = found.findIndex(({ event }) => event.type === 'call.begin');
    const dead = { ...found[deathOf(found)]!, actor: 'call:0007', machine: 'call', at: START };
    const events = found.slice(0, at);
    expect(verified([...events, { ...dead, from: 'queued' }])).toMatchObject(sound);
    expect(differenceOf([...events, { ...dead, from: 'scripting' }])).toMatchObject({
      seq: at + 1,
      reason: 'The actor was in another state when it died',
    });
  });

  test('without the child’s own line is found at the parent’s', () => {
    const found = lines();
    const at = deathOf(found);
    expect(differenceOf(found.toSpliced(at, 1))).toMatchObject({
      seq: at + 1,
      actor: 'call:0007',
      reason: 'script has not ended like this',
    });
  });
});
