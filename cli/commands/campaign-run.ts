import { refuseUnusable } from '../../actors/campaign-import.ts';
import type { AICallAgent, AgentOptions } from '../../index.ts';
import { ProgressSink } from '../../sinks/console/progress.ts';
import { StepsSink } from '../../sinks/console/steps.ts';
import type { Sink } from '../../sinks/sink.ts';
import { numberFlag, speedOf } from '../arguments.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { withDashboard } from '../dashboard/beside.ts';
import { exitCodeOf, summary } from '../summary.ts';
import { announceSimulated, dataDirOf, withAgent } from '../session.ts';

/** What becomes known on the way. */
interface Watched {
  current?: AICallAgent;
  campaign?: string;
  interrupt?: () => void;
  view?: Sink;
}

/** A display that moves on a terminal, one line per change elsewhere. */
function viewFor(io: Io, agent: Watched): AgentOptions['sinks'] {
  return ({ artefacts }) => {
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
          write: io.talk,
          artefacts,
          label: (corr) => `[${corr.replace('call:', '')}] `,
        });
    agent.view = sink;
    return [sink];
  };
}

export const campaignRun: Command = {
  name: 'campaign run',
  usage: 'campaign run FILE.csv [--concurrency N] [--default-country CC] [--wait] [--serve]',
  summary: 'Call every contact of a list',
  details:
    'The list needs a phone column with country codes; name and every other column are at the\n' +
    "script's disposal. --default-country US reads numbers without a country code as American.\n" +
    'On a data folder with an unfinished run of the same file it goes on with that: Ctrl-C stops\n' +
    'it, and the same command goes on where it stopped. --wait stays also while the campaign is\n' +
    'paused by an error of the account, or has only contacts left that are due later.\n\nExamples\n' +
    '  npx call-agent campaign run contacts.csv\n' +
    '  npx call-agent campaign run contacts.csv --concurrency 10 --json > report.json',
  flags: ['concurrency', 'default-country', 'wait', 'serve', 'port', 'host', 'no-open'],
  positionals: { least: 1, most: 1 },
  run: (invocation) =>
    withDashboard(invocation, dataDirOf(invocation), () => runCampaign(invocation)),
};

async function runCampaign(invocation: Invocation): Promise<number> {
  const { flags, io, positionals } = invocation;
  const defaultCountry = flags['default-country'];
  const concurrency = numberFlag('concurrency', flags.concurrency, 4, {
    least: 1,
    most: 1000,
    isWhole: true,
  });
  const [file = ''] = positionals;
  // A list that can't be used is told before anything is started.
  await refuseUnusable(file, { defaultCountry });
  const seen: Watched = {};
  const sinks = viewFor(io, seen);
  const stop = (agent: AICallAgent): void => {
    if (seen.campaign !== undefined) agent.campaigns.stop(seen.campaign, 'signal');
    seen.interrupt?.();
  };
  return withAgent(
    {
      dataDir: dataDirOf(invocation),
      speed: speedOf(flags, 1),
      env: invocation.environment.values,
      ...(sinks && { sinks }),
    },
    async (agent, state) => {
      seen.current = agent;
      announceSimulated(agent, io);
      const interrupted = new Promise<void>((resolve) => (seen.interrupt = resolve));
      const campaign = await agent.campaigns.open(file, {
        concurrency,
        ...(defaultCountry !== undefined && { defaultCountry }),
      });
      seen.campaign = campaign;
      await Promise.race([
        agent.campaigns.ended(campaign, { wait: flags.wait === true }),
        interrupted,
      ]);
      const report = agent.campaigns.report(campaign);
      await agent.flush();
      await seen.view?.close?.();
      io.result(flags.json ? JSON.stringify(report) : summary(report));
      return state.interrupted ? EXIT.interrupted : exitCodeOf(report);
    },
    stop,
  );
}
