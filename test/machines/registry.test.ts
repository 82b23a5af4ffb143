import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';

const all = Object.entries(machines);

describe('the registry', () => {
  test.for(all)('knows %s by the name that the machine gives itself', ([name, machine]) => {
    expect(machine.id).toBe(name);
  });

  test('finds the machine of a child by its placeholder’s name', () => {
    expect(machines.call.implementations.actors['request']).toBe(machines.request);
  });

  test.for(all)('holds no state with an eventless transition, %s', ([, machine]) => {
    const eventless = Object.values(machine.states).filter(({ always }) => always?.length);
    expect(eventless).toEqual([]);
  });

  test.for(all)('holds no state with a delay of its own, %s', ([, machine]) => {
    expect(Object.values(machine.states).flatMap(({ after }) => after)).toEqual([]);
  });
});
