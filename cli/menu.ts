import { createInterface, type Key } from 'node:readline';
import { play } from '../scenarios/play.ts';
import { fullDemo } from '../scenarios/full-demo.ts';
import { normalCall } from '../scenarios/normal-call.ts';
import { simulated503 } from '../scenarios/simulated-503.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { AICallAgent } from '../index.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit.ts';
import { withAgent } from './session.ts';
import { stageOptions } from './stage.ts';
import { statusTable } from './table.ts';

type Action = (agent: AICallAgent, invocation: Invocation) => Promise<void>;

const playing =
  (scenario: Scenario): Action =>
  async (agent, { io }) => {
    await play(scenario, agent, io.result);
  };

const items: readonly { readonly title: string; readonly action: Action | null }[] = [
  { title: 'Normal Call', action: playing(normalCall) },
  { title: 'Simulate 503', action: playing(simulated503) },
  {
    title: 'View Status',
    action: (agent, { io }) => Promise.resolve(io.result(statusTable(agent.status(), io))),
  },
  {
    title: 'Reset',
    action: (agent, { io }) => {
      agent.reset(null, 'menu');
      return Promise.resolve(io.result('All circuit breakers are closed.'));
    },
  },
  {
    title: 'Full Demo',
    action: (agent, invocation) => {
      agent.reset(null, 'full demo');
      return playing(fullDemo)(agent, invocation);
    },
  },
  { title: 'Exit', action: null },
];

const text = items.map(({ title }, index) => `${index + 1} ${title}`).join(' · ');

/** @returns false when it was the last one */
async function choose(
  number: number,
  agent: AICallAgent,
  invocation: Invocation,
): Promise<boolean> {
  const item = items[number - 1];
  if (!item) return true;
  if (!item.action) return false;
  await item.action(agent, invocation);
  return true;
}

const isPerson = (): boolean =>
  process.stdin.isTTY === true &&
  process.stdout.isTTY === true &&
  process.env['TERM'] !== 'dumb' &&
  process.env['CI'] === undefined;

/** Aborted by Ctrl-D and when the terminal is gone: the prompt itself would wait for ever. */
function endOfInput(): AbortSignal {
  const ended = new AbortController();
  process.stdin.once('end', () => ended.abort());
  process.stdin.on('keypress', (_: unknown, { ctrl, name }: Key) => {
    if (ctrl === true && name === 'd') ended.abort();
  });
  return ended.signal;
}

async function askPerson(agent: AICallAgent, invocation: Invocation): Promise<void> {
  const { default: select } = await import('@inquirer/select');
  const choices = items.map(({ title }, index) => ({ name: title, value: index + 1 }));
  const signal = endOfInput();
  for (let goesOn = true; goesOn;) {
    const number = await select(
      { message: 'AI call agent (all services are simulated here)', choices, loop: false },
      { output: process.stderr, signal },
    );
    goesOn = await choose(number, agent, invocation);
  }
}

/** Numbers from a pipe; an end without a number gets the full demo. */
async function readNumbers(agent: AICallAgent, invocation: Invocation): Promise<void> {
  const { io } = invocation;
  const lines = createInterface({ input: process.stdin, terminal: false });
  let isAsked = false;
  try {
    for await (const line of lines) {
      const word = line.trim();
      if (word === '') continue;
      isAsked = true;
      const number = /^\d+$/.test(word) ? Number(word) : 0;
      if (!items[number - 1]) io.complain(`"${word}" is not on the menu. ${text}`);
      else if (!(await choose(number, agent, invocation))) return;
    }
  } finally {
    // Whoever has it open at the other end would keep this process from ending.
    process.stdin.destroy();
  }
  // A person's Ctrl-D is no wish for the demo.
  if (isAsked || process.stdin.isTTY) return;
  io.talk('No input, so here is the full demo. In a terminal there is a menu.');
  await choose(items.findIndex(({ title }) => title === 'Full Demo') + 1, agent, invocation);
}

/** The menu on a terminal, numbers from a pipe; everything in it is simulated. */
export async function menu(invocation: Invocation): Promise<number> {
  const options = stageOptions(invocation);
  return withAgent(
    options,
    async (agent) => {
      invocation.io.talk(`${text}\n(simulated services, ${options.speed}× faster than life)`);
      try {
        await (isPerson() ? askPerson(agent, invocation) : readNumbers(agent, invocation));
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (name === 'ExitPromptError') return EXIT.interrupted;
        if (name !== 'AbortPromptError') throw error;
      }
      return EXIT.done;
    },
    () => process.exit(EXIT.interrupted),
  );
}
