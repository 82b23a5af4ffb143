import assert from 'node:assert/strict';
import { silenceMachine, type SilenceEvent } from '../../../machines/silence.ts';
import { MINUTE, NOW } from '../fixtures.ts';
import type { Model } from './model.ts';

const match = { services: ['ElevenLabs'], rules: [] };

export const silenceModel: Model<typeof silenceMachine> = {
  machine: silenceMachine,
  explored: [
    { id: 'silence:1', match, from: NOW, until: NOW + MINUTE, by: 'Ada' },
    { id: 'silence:2', match, from: NOW + MINUTE, until: NOW + 2 * MINUTE, by: 'Ada' },
  ],

  events: ({ context }, at): SilenceEvent[] => [
    { type: 'silence.lifted', at, by: 'Grace' },
    { type: 'timer.fired', at: Math.max(at, context.dueAt) },
  ],

  fingerprint: ({ value }) => value,

  check: ({ before, event, after }) => {
    const { dueAt, from, until, liftedBy, result } = after.context;
    if (after.status === 'done') {
      assert.equal(liftedBy !== null, event.type === 'silence.lifted');
      assert.deepEqual(after.output, { at: event.at });
      return;
    }
    assert.equal(result, null);
    assert.equal(dueAt, after.value === 'active' ? until : from);
    assert.equal(before.value, 'scheduled');
  },
};
