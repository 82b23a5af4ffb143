import { connectInspector } from '../../sinks/inspector/connect.ts';
import { startInspectorRelay } from '../../sinks/inspector/relay.ts';
import { numberFlag } from '../arguments.ts';
import { openBrowser } from '../browser.ts';
import type { Command, Invocation } from '../command.ts';
import { UsageError } from '../exit.ts';
import { playOnce, scenarioNamed } from './scenario.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: 'inspect scenario NAME [--port N] [--no-open]',
  summary: 'Play a scenario and show its actors in the Stately inspector',
  details:
    'Starts a relay on 127.0.0.1 and prints its ws:// address, which any viewer of the\n' +
    '@statelyai/inspect protocol can connect to. The page it opens embeds stately.ai/inspect and\n' +
    'so needs the internet; numbers and keys are masked before they leave the process.\n\nExamples\n' +
    '  npx call-agent inspect scenario full-demo --speed 1\n  npx call-agent inspect scenario recovery --port 8080 --no-open',
  flags: ['port', 'no-open'],
  positionals: { least: 2, most: 2 },
  run: inspectScenario,
};

async function inspectScenario(invocation: Invocation): Promise<number> {
  const { flags, io, positionals } = invocation;
  const [what, name = ''] = positionals;
  if (what !== 'scenario') throw new UsageError(`Usage: npx call-agent ${inspect.usage}`);
  const scenario = scenarioNamed(name);
  const port = numberFlag('port', flags.port, 8080, { least: 0, most: 65_535, isWhole: true });
  const relay = await startInspectorRelay({ port });
  const connection = connectInspector(relay.url);
  try {
    io.complain(`Inspector: ${relay.url}`);
    io.talk(`Page (needs the internet): ${relay.pageUrl}`);
    if (io.isInteractive && !flags['no-open']) openBrowser(relay.pageUrl);
    const code = await playOnce(invocation, scenario, [connection.inspect]);
    await connection.flush();
    return code;
  } finally {
    connection.close();
    await relay.close();
  }
}
