import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { createActor, transition } from 'xstate';
import { explore, type Edge } from './explore.ts';
import { emittedBy } from './given.ts';
import * as inert from './inert.ts';
import { models } from './models/all.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Nothing that is in it can be changed any more. */
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
};

describe.for(Object.entries(models))('the machine %s', ([, model]) => {
  const { machine } = model;
  const edges = explore(model);
  /** Asserts by `node:assert`, as the models do. */
  const expectOfEach = (assertion: (edge: Edge) => void): void =>
    expect(() => edges.forEach(assertion)).not.toThrow();

  test('has contexts and events that survive JSON', () => {
    expectOfEach(({ event, after }) => {
      assert.deepEqual(throughJson(event), event);
      assert.deepEqual(throughJson(after.context), after.context);
    });
  });

  test('emits and returns what survives JSON', () => {
    expectOfEach(({ before, event }) => {
      const [after, actions] = inert.transition(machine, before, event);
      const emitted = emittedBy(actions);
      assert.deepEqual(throughJson(emitted), emitted);
      const output = after.output ?? null;
      assert.deepEqual(throughJson(output), output);
    });
  });

  test('is restored from JSON as it was', () => {
    expectOfEach(({ after }) => {
      const persisted = throughJson(machine.getPersistedSnapshot(after));
      const restored = createActor(machine, { snapshot: persisted as never }).getSnapshot();
      assert.deepEqual(restored.value, after.value);
      assert.deepEqual(restored.context, after.context);
      assert.deepEqual(throughJson(machine.getPersistedSnapshot(restored)), persisted);
    });
  });

  test('changes neither the event nor the context that it is given', () => {
    expectOfEach(({ before, event, after }) => {
      frozen(event);
      frozen(before.context);
      const [again] = inert.transition(machine, before, event);
      assert.deepEqual(again.value, after.value);
    });
  });

  test('does the same again', () => {
    expectOfEach(({ before, event, after }) => {
      const [again] = transition(machine, before, event);
      assert.deepEqual(again.value, after.value);
      assert.deepEqual(again.context, after.context);
    });
  });
});
