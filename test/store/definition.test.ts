import { describe, expect, test } from 'vitest';
import { assign, createMachine, fromCallback, setup, type AnyStateMachine } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { definitionHashes } from '../../store/definition.ts';

const hashOf = (machine: AnyStateMachine): string | undefined =>
  definitionHashes({ machine })['machine'];

interface Parts {
  readonly target?: string;
  readonly guard?: string;
  readonly action?: string;
  readonly params?: object;
  readonly event?: string;
  readonly src?: string;
  readonly more?: object;
}

const machineWith = ({
  target = 'b',
  guard = 'may',
  action = 'note',
  params = { n: 1 },
  event = 'go',
  src = 'effect',
  more = {},
}: Parts = {}): AnyStateMachine =>
  createMachine({
    id: 'tiny',
    initial: 'a',
    states: {
      a: { on: { [event]: { target, guard, actions: { type: action, params } } } },
      b: { invoke: { id: 'effect', src } },
      c: {},
      ...more,
    },
  } as never) as unknown as AnyStateMachine;

describe('the hash of a definition changes with', () => {
  test.each<[string, Parts]>([
    ['a target', { target: 'c' }],
    ['a guard', { guard: 'must' }],
    ['an action', { action: 'count' }],
    ['an action’s parameter', { params: { n: 2 } }],
    ['an event', { event: 'start' }],
    ['an effect', { src: 'other' }],
    ['a state that nobody reaches', { more: { d: {} } }],
    ['a state that becomes an end', { more: { c: { type: 'final' } } }],
    ['an action on entry', { more: { c: { entry: 'note' } } }],
  ])('%s', (_what, parts) => {
    expect(hashOf(machineWith(parts))).not.toBe(hashOf(machineWith()));
  });

  test('a transition’s order', () => {
    const either = (targets: string[]): AnyStateMachine =>
      createMachine({
        id: 'tiny',
        initial: 'a',
        states: {
          a: { on: { go: targets.map((target) => ({ target, guard: `is ${target}` })) } },
          b: {},
          c: {},
        },
      } as never) as unknown as AnyStateMachine;
    expect(hashOf(either(['b', 'c']))).not.toBe(hashOf(either(['c', 'b'])));
  });
});

describe('the hash of a definition does not change with', () => {
  test('the machine being made again', () => {
    expect(hashOf(machineWith())).toBe(hashOf(machineWith()));
    expect(hashOf(machineWith())).toMatch(/^[0-9a-f]{12}$/);
  });

  test('how its functions are written', () => {
    const short = setup({
      actions: { note: assign(() => ({ n: 1 })) },
      guards: { may: () => true },
    }).createMachine({
      id: 'tiny',
      context: ({ input }) => ({ n: 0, input }),
      on: { go: { guard: 'may', actions: 'note' } },
      output: ({ context }) => context,
    });
    const long = setup({
      actions: {
        note: assign(function note() {
          const n = 1;
          return { n };
        }),
      },
      guards: {
        may() {
          return true;
        },
      },
    }).createMachine({
      id: 'tiny',
      context(args) {
        return { n: 0, input: args.input };
      },
      on: { go: { guard: 'may', actions: 'note' } },
      output: (args) => {
        return args.context;
      },
    });
    expect(hashOf(long as never)).toBe(hashOf(short as never));
  });

  test('the effects that are put in place of its placeholders', () => {
    const provided = machines.call.provide({ actors: { timer: fromCallback(() => {}) } });
    expect(hashOf(provided)).toBe(hashOf(machines.call));
  });
});

test('every machine of the registry has a hash of its own', () => {
  const hashes = definitionHashes(machines);
  expect(Object.keys(hashes)).toEqual(Object.keys(machines));
  expect(new Set(Object.values(hashes)).size).toBe(Object.keys(machines).length);
});
