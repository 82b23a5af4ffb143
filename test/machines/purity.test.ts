import { describe, expect, test } from 'vitest';
import { createActor, transition } from 'xstate';
import { explore, type Edge } from './explore.ts';
import { emittedBy } from './given.ts';
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
  const forEach = (expectation: (edge: Edge) => void): void => edges.forEach(expectation);

  test('has contexts and events that survive JSON', () => {
    forEach(({ event, after }) => {
      expect(throughJson(event)).toStrictEqual(event);
      expect(throughJson(after.context)).toStrictEqual(after.context);
    });
  });

  test('emits and returns what survives JSON', () => {
    forEach(({ before, event }) => {
      const [after, actions] = transition(machine, before, event);
      const emitted = emittedBy(actions);
      expect(throughJson(emitted)).toStrictEqual(emitted);
      const output = after.output ?? null;
      expect(throughJson(output)).toStrictEqual(output);
    });
  });

  test('is restored from JSON as it was', () => {
    forEach(({ after }) => {
      const persisted = throughJson(machine.getPersistedSnapshot(after));
      const restored = createActor(machine, { snapshot: persisted as never }).getSnapshot();
      expect(restored.value).toEqual(after.value);
      expect(restored.context).toStrictEqual(after.context);
      expect(throughJson(machine.getPersistedSnapshot(restored))).toStrictEqual(persisted);
    });
  });

  test('changes neither the event nor the context that it is given', () => {
    forEach(({ before, event }) => {
      frozen(event);
      frozen(before.context);
      expect(() => transition(machine, before, event)).not.toThrow();
    });
  });

  test('does the same again', () => {
    forEach(({ before, event, after }) => {
      const [again] = transition(machine, before, event);
      expect(again.value).toEqual(after.value);
      expect(again.context).toStrictEqual(after.context);
    });
  });
});
