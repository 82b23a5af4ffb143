import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import {
  initialTransition,
  transition,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
} from 'xstate';
import { uniform } from '../../machines/random.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { emittedBy } from './given.ts';
import { models } from './models/all.ts';
import type { Model, Step } from './models/model.ts';

const STEPS = 200;
const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);

type Event = EventFromLogic<AnyStateMachine>;

const timeOf = (event: Event): number | undefined => event['at'] ?? event['output']?.at;

/** What holds for every machine: rules 1 and 4 of the architecture. */
function checkAny({ event, after, emitted }: Step<AnyStateMachine>): void {
  assert.notEqual(after.status, 'error');
  const all = [event, after.context, emitted, after.output ?? null];
  assert.deepEqual(JSON.parse(JSON.stringify(all)), all, 'all that is told survives JSON');
}

/** Takes one event after another by chance; a machine that ends is born again. */
function walk(model: Model<any>, seed: number): void {
  const { machine } = model;
  const inputs = model.walked ?? model.explored;
  let draws = 0;
  const below = (count: number): number => Math.floor(uniform(seed, ++draws) * count);
  let at = NOW;
  let life: Event[] = [];
  const birth = () => {
    life = [];
    return initialTransition(machine, inputs[below(inputs.length)])[0] as AnyMachineSnapshot;
  };
  let before = birth();
  for (let i = 1; i <= STEPS; i++) {
    if (below(3) > 0) at += below(MINUTE / 2);
    const events = model.events(before, at) as Event[];
    const event = events[below(events.length)]!;
    life.push(event);
    try {
      const [after, actions] = transition(machine, before, event);
      const step = { before, event, after, emitted: emittedBy(actions), life };
      checkAny(step);
      model.check(step);
      before = after.status === 'active' ? after : birth();
    } catch (error) {
      const where = `step ${i}, ${JSON.stringify(before.value)} on ${JSON.stringify(event)}`;
      throw new Error(`${where}: ${String(error)}`, { cause: error });
    }
    at = Math.max(at, timeOf(event) ?? at);
  }
}

describe.for(Object.entries(models))('the machine %s', ([, model]) => {
  test.for(SEEDS)('keeps its invariants on a random walk, seed %i', (seed) => {
    expect(() => walk(model, seed)).not.toThrow();
  });
});
