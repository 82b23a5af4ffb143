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
      version: '1.0.0',
      simulated: ['LLM'],
      definitions: { call: '1f0a' },
    },
    { type: 'agent.stopped', at },
  ],

  fingerprint: ({ value, context }) => [value, Math.min(context.starts, 2)],

  check: ({ before, event, after }) => {
    const isStart = event.type === 'agent.started';
    assert.equal(after.value, isStart ? 'running' : 'stopped');
    assert.equal(after.context.starts, before.context.starts + (isStart ? 1 : 0));
  },
};
