import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { declaredStates, declaredTransitions, transitionsTaken } from './declared.ts';
import { explore } from './explore.ts';
import { models } from './models/all.ts';

test('there is a model for every machine', () => {
  const modelled = Object.entries(models).map(([name, { machine }]) => [name, machine] as const);
  expect(Object.fromEntries(modelled)).toEqual(machines);
});

describe.for(Object.entries(models))('the machine %s', ([, model]) => {
  const { machine } = model;
  const edges = explore(model);

  test('can come to each of its states', () => {
    const reached = edges.flatMap(({ before, after }) => [before, after]);
    const names = reached.map(({ value }) => String(value));
    expect([...new Set(names)].toSorted()).toEqual(declaredStates(machine));
  });

  test('can take each of its transitions', () => {
    const taken = edges.flatMap(({ before, event }) => transitionsTaken(machine, before, event));
    expect([...new Set(taken)].toSorted()).toEqual(declaredTransitions(machine));
  });

  test('is never in error, whatever happens', () => {
    expect(edges.filter(({ after }) => after.status === 'error')).toEqual([]);
  });

  test('has no active state without a way out', () => {
    const states = edges.map(({ before }) => before.value);
    const left = edges.filter(({ before, after }) => before.value !== after.value);
    expect(new Set(left.map(({ before }) => before.value))).toEqual(new Set(states));
  });
});
