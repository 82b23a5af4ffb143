import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { definitionHashes } from '../../store/definition.ts';
import type { Line } from '../../store/record.ts';
import { agentStarted, callInput, Live, wholeStory } from './live.ts';
import { recordsIn, START, stripped, type Stamped } from './support.ts';
import { differenceOf, verified } from './verified.ts';

describe('a line that no machine takes, its checksum being right,', () => {
  /** A call that waits for its script, and one more line. */
  function after(line: Partial<Line>) {
    const live = new Live()
      .start('call', 'call:0007', callInput('call:0007'))
      .send('call:0007', { type: 'call.begin' });
    const lines = recordsIn(live.dir).map(stripped);
    const last = { ...lines.at(-1)!, ...line };
    return { seq: lines.length + 1, found: differenceOf([...lines, last]) };
  }

  const parent: Partial<Line> = { actor: 'call:0007', machine: 'call', from: 'scripting' };

  test.each<[string, Partial<Line>]>([
    ['a result that says nothing', { ...parent, event: { type: 'xstate.done.actor.script' } }],
    ['a result of nobody', { ...parent, event: { type: 'xstate.done.actor.nobody' } }],
    ['an error of nobody', { ...parent, event: { type: 'xstate.error.actor.nobody' } }],
    ['a result without a name', { ...parent, event: { type: 'xstate.done.actor.' } }],
    ['a failure without an error', { event: { type: 'attempt.failed' }, from: 'attempting' }],
    ['an answer without a time', { event: { type: 'attempt.succeeded' }, from: 'attempting' }],
    ['an event without a type', { event: {} as Line['event'] }],
    ['no event at all', { event: undefined as never }],
    ['a call without input', { actor: 'call:1', machine: 'call', event: { type: 'xstate.init' } }],
    [
      'a request without a policy',
      { actor: 'request:1', machine: 'request', event: { type: 'xstate.init', input: {} } },
    ],
    ['no actor', { actor: undefined as never }],
  ])('is named: %s', (_what, line) => {
    const { found, seq } = after(line);
    expect(found.seq).toBe(seq);
    expect(found.reason).not.toBe('');
  });

  test('is named with what the machine said to it', () => {
    const born = {
      actor: 'call:1',
      machine: 'call',
      event: { type: 'xstate.init', input: { id: 'call:1' } },
      from: null,
      to: 'queued',
      at: START,
    };
    const birth = { ...(differenceOf([born]).expected as Line), at: START };
    expect(verified([birth]).ok).toBe(true);
    const begin = { ...birth, event: { type: 'call.begin', at: START }, from: 'queued' };
    const found = differenceOf([birth, begin]);
    expect(found).toMatchObject({ seq: 2, actor: 'call:1', expected: null });
    expect(found.found).toMatchObject({ event: begin.event });
    expect(found.reason).toMatch(/^This line can't be fed to the machine: .*undefined/);
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', ''])(
    'is named: a birth of the machine "%s"',
    (machine) => {
      const { found, seq } = after({
        actor: 'x',
        machine,
        event: { type: 'xstate.init' },
        from: null,
      });
      expect(found).toMatchObject({ seq, actor: 'x', reason: `No machine is called ${machine}` });
    },
  );

  test.each([{ definitions: undefined }, { definitions: null }, { definitions: 7 }])(
    'is named: a start with $definitions for definitions',
    (more) => {
      const lines = recordsIn(agentStarted(new Live()).dir).map(stripped);
      const line = lines.at(-1)!;
      const event = { ...line.event, ...more };
      expect(differenceOf(lines.with(-1, { ...line, event }))).toMatchObject({
        seq: lines.length,
        actor: 'agent',
      });
    },
  );

  test('is named at every place where it may stand', () => {
    const lines = recordsIn(wholeStory().dir).map(stripped);
    for (const [index, line] of lines.entries()) {
      if (line.from === null) continue;
      const event = { type: 'xstate.done.actor.script' };
      const written = [...lines.slice(0, index), { ...line, event }];
      expect(differenceOf(written)).toMatchObject({ seq: index + 1, actor: line.actor });
    }
  });
});

describe('of several starts, the last says which machines the lines are for', () => {
  const now = definitionHashes(machines);
  const then = { ...now, breaker: 'other', call: 'older' };

  /** An agent that was started with each of these, one after the other. */
  function startedWith(...all: Record<string, string>[]): Stamped[] {
    const started = { type: 'agent.started', version: '1.0.0' };
    const live = new Live().start('agent', 'agent');
    for (const definitions of all) {
      live
        .send('agent', { ...started, simulated: [], definitions: { ...definitions } })
        .send('agent', { type: 'agent.stopped' });
    }
    return recordsIn(live.dir).map(stripped);
  }

  test.each([[[now]], [[then, now]], [[then, then, now]], [[now, then, now]]])(
    'sound in the end, case %#',
    (all) => {
      expect(verified(startedWith(...all))).toMatchObject({ ok: true, firstDifference: null });
    },
  );

  test.each([
    { all: [then], seq: 2 },
    { all: [now, then], seq: 4 },
    { all: [then, now, then], seq: 6 },
    { all: [then, then], seq: 4 },
  ])('changed in the end, case %#', ({ all, seq }) => {
    expect(differenceOf(startedWith(...all))).toEqual({
      seq,
      actor: 'agent',
      reason: 'The definition of breaker, call has changed since this was written',
      expected: { breaker: now['breaker'], call: now['call'] },
      found: { breaker: 'other', call: 'older' },
    });
  });

  test('a line that says something else comes before that', () => {
    const lines = startedWith(then, then);
    expect(differenceOf(lines.with(2, { ...lines[2]!, to: 'running' }))).toMatchObject({ seq: 3 });
  });
});
