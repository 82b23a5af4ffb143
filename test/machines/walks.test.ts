import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import {
  initialTransition,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
} from 'xstate';
import { uniform } from '../../machines/random.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { emittedBy } from './given.ts';
import { transition } from './inert.ts';
import { models } from './models/all.ts';
import type { Model, Step } from './models/model.ts';

const STEPS = 200;
const SEEDS = 200;
/** Walks in one test: few enough for its time limit on a busy machine. */
const AT_ONCE = 20;
const firsts = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => 1 + i * AT_ONCE);

type Event = EventFromLogic<AnyStateMachine>;

const timeOf = (event: Event): number | undefined => event['at'] ?? event['output']?.at;

/** Plain data: what JSON gives back as it was. Much faster than to write it and read it again. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).every(isJson);
}

/** What holds for every machine: rules 1 and 4 of the architecture. */
function checkAny({ event, after, emitted }: Step<AnyStateMachine>): void {
  assert.notEqual(after.status, 'error');
  const told = { event, context: after.context, emitted, output: after.output ?? null };
  for (const [what, value] of Object.entries(told)) {
    assert.ok(isJson(value), `its ${what} survives JSON`);
  }
}

/** The first snapshot, by input: every machine that is born with it is the same. */
const births = new Map<unknown, AnyMachineSnapshot>();

function firstSnapshot(machine: AnyStateMachine, input: unknown): AnyMachineSnapshot {
  // An input may be undefined, and then it is one machine's alone.
  const key = input ?? machine;
  const known = births.get(key) ?? initialTransition(machine, input as never)[0];
  births.set(key, known);
  return known;
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
    return firstSnapshot(machine, inputs[below(inputs.length)]);
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
      const where = `${JSON.stringify(before.value)} on ${JSON.stringify(event)}`;
      throw new Error(`seed ${seed}, step ${i}, ${where}: ${String(error)}`, { cause: error });
    }
    at = Math.max(at, timeOf(event) ?? at);
  }
}

describe.for(Object.entries(models))('the machine %s', ([, model]) => {
  test.for(firsts)(`keeps its invariants on ${AT_ONCE} random walks, seeds %i …`, (first) => {
    expect(() => {
      for (let seed = first; seed < first + AT_ONCE; seed++) walk(model, seed);
    }).not.toThrow();
  });
});
