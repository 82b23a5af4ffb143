import { assign, setup } from 'xstate';
import type { ContactDecided } from './campaign-protocol.ts';

/** The beginning of a life of the program: its own time beside the one that the computer told. */
export interface LifeStart {
  /** Epoch ms, on the program's clock. */
  readonly at: number;
  /** Epoch ms, on the computer's. */
  readonly wall: number;
  /** Times as fast as life. */
  readonly speed: number;
}

const MOST_LIVES = 16;

export interface AgentContext {
  /** Services that the simulated world stands in for. */
  readonly simulated: readonly string[];
  /** Machine name → hash of its definition, as it was when the agent last started. */
  readonly definitions: { readonly [machine: string]: string };
  readonly starts: number;
  /** Version of the program that last started. */
  readonly version: string;
  /** What people have decided about contacts of no campaign that goes on, and whom they erased. */
  readonly interventions: number;
  /** The last sixteen starts, oldest first. */
  readonly lives: readonly LifeStart[];
}

export type AgentEvent =
  | {
      readonly type: 'agent.started';
      readonly at: number;
      readonly wall: number;
      readonly speed: number;
      readonly version: string;
      readonly simulated: readonly string[];
      readonly definitions: { readonly [machine: string]: string };
    }
  | { readonly type: 'agent.stopped'; readonly at: number }
  | ContactDecided
  | {
      readonly type: 'contact.erased';
      readonly at: number;
      readonly contact: string;
      readonly by: string;
    };

/** The program itself, as the journal knows it: when it ran, with what, and whether it said goodbye. */
export const agentMachine = setup({
  types: { context: {} as AgentContext, events: {} as AgentEvent },
  actions: {
    noteStart: assign(
      ({ context }, start: Omit<AgentContext, 'starts' | 'interventions' | 'lives'>) => ({
        ...start,
        starts: context.starts + 1,
      }),
    ),
    noteLife: assign(({ context }, life: LifeStart) => ({
      lives: [...context.lives, life].slice(-MOST_LIVES),
    })),
    noteIntervention: assign({ interventions: ({ context }) => context.interventions + 1 }),
  },
}).createMachine({
  id: 'agent',
  initial: 'stopped',
  context: { simulated: [], definitions: {}, starts: 0, version: '', interventions: 0, lives: [] },
  on: {
    'contact.decided': { actions: 'noteIntervention' },
    'contact.erased': { actions: 'noteIntervention' },
    'agent.started': {
      target: '.running',
      actions: [
        {
          type: 'noteStart',
          params: ({ event: { simulated, definitions, version } }) => ({
            simulated,
            definitions,
            version,
          }),
        },
        {
          type: 'noteLife',
          params: ({ event: { at, wall, speed } }) => ({ at, wall, speed }),
        },
      ],
    },
  },
  states: {
    stopped: {},
    running: { on: { 'agent.stopped': 'stopped' } },
  },
});
