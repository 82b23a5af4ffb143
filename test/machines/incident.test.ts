/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { incidentMachine, type IncidentEvent, type Told } from '../../machines/incident.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { given, untriedTransitions } from './given.ts';

const text = { title: 'the breaker opened', paragraphs: [], facts: [] };
const told = (more: Partial<Told> = {}): Told => ({
  text,
  revision: 1,
  reach: null,
  dueAt: NOW + MINUTE,
  ...more,
});
const raised = (at = NOW): IncidentEvent => ({ type: 'alert.raised', at, ...told() });
const updated = (at = NOW + MINUTE): IncidentEvent => ({
  type: 'alert.updated',
  at,
  why: 'changed',
  ...told({ revision: 3, dueAt: null }),
});
const waits = (dueAt: number | null): IncidentEvent => ({ type: 'alert.waits', at: NOW, dueAt });
const acknowledged: IncidentEvent = { type: 'alert.acknowledged', at: NOW, by: 'Ada' };
const silenced: IncidentEvent = { type: 'alert.silenced', at: NOW, by: 'silence:1' };
const unsilenced: IncidentEvent = { type: 'alert.unsilenced', at: NOW };
const resolved = (told = true): IncidentEvent => ({
  type: 'alert.resolved',
  at: NOW + MINUTE,
  text: told ? text : null,
});
const fired: IncidentEvent = { type: 'timer.fired', at: NOW + MINUTE };

const pending = given(incidentMachine, {
  id: 'alert:1',
  key: 'service.down LLM',
  rule: 'service.down',
  severity: 'critical',
  service: 'LLM',
  since: NOW,
  dueAt: NOW + MINUTE,
});
const firing = pending.events(raised());

describe('a pending incident', () => {
  test('waits until it has lasted long enough', () => {
    pending.when(fired).thenIt({ is: 'pending', has: { isDue: true, dueAt: null } });
  });

  test('fires with the words it is told', () => {
    pending.when(raised()).thenIt({
      is: 'firing',
      has: { n: 1, kind: 'raised', toldAt: NOW, raisedAt: NOW, dueAt: NOW + MINUTE },
      stops: ['timer'],
      starts: { timer: { dueAt: NOW + MINUTE } },
    });
  });

  test('ends without a word when it is over before that', () => {
    pending.when(resolved(false)).thenIt({
      is: 'resolved',
      has: { n: 0, result: { at: NOW + MINUTE, messages: 0 } },
    });
  });

  test('can be silenced, and is pending again after that', () => {
    pending.when(silenced).thenIt({ is: 'silenced', has: { mutedBy: 'silence:1' } });
    pending
      .events(silenced)
      .when(unsilenced)
      .thenIt({ is: 'pending', has: { mutedBy: null } });
  });

  test('waits anew when it is given another time', () => {
    pending.when(waits(NOW + 5 * MINUTE)).thenIt({
      is: 'pending',
      has: { dueAt: NOW + 5 * MINUTE, isDue: false },
      starts: { timer: { dueAt: NOW + 5 * MINUTE } },
    });
  });
});

describe('a firing incident', () => {
  test('keeps when it was raised, whatever is told later', () => {
    firing.when(updated()).thenIt({
      is: 'firing',
      has: { n: 2, kind: 'updated', raisedAt: NOW, toldAt: NOW + MINUTE, revision: 3 },
    });
  });

  test('waits until its time has come', () => {
    firing.when(fired).thenIt({ is: 'firing', has: { isDue: true } });
    firing
      .events(fired)
      .when(waits(null))
      .thenIt({ is: 'firing', has: { isDue: false } });
  });

  test('knows who has taken notice', () => {
    firing.when(acknowledged).thenIt({ is: 'acknowledged', has: { acknowledgedBy: 'Ada' } });
  });

  test('tells its end', () => {
    firing.when(resolved()).thenIt({
      is: 'resolved',
      has: { n: 2, kind: 'resolved', result: { at: NOW + MINUTE, messages: 2 } },
    });
  });

  test('is firing again after a silence, and nobody is told twice', () => {
    firing.when(silenced).thenIt({ is: 'silenced', has: { n: 1, mutedBy: 'silence:1' } });
    firing
      .events(silenced)
      .when(unsilenced)
      .thenIt({ is: 'firing', has: { n: 1 } });
  });
});

describe('an acknowledged incident', () => {
  const known = firing.events(acknowledged);

  test('tells nothing but its end', () => {
    known.when(updated()).thenItIsIgnored();
    known.when(resolved()).thenIt({ is: 'resolved', has: { n: 2 } });
  });

  test('stays acknowledged through a silence', () => {
    known.when(waits(NOW)).thenIt({ is: 'acknowledged', has: { dueAt: NOW } });
    known.when(silenced).thenIt({ is: 'silenced' });
    known.events(silenced).when(unsilenced).thenIt({ is: 'acknowledged' });
  });
});

describe('a silenced incident', () => {
  const mute = firing.events(silenced);

  test('tells nothing but its end, to those who have heard of it', () => {
    mute.when(updated()).thenItIsIgnored();
    mute.when(resolved()).thenIt({ is: 'resolved', has: { n: 2 } });
  });

  test('can be acknowledged, and waits', () => {
    mute.when(acknowledged).thenIt({ is: 'silenced', has: { acknowledgedBy: 'Ada' } });
    mute.when(waits(null)).thenIt({ is: 'silenced', has: { dueAt: null } });
  });
});

test('every transition of an incident has a sentence above', () => {
  expect(untriedTransitions(incidentMachine)).toEqual([]);
});
