import type { Observer } from '../../runtime/recorder.ts';
import { connectInspector } from '../../sinks/inspector/connect.ts';
import { startInspectorRelay } from '../../sinks/inspector/relay.ts';
import { numberFlag } from '../arguments.ts';
import { openBrowser } from '../browser.ts';
import type { Command, Invocation } from '../command.ts';
import { UsageError } from '../exit.ts';
import { runCampaign } from './campaign-run.ts';
import { playOnce, scenarioNamed } from './scenario.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: 'inspect scenario NAME|campaign run FILE.csv [--port N] [--no-open]',
  summary: 'Play a scenario, or run a campaign, and show its actors in the Stately inspector',
  details:
    'Starts a relay on 127.0.0.1 and prints its ws:// address, which any viewer of the\n' +
    '@statelyai/inspect protocol can connect to. The page it opens embeds stately.ai/inspect and\n' +
    'so needs the internet; numbers and keys are masked before they leave the process. Without\n' +
    'the internet, npx call-agent serve shows the statecharts.\n' +
    'A campaign takes the flags of campaign run, and really calls where keys are set.\n\nExamples\n' +
    '  npx call-agent inspect scenario full-demo --speed 1\n' +
    '  npx call-agent inspect campaign run contacts.csv --port 8080 --no-open',
  flags: ['port', 'no-open', 'concurrency', 'default-country', 'wait', 'again'],
  positionals: { least: 2, most: 3 },
  run: runInspected,
};

type Work = (observers: readonly Observer[]) => Promise<number>;

/** What is to be looked at. @throws UsageError when it is nothing we know */
function workOf(invocation: Invocation): Work {
  const [what, name = '', file] = invocation.positionals;
  if (what === 'scenario' && file === undefined) {
    const scenario = scenarioNamed(name);
    return (observers) => playOnce(invocation, scenario, observers);
  }
  if (what === 'campaign' && name === 'run' && file !== undefined) {
    return (observers) => runCampaign({ ...invocation, positionals: [file] }, observers);
  }
  throw new UsageError(`Usage: npx call-agent ${inspect.usage}`);
}

async function runInspected(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation;
  const work = workOf(invocation);
  const port = numberFlag('port', flags.port, 8080, { least: 0, most: 65_535, isWhole: true });
  const relay = await startInspectorRelay({ port });
  const connection = connectInspector(relay.url);
  try {
    io.complain(`Inspector: ${relay.url}`);
    io.talk(`Page (needs the internet; npx call-agent serve does not): ${relay.pageUrl}`);
    if (io.isInteractive && !flags['no-open']) openBrowser(relay.pageUrl);
    const code = await work([connection.inspect]);
    await connection.flush();
    return code;
  } finally {
    connection.close();
    await relay.close();
  }
}
