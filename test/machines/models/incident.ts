import assert from 'node:assert/strict';
import {
  incidentMachine,
  type IncidentEvent,
  type IncidentInput,
  type Told,
} from '../../../machines/incident.ts';
import { MINUTE, NOW, SECOND } from '../fixtures.ts';
import type { Model } from './model.ts';

const input = (more: Partial<IncidentInput> = {}): IncidentInput => ({
  id: 'alert:1',
  key: 'breaker.opened ElevenLabs',
  rule: 'breaker.opened',
  severity: 'critical',
  service: 'ElevenLabs',
  since: NOW,
  dueAt: null,
  ...more,
});

const text = { title: 'it opened', paragraphs: ['It is open.'], facts: [] };
const told = (at: number, reach: number | null = null): Told => ({
  text,
  revision: 1,
  reach,
  dueAt: at + MINUTE,
});

export const incidentModel: Model<typeof incidentMachine> = {
  machine: incidentMachine,
  explored: [input(), input({ dueAt: NOW + 5 * MINUTE })],

  events: ({ context }, at): IncidentEvent[] => [
    { type: 'alert.raised', at, ...told(at) },
    { type: 'alert.updated', at, why: 'changed', ...told(at) },
    { type: 'alert.updated', at, why: 'escalated', ...told(at, 1) },
    { type: 'alert.waits', at, dueAt: at + SECOND },
    { type: 'alert.waits', at, dueAt: null },
    { type: 'alert.acknowledged', at, by: 'Ada' },
    { type: 'alert.silenced', at, by: 'silence:1' },
    { type: 'alert.unsilenced', at },
    { type: 'alert.resolved', at, text },
    { type: 'alert.resolved', at, text: null },
    ...(context.dueAt === null
      ? []
      : [{ type: 'timer.fired' as const, at: Math.max(at, context.dueAt) }]),
  ],

  fingerprint: ({ value, context: { n, isDue, dueAt, acknowledgedBy, mutedBy } }) => [
    value,
    n > 0,
    isDue,
    dueAt !== null,
    acknowledgedBy,
    mutedBy,
  ],

  check: ({ before, event, after }) => {
    const { n, isDue, dueAt, raisedAt, acknowledgedBy, mutedBy, result, kind } = after.context;
    const wasTold = before.context.n;
    const tells = 'text' in event && event.text !== null && n > wasTold;
    assert.equal(n - wasTold, tells ? 1 : 0, 'one message for each thing told');
    assert.ok(!isDue || dueAt === null, 'what is due waits no longer');
    assert.equal(
      mutedBy !== null,
      after.value === 'silenced' || (after.status === 'done' && before.value === 'silenced'),
    );
    if (after.value === 'firing') assert.ok(n > 0 && raisedAt !== null, 'it fires when it is told');
    if (after.value === 'acknowledged') assert.notEqual(acknowledgedBy, null);
    if (before.value === 'silenced' || before.value === 'acknowledged') {
      assert.ok(!tells || event.type === 'alert.resolved', 'only the end is told');
    }
    assert.equal(result !== null, after.status === 'done');
    if (after.status !== 'done') return;
    assert.deepEqual(after.output, { at: event.at, messages: n });
    assert.ok(!tells || kind === 'resolved');
  },
};
