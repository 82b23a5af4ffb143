import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { defaultBreakerOptions } from '../../machines/breaker.ts';
import { defaultHealthOptions } from '../../machines/health.ts';
import { migrations, type Life } from '../../machines/migrations.ts';
import { machines } from '../../machines/registry.ts';
import { migrated, persistedLife } from '../../store/rebirth.ts';
import { explore } from './explore.ts';
import { NOW, SECOND, unavailable } from './fixtures.ts';
import { models } from './models/all.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const lifeOf = ({ value, context }: AnyMachineSnapshot): Life => ({
  state: value as string,
  context: throughJson(context) as Life['context'],
});

interface Persisted {
  readonly children: { readonly [id: string]: { src: string; snapshot: { input: unknown } } };
}

const withoutInputs = (persisted: Persisted): unknown => {
  const children = Object.entries(persisted.children).map(([id, { src }]) => [id, src]);
  return throughJson({ ...persisted, children });
};

function taken(machine: string, state: string, context: object): Life | null {
  const migration = migrations.get(machine);
  assert.ok(migration);
  return migration({ state, context: { ...context } }, NOW);
}

test('machines with calls under way are finished by the version that began them', () => {
  const others = Object.keys(machines).filter((name) => !migrations.has(name));
  expect(others).toEqual(['call', 'request']);
});

describe.for([...migrations])('an actor of the machine %s', ([name, migration]) => {
  const model = models[name];
  assert.ok(model);
  const { machine } = model;
  const isAtRest = ({ value, context }: AnyMachineSnapshot): boolean =>
    name !== 'campaign' || (value !== 'running' && (context as { active: number }).active === 0);

  test('is taken over as it is, in every state it can be in, where the machine is the same', () => {
    let count = 0;
    const carry = (snapshot: AnyMachineSnapshot): void => {
      if (snapshot.status !== 'active' || !isAtRest(snapshot)) return;
      count++;
      const life = migration(lifeOf(snapshot), NOW);
      assert.ok(life);
      const reborn = persistedLife(machine, migrated(NOW, 'a', 'b', life)) as Persisted;
      const before = machine.getPersistedSnapshot(snapshot) as unknown as Persisted;
      assert.deepEqual(withoutInputs(reborn), withoutInputs(before));
      // What is begun anew is begun with what is known now.
      const { timer } = reborn.children;
      if (timer) assert.deepEqual(timer.snapshot.input, { dueAt: life.context['dueAt'] });
    };
    expect(() => explore(model).forEach(({ after }) => carry(after))).not.toThrow();
    expect(count).toBeGreaterThan(0);
  });
});

describe('of an earlier machine,', () => {
  test('an agent keeps what it knows and loses what today has no name for', () => {
    const old = { starts: 3, version: '0.1.0', mood: 'good' };
    expect(taken('agent', 'resting', old)).toEqual({
      state: 'stopped',
      context: {
        simulated: [],
        definitions: {},
        starts: 3,
        version: '0.1.0',
        interventions: 0,
        lives: [],
      },
    });
    expect(taken('agent', 'running', old)?.state).toBe('running');
  });

  test('a breaker in a state that is unknown today lets nobody through before its next probe', () => {
    const old = { service: 'LLM', dueAt: NOW + SECOND, generation: 7, options: { openForMs: 5 } };
    expect(taken('breaker', 'forcedOpen', old)).toEqual({
      state: 'open',
      context: {
        service: 'LLM',
        options: { ...defaultBreakerOptions, openForMs: 5 },
        failures: 0,
        generation: 7,
        dueAt: NOW + SECOND,
        probes: [],
        passed: 0,
        isolatedFrom: null,
      },
    });
    expect(taken('breaker', 'forcedOpen', {})?.context['dueAt']).toBe(NOW);
    expect(taken('breaker', 'isolated', {})?.context['isolatedFrom']).toBe('closed');
  });

  test('a health checker is in the state of what it knows', () => {
    const old = { service: 'LLM', health: 'UNHEALTHY', error: unavailable };
    expect(taken('health', 'unwell', old)).toEqual({
      state: 'unhealthy',
      context: {
        ...old,
        options: defaultHealthOptions,
        dueAt: NOW,
        since: NOW,
      },
    });
  });

  test.for([
    [{ n: 1, mutedBy: 'silence:1', acknowledgedBy: 'ada' }, 'silenced'],
    [{ n: 1, acknowledgedBy: 'ada' }, 'acknowledged'],
    [{ n: 2 }, 'firing'],
    [{ n: 0 }, 'pending'],
  ] as const)('an incident with %j is %s', ([old, state]) => {
    expect(taken('incident', 'escalated', old)).toMatchObject({ state, context: old });
  });

  test.for([
    ['on', NOW - SECOND, 'active', NOW + SECOND],
    ['on', NOW + 1, 'scheduled', NOW + 1],
  ] as const)('a silence that was %s, from %i, is %s', ([old, from, state, dueAt]) => {
    const until = NOW + SECOND;
    expect(taken('silence', old, { from, until })).toMatchObject({ state, context: { dueAt } });
  });

  test('a campaign that somebody works on is left to the version that began it', () => {
    expect(taken('campaign', 'paused', { id: 'campaign:a', active: 1 })).toBeNull();
    expect(taken('campaign', 'resting', { id: 'campaign:a' })).toBeNull();
    expect(taken('campaign', 'holding', { id: 'campaign:a', queued: 3 })).toMatchObject({
      state: 'holding',
      context: { id: 'campaign:a', queued: 3, active: 0 },
    });
  });
});
