/* oxlint-disable vitest/expect-expect -- `thenIt` expects */
import { describe, expect, test } from 'vitest';
import { silenceMachine, type SilenceEvent } from '../../machines/silence.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { given, untriedTransitions } from './given.ts';

const fired = (at: number): SilenceEvent => ({ type: 'timer.fired', at });
const lifted: SilenceEvent = { type: 'silence.lifted', at: NOW, by: 'Grace' };

const scheduled = given(silenceMachine, {
  id: 'silence:1',
  match: { services: ['LLM'], rules: [] },
  from: NOW + MINUTE,
  until: NOW + 3 * MINUTE,
  by: 'Ada',
});
const active = scheduled.events(fired(NOW + MINUTE));

describe('a silence', () => {
  test('begins when its time has come, and lasts until its end', () => {
    expect(scheduled.snapshot.context.dueAt).toBe(NOW + MINUTE);
    scheduled.when(fired(NOW + MINUTE)).thenIt({
      is: 'active',
      has: { dueAt: NOW + 3 * MINUTE },
      stops: ['timer'],
      starts: { timer: { dueAt: NOW + 3 * MINUTE } },
    });
  });

  test('is over by itself', () => {
    const at = NOW + 3 * MINUTE;
    active.when(fired(at)).thenIt({ is: 'ended', has: { liftedBy: null, result: { at } } });
  });

  test('can be lifted at any time, before it begins, too', () => {
    active.when(lifted).thenIt({ is: 'ended', has: { liftedBy: 'Grace' } });
    scheduled.when(lifted).thenIt({ is: 'ended', has: { liftedBy: 'Grace', result: { at: NOW } } });
  });
});

test('every transition of a silence has a sentence above', () => {
  expect(untriedTransitions(silenceMachine)).toEqual([]);
});
