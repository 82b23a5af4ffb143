import { describe, expect, test } from 'vitest';
import { getInitialSnapshot, getNextSnapshot, setup, type AnyMachineSnapshot } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { birthLine, stateName, transitionLine } from '../../store/line.ts';
import { callInput } from './live.ts';

test.each<[unknown, string]>([
  ['closed', 'closed'],
  [{ working: 'speaking' }, 'working.speaking'],
  [{ working: { speaking: 'waiting' } }, 'working.speaking.waiting'],
  [{ a: 'x', b: { c: 'y' } }, 'a.x & b.c.y'],
])('the state %j is called %s', (value, name) => {
  expect(stateName(value)).toBe(name);
});

const born = getInitialSnapshot(
  machines.call,
  callInput('call:0007') as never,
) as unknown as AnyMachineSnapshot;

describe('a birth', () => {
  test('holds its input and its whole context', () => {
    const event = { type: 'xstate.init', input: callInput('call:0007') };
    expect(birthLine('call:0007', 'call', event, born)).toEqual({
      actor: 'call:0007',
      machine: 'call',
      event,
      from: null,
      to: 'queued',
      context: born.context as unknown,
      corr: 'call:0007',
    });
  });
});

describe('a line belongs to the call', () => {
  const corrOf = (actor: string, event: object): string | undefined =>
    birthLine(actor, 'x', { type: 'x', ...event }, born).corr;

  test.each<[string, object, string | undefined]>([
    ['call:0007', {}, 'call:0007'],
    ['call:0007/speech', {}, 'call:0007'],
    ['call:0007.2/speech', {}, 'call:0007'],
    ['call:0007', { corr: 'call:0001' }, 'call:0007'],
    ['breaker:CRM', { corr: 'call:0001' }, 'call:0001'],
    ['record:0001', { input: { corr: 'call:0001' } }, 'call:0001'],
    ['breaker:CRM', { corr: null }, undefined],
    ['agent', {}, undefined],
  ])('%s with %j: %s', (actor, event, call) => {
    expect(corrOf(actor, event)).toBe(call);
  });
});

describe('a transition', () => {
  const machine = setup({}).createMachine({
    id: 'tiny',
    initial: 'a',
    context: { kept: { n: 1 }, changed: 0 },
    states: { a: { on: { go: 'b' } }, b: {} },
  });
  const before = getInitialSnapshot(machine) as unknown as AnyMachineSnapshot;
  const line = (after: Partial<AnyMachineSnapshot>, step = 1) =>
    transitionLine('t', 'tiny', { type: 'go' }, step, before, {
      ...before,
      ...after,
    } as AnyMachineSnapshot);

  test('holds the keys that changed', () => {
    const context = { ...(before.context as object), changed: 2 };
    expect(line({ context })).toEqual({
      actor: 't',
      machine: 'tiny',
      event: { type: 'go' },
      from: 'a',
      to: 'a',
      context: { changed: 2 },
    });
  });

  test('that changed the state alone has no context', () => {
    const after = getNextSnapshot(machine, before as never, { type: 'go' } as never) as unknown;
    expect(line(after as AnyMachineSnapshot)).toEqual({
      actor: 't',
      machine: 'tiny',
      event: { type: 'go' },
      from: 'a',
      to: 'b',
    });
  });

  test('says so when it is a further step, and when it was the last', () => {
    expect(line({ value: 'b' }, 1)).not.toHaveProperty('step');
    expect(line({ value: 'b' }, 3)).toHaveProperty('step', 3);
    expect(line({ status: 'done' } as never)).toHaveProperty('done', true);
    expect(line({ value: 'b' })).not.toHaveProperty('done');
  });

  test.each<[string, object]>([
    ['status', { status: 'error' }],
    ['children', { children: { timer: {} } }],
  ])('that changed nothing but its %s is one too', (_what, after) => {
    expect(line(after as Partial<AnyMachineSnapshot>)).toMatchObject({ from: 'a', to: 'a' });
  });

  test('that changed nothing has no line', () => {
    expect(line({})).toBeNull();
    expect(line({ context: { ...(before.context as object) }, children: {} })).toBeNull();
  });
});
