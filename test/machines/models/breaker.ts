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
    const configure = (changed: BreakerOptions): BreakerEvent => ({
      type: 'breaker.configure',
      at,
      options: changed,
    });
    const results = (from: number, by: string): BreakerEvent[] => [
      story.failed(from, at, by),
      story.succeeded(from, by, at),
      story.ignored(from, by, at),
    ];
    const aborted = probes.map((by) => story.ignored(-1, by, at));
    return [
      ...current.flatMap((by) => results(generation, by)),
      ...results(generation - 1, 'late'),
      ...aborted,
      ...IDS.map((by) => story.claimed(by, at)),
      ...(dueAt === null || value === 'isolated' ? [] : [story.fired(Math.max(at, dueAt))]),
      story.reset(at),
      story.isolate(at),
      story.release(at),
      story.recovered(at),
      story.resumed(at),
      // Thresholds stay as they are: a lower one leaves states that `check` rules out.
      configure({ ...options, openForMs: 10_000 }),
      configure({ ...options, halfOpenProbes: options.halfOpenProbes === 1 ? 2 : 1 }),
    ];
  },

  fingerprint: ({ value, context: { failures, probes, passed, isolatedFrom, options } }) => [
    value,
    Math.min(failures, 4),
    probes,
    passed,
    isolatedFrom,
    options.halfOpenProbes,
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
    // Those that were given out before fewer were allowed go on.
    const isGranted = probes.length > before.context.probes.length;
    const isAllowed = probes.length + passed <= options.halfOpenProbes;
    assert.ok(!isGranted || isAllowed, 'no more probes than allowed');
    assert.ok(passed < options.halfOpenProbes, 'closed as soon as enough have passed');
    assert.equal(new Set(probes).size, probes.length, 'one probe each');
    assert.equal(isolatedFrom !== null, value === 'isolated');
    const isLate = 'generation' in event && event.generation !== before.context.generation;
    const holdsProbe = 'by' in event && before.context.probes.includes(event.by);
    const isFreed = event.type === 'request.ignored' && holdsProbe;
    if (isFreed) assert.ok(!probes.includes(event.by), 'who gives up frees its probe');
    else if (isLate) assert.deepEqual(after.context, before.context, 'late results change nothing');
    const isLet = before.value === 'isolated' && value !== 'isolated';
    const isAsked = event.type === 'breaker.release' || event.type === 'breaker.reset';
    assert.ok(!isLet || isAsked, 'isolated until a person says otherwise');
  },
};
