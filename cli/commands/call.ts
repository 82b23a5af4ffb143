import { promptProblem } from '../../actors/providers/prompt.ts';
import { phoneOf } from '../../actors/single-call.ts';
import { readConfig } from '../../config.ts';
import { EndingsSink } from '../../sinks/console/ending.ts';
import { StepsSink } from '../../sinks/console/steps.ts';
import { speedOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import { announce, dataDirOf, withAgent } from '../session.ts';

export const call: Command = {
  name: 'call',
  usage: 'call --name NAME --phone +NUMBER [--simulate-503]',
  summary: 'Call one person',
  details:
    '--simulate-503 lets ElevenLabs fail with 503 for as long as it is tried; such a call uses\n' +
    'simulated services only. Exit code 1 when the call is not completed.\n\nExamples\n' +
    '  npx call-agent call --name "Ada Lovelace" --phone +14155550101\n' +
    '  npx call-agent call --name Ada --phone +14155550101 --simulate-503 --speed 20',
  flags: ['name', 'phone', 'simulate-503'],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io, environment } = invocation;
    const { name = '', phone } = flags;
    if (phone === undefined) throw new UsageError(`Usage: npx call-agent ${call.usage}`);
    // Before there is an agent: a wrong number leaves nothing behind.
    phoneOf({ name, phone });
    const problem = promptProblem(readConfig(environment.values).SCRIPT_PROMPT, ['name']);
    if (problem !== null) io.talk(io.paintTalk('yellow', `SCRIPT_PROMPT: ${problem}.`));
    const simulate503 = flags['simulate-503'] === true;
    const write = flags.json ? io.talk : io.result;
    return withAgent(
      {
        dataDir: dataDirOf(invocation),
        speed: speedOf(flags, 1),
        env: environment.values,
        sinks: ({ artefacts }) => [
          flags.quiet ? new EndingsSink(write) : new StepsSink({ write, artefacts }),
        ],
      },
      async (agent) => {
        if (!simulate503) announce(agent, io);
        const result = await agent.makeSingleCall({ name, phone }, { simulate503 });
        await agent.flush();
        const { status, disposition, attempts, error, steps } = result;
        if (flags.json) io.result(JSON.stringify({ status, disposition, attempts, error, steps }));
        return status === 'completed' ? EXIT.done : EXIT.failed;
      },
      () => process.exit(EXIT.interrupted),
    );
  },
};
