/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { agentMachine, type AgentEvent } from '../../machines/agent.ts';
import { NOW } from './fixtures.ts';
import { given, untriedTransitions } from './given.ts';

const started = (version = '1.0.0', simulated: readonly string[] = ['Telephony']): AgentEvent => ({
  type: 'agent.started',
  at: NOW,
  wall: NOW + 7,
  speed: 1,
  version,
  simulated,
  definitions: { call: `hash of ${version}` },
});
const stopped: AgentEvent = { type: 'agent.stopped', at: NOW };

const agent = given(agentMachine, undefined);

describe('a stopped agent', () => {
  test('has never run at first', () => {
    expect(agent.snapshot.value).toBe('stopped');
    expect(agent.snapshot.context).toEqual({
      simulated: [],
      definitions: {},
      starts: 0,
      version: '',
      interventions: 0,
      lives: [],
    });
  });

  test('runs with what it was started with', () => {
    agent.when(started()).thenIt({
      is: 'running',
      has: {
        starts: 1,
        version: '1.0.0',
        simulated: ['Telephony'],
        definitions: { call: 'hash of 1.0.0' },
        lives: [{ at: NOW, wall: NOW + 7, speed: 1 }],
      },
    });
  });

  test('cannot be stopped again', () => {
    agent.when(stopped).thenItIsIgnored();
  });
});

describe('a running agent', () => {
  test('says goodbye', () => {
    agent
      .events(started())
      .when(stopped)
      .thenIt({ is: 'stopped', has: { starts: 1 } });
  });

  test('runs on, with something new, when it is started after a crash', () => {
    const { snapshot, ...then } = agent.events(started()).when(started('1.1.0', []));
    then.thenIt({ is: 'running', has: { starts: 2, version: '1.1.0', simulated: [] } });
    expect(snapshot.context.definitions).toEqual({ call: 'hash of 1.1.0' });
  });

  test('remembers its last sixteen starts', () => {
    const starts = Array.from({ length: 20 }, (_, index) => ({ ...started(), at: NOW + index }));
    const { lives } = agent.events(...starts).snapshot.context;
    expect(lives.map(({ at }) => at - NOW)).toEqual(starts.slice(4).map(({ at }) => at - NOW));
  });
});

describe.for([
  ['stopped', agent],
  ['running', agent.events(started())],
] as const)('a %s agent', ([is, given]) => {
  const at = { at: NOW, contact: '0007', by: 'cli' };

  test('notes what a person has decided about a contact of no campaign', () => {
    const verdict: AgentEvent = { type: 'contact.decided', verdict: 'skip', ...at };
    given.when(verdict).thenIt({ is, has: { interventions: 1 } });
  });

  test('notes that a contact was erased', () => {
    given.when({ type: 'contact.erased', ...at }).thenIt({ is, has: { interventions: 1 } });
  });
});

test('every transition of an agent has a sentence above', () => {
  expect(untriedTransitions(agentMachine)).toEqual([]);
});
