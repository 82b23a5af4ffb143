import assert from 'node:assert/strict';
import { agentMachine } from '../../../machines/agent.ts';
import type { Model } from './model.ts';

export const agentModel: Model<typeof agentMachine> = {
  machine: agentMachine,
  explored: [undefined],

  events: (_, at) => [
    {
      type: 'agent.started',
      at,
      wall: at,
      speed: 1,
      version: '1.0.0',
      simulated: ['LLM'],
      definitions: { call: '1f0a' },
    },
    { type: 'agent.stopped', at },
    { type: 'contact.decided', at, contact: '0007', verdict: 'skip', by: 'cli' },
    { type: 'contact.erased', at, contact: '0007', by: 'cli' },
  ],

  fingerprint: ({ value, context }) => [
    value,
    Math.min(context.starts, 2),
    Math.min(context.interventions, 2),
  ],

  check: ({ before, event, after }) => {
    const isStart = event.type === 'agent.started';
    const isIntervention = event.type.startsWith('contact.');
    const { starts, interventions } = before.context;
    const goesOn = isStart || (isIntervention && before.value === 'running');
    assert.equal(after.value, goesOn ? 'running' : 'stopped');
    assert.equal(after.context.starts, starts + (isStart ? 1 : 0));
    assert.equal(after.context.interventions, interventions + (isIntervention ? 1 : 0));
  },
};
