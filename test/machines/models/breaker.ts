import assert from 'node:assert/strict';
import {
  breakerMachine,
  defaultBreakerOptions,
  type BreakerEvent,
  type BreakerOptions,
} from '../../../machines/breaker.ts';
import * as story from '../breaker-story.ts';
import type { Model } from './model.ts';

const input = (options: Partial<BreakerOptions>) => ({
  service: 'ElevenLabs',
  options: { ...defaultBreakerOptions, ...options },
});

const IDS = ['a', 'b', 'c'];

/** Results come from those who were let through: anybody when it is closed, else the probes. */
export const breakerModel: Model<typeof breakerMachine> = {
  machine: breakerMachine,
  explored: [input({}), input({ halfOpenProbes: 2 }), input({ failureThreshold: 1 })],

  events: ({ context, value }, at) => {
    const { generation, probes, dueAt, options } = context;
    const current = value === 'closed' ? ['x'] : probes;
    const results = (from: number, by: string): BreakerEvent[] => [
      story.failed(from, at, by),
      story.succeeded(from, by, at),
      story.ignored(from, by, at),
    ];
    const claims = IDS.filter((by) => !probes.includes(by));
    return [
      ...current.flatMap((by) => results(generation, by)),
      ...results(generation - 1, 'late'),
      ...claims.map((by) => story.claimed(by, at)),
      ...(dueAt === null || value === 'isolated' ? [] : [story.fired(Math.max(at, dueAt))]),
      story.reset(at),
      story.isolate(at),
      story.release(at),
      story.recovered(at),
      story.resumed(at),
      // Thresholds stay as they are: a lower one leaves states that `check` rules out.
      { type: 'breaker.configure', at, options: { ...options, openForMs: 10_000 } },
    ];
  },

  fingerprint: ({ value, context: { failures, probes, passed, isolatedFrom } }) => [
    value,
    Math.min(failures, 4),
    probes,
    passed,
    isolatedFrom,
  ],

  check: ({ before, event, after }) => {
    const { failures, generation, dueAt, probes, passed, isolatedFrom, options } = after.context;
    const { value } = after;
    const risen = generation - before.context.generation;
    assert.equal(after.hasTag('admits'), value === 'closed', 'admits only when closed');
    assert.ok(value === before.value ? risen >= 0 : risen === 1, 'a change is a new generation');
    assert.ok(value !== 'closed' || failures < options.failureThreshold, 'closed below threshold');
    assert.ok(value !== 'open' || dueAt !== null, 'open until a moment');
    if (value === 'halfOpen') assert.equal(dueAt === null, probes.length === 0, 'probes are timed');
    else assert.equal(probes.length + passed, 0, 'probes only when half-open');
    assert.ok(probes.length + passed <= options.halfOpenProbes, 'no more probes than allowed');
    assert.equal(new Set(probes).size, probes.length, 'one probe each');
    assert.equal(isolatedFrom !== null, value === 'isolated');
    const isLate = 'generation' in event && event.generation !== before.context.generation;
    if (isLate) assert.deepEqual(after.context, before.context, 'late results change nothing');
    const isFreed = before.value === 'isolated' && value !== 'isolated';
    const isAsked = event.type === 'breaker.release' || event.type === 'breaker.reset';
    assert.ok(!isFreed || isAsked, 'isolated until a person says otherwise');
  },
};
