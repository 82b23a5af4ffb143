import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from '../actors/campaigns.ts';
import type { AICallAgent, AgentOptions } from '../index.ts';
import type { Observer } from '../runtime/recorder.ts';
import { Calm } from '../sinks/console/calm.ts';
import { ProgressSink } from '../sinks/console/progress.ts';
import { StepsSink } from '../sinks/console/steps.ts';
import type { Sink } from '../sinks/sink.ts';
import { speedOf } from './arguments.ts';
import type { Invocation } from './command.ts';
import { withDashboard } from './dashboard/beside.ts';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { announce, dataDirOf, withAgent } from './session.ts';
import { exitCodeOf, summary } from './summary.ts';
import { wrap } from './wrap.ts';

/** Readers that have not kept up by then are left behind: a signal is to end the program soon. */
const FLUSH_PATIENCE_MS = 1_500;

/** What becomes known on the way. */
interface Watched {
  current?: AICallAgent;
  campaign?: string;
  interrupt?: () => void;
  view?: Sink;
  sumUp?: () => void;
}

interface Opening {
  /** Refused before anything is started. */
  readonly asked: Asked;
  /** Finds the campaign or begins it. */
  readonly open: (agent: AICallAgent) => Promise<string> | string;
}

/** A display that moves on a terminal; elsewhere one line per change, as many as can be read. */
function viewFor(io: Io, agent: Watched): AgentOptions['sinks'] {
  return ({ artefacts, level }) => {
    const calm = new Calm({ write: io.talk });
    const total = (): number =>
      agent.current && agent.campaign !== undefined
        ? agent.current.campaigns.size(agent.campaign)
        : 0;
    const sink: Sink = io.isWatched
      ? new ProgressSink({
          stream: process.stderr,
          total,
          now: () => agent.current?.clock.now() ?? 0,
        })
      : new StepsSink({
          write: calm.say,
          artefacts,
          level,
          label: (corr) => `[${corr.replace('call:', '')}] `,
        });
    agent.view = sink;
    agent.sumUp = calm.sumUp;
    return [sink];
  };
}

/** A run that is paused or stopped, by a signal or from elsewhere, hands back whom it has in hand. */
async function comeToRest(agent: AICallAgent, isCut: boolean, interrupted: Promise<void>) {
  if (isCut) {
    await agent.windDown();
    await Promise.race([agent.flush(), sleep(FLUSH_PATIENCE_MS, undefined, { ref: false })]);
    return;
  }
  await Promise.race([agent.recordsSettled().then(() => agent.flush()), interrupted]);
}

/**
 * Runs an agent until a campaign has ended, and reports it.
 * @returns the exit code
 */
export function runInForeground(
  invocation: Invocation,
  opening: Opening,
  observers: readonly Observer[] = [],
): Promise<number> {
  return withDashboard(invocation, dataDirOf(invocation), () =>
    run(invocation, opening, observers),
  );
}

async function run(
  invocation: Invocation,
  opening: Opening,
  observers: readonly Observer[],
): Promise<number> {
  const { flags, io } = invocation;
  const seen: Watched = {};
  const sinks = viewFor(io, seen);
  const options = {
    dataDir: dataDirOf(invocation),
    speed: speedOf(flags, 1),
    env: invocation.environment.values,
    observers,
    goesOnWith: opening.asked,
    ...(sinks && { sinks }),
  };
  const stop = (agent: AICallAgent): void => {
    const isOpen = seen.campaign !== undefined && agent.campaigns.isUnfinished(seen.campaign);
    if (isOpen) agent.campaigns.stop(seen.campaign ?? '', 'signal');
    seen.interrupt?.();
  };
  return withAgent(
    options,
    async (agent, state) => {
      seen.current = agent;
      announce(agent, io);
      const interrupted = new Promise<void>((resolve) => (seen.interrupt = resolve));
      const campaign = await opening.open(agent);
      seen.campaign = campaign;
      if (state.interrupted) stop(agent);
      const ended = agent.campaigns.ended(campaign, { wait: flags.wait === true });
      await Promise.race([ended, interrupted]);
      const isCut = state.interrupted || agent.campaigns.isStopped(campaign);
      await comeToRest(agent, isCut, interrupted);
      const report = agent.campaigns.report(campaign);
      await seen.view?.close?.();
      seen.sumUp?.();
      io.result(
        flags.json ? JSON.stringify(report) : wrap(summary(report, flags.data), io.columns),
      );
      return state.interrupted ? EXIT.interrupted : exitCodeOf(report);
    },
    stop,
  );
}
