import { play, type Played } from '../../scenarios/play.ts';
import { findScenario, scenarios } from '../../scenarios/registry.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { VirtualTime, type Drive } from '../../scenarios/virtual.ts';
import { SystemClock } from '../../runtime/clock.ts';
import type { Observer } from '../../runtime/recorder.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import { withDashboard } from '../dashboard/beside.ts';
import { dataDirOf, withAgent } from '../session.ts';
import { SCENARIO_DATA, SCENARIO_SPEED, stageOptions } from '../stage.ts';
import { Standstill } from '../standstill.ts';
import { wrap } from '../wrap.ts';

/** @throws UsageError when there is no such scenario */
export function scenarioNamed(name: string): Scenario {
  const scenario = findScenario(name);
  if (scenario) return scenario;
  const names = scenarios.map((known) => known.name).join(', ');
  throw new UsageError(`There is no scenario called "${name}": known are ${names}`);
}

function list({ flags, io }: Invocation): number {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const lines = scenarios.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`);
  const names = scenarios.map(({ name, summary }) => ({ name, summary }));
  io.result(flags.json ? JSON.stringify(names) : wrap(lines.join('\n'), io.columns));
  return EXIT.done;
}

const reported = ({ scenario, problems, calls, alerts }: Played) => ({
  scenario,
  ok: problems.length === 0,
  calls,
  alerts: alerts.map(({ rule, severity, state, service }) => ({ rule, severity, state, service })),
});

const timeOf = ({ isVirtual }: Scenario, speed: number): string =>
  isVirtual ? 'in virtual time' : `${speed}× faster than life`;

/**
 * Of virtual time between two scenarios in one folder: what the first has done no longer counts in
 * the rates of the last minutes, nor does its alert seem to come and go.
 */
const APART_MS = 900_000;
const afterLast = (notBefore: number): number => (notBefore === 0 ? 0 : notBefore + APART_MS);

/** Plays one scenario on an agent of its own. @returns the exit code */
export async function playOnce(
  invocation: Invocation,
  scenario: Scenario,
  observers: readonly Observer[] = [],
): Promise<number> {
  const { flags, io } = invocation;
  const place = stageOptions(invocation, scenario.env);
  const { speed } = place;
  const virtual = scenario.isVirtual ? new VirtualTime(Date.now(), afterLast) : null;
  const makeClock = (last: number) => new SystemClock({ speed, notBefore: afterLast(last) });
  const options = { ...place, world: scenario.world ?? {}, observers };
  return withAgent(
    virtual ? virtual.options(options) : { ...options, makeClock },
    async (agent, state) => {
      const drive = virtual ? virtual.driverOf(agent) : itself;
      agent.reset(null, `scenario ${scenario.name}`);
      agent.command({ type: 'alerts.close', by: `scenario ${scenario.name}` });
      await agent.flush();
      io.talk(
        `Scenario ${scenario.name}: ${scenario.summary}. All services are simulated, ${timeOf(scenario, speed)}.`,
      );
      const write = flags.json ? io.talk : io.result;
      const standstill = new Standstill();
      const played = await drive(play(scenario, agent, write, place));
      for (const problem of played.problems) io.complain(`Not as promised: ${problem}`);
      const reason = played.problems.length > 0 && !virtual ? standstill.sentence(speed) : null;
      if (reason !== null) io.complain(reason);
      if (flags.json) io.result(JSON.stringify(reported(played)));
      if (state.interrupted) return EXIT.interrupted;
      return played.problems.length === 0 ? EXIT.done : EXIT.failed;
    },
    () => process.exit(EXIT.interrupted),
  );
}

const itself: Drive = (work) => work;

export const scenario: Command = {
  name: 'scenario',
  usage: 'scenario [NAME] [--serve]',
  summary: 'List the scenarios, or play one against simulated services',
  details:
    `Plays ${SCENARIO_SPEED} times faster than life (--speed 1 for real time) in ${SCENARIO_DATA}, whatever keys are set.\n` +
    'What takes an hour plays in virtual time, at any speed. Exit code 1 when it does not end as\n' +
    'it promises.\n\nExamples\n  npx call-agent scenario\n  npx call-agent scenario recovery --speed 100',
  flags: ['serve', 'port', 'host', 'no-open'],
  positionals: { least: 0, most: 1 },
  run(invocation) {
    const [name] = invocation.positionals;
    if (name === undefined) return Promise.resolve(list(invocation));
    const found = scenarioNamed(name);
    return withDashboard(invocation, dataDirOf(invocation, SCENARIO_DATA), () =>
      playOnce(invocation, found),
    );
  },
};
