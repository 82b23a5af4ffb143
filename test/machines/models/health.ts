import assert from 'node:assert/strict';
import { defaultHealthOptions, healthMachine } from '../../../machines/health.ts';
import { NOW, SECOND, unavailable } from '../fixtures.ts';
import type { Model } from './model.ts';

export const healthModel: Model<typeof healthMachine> = {
  machine: healthMachine,
  explored: [{ service: 'ElevenLabs', options: defaultHealthOptions, at: NOW }],

  events: ({ context }, at) => [
    { type: 'check.passed', at },
    { type: 'check.failed', at, error: unavailable },
    { type: 'timer.fired', at: Math.max(at, context.dueAt) },
    { type: 'health.restart', at },
    { type: 'health.configure', at, options: { intervalMs: 10 * SECOND, timeoutMs: SECOND } },
  ],

  fingerprint: ({ value, context }) => [value, context.health, context.options],

  check: ({ before, event, after, emitted }) => {
    const { health, since, dueAt, error } = after.context;
    const wasRestarted = event.type === 'health.restart';
    if (after.value !== 'checking') assert.equal(health.toLowerCase(), after.value);
    assert.equal(error !== null, health === 'UNHEALTHY', 'an error while unhealthy only');
    assert.ok(since <= event.at);
    if (health === before.context.health && !wasRestarted) {
      assert.equal(since, before.context.since, 'since its last change');
    }
    assert.ok(dueAt <= event.at + 30 * SECOND, 'the next check is never far');
    const hasRecovered = before.context.health === 'UNHEALTHY' && health === 'HEALTHY';
    assert.deepEqual(
      emitted,
      hasRecovered ? [{ type: 'service.recovered', service: 'ElevenLabs', at: event.at }] : [],
    );
  },
};
