import fs from 'node:fs';
import { sendCommand } from '../../runtime/control.ts';
import { resetOffline } from '../../runtime/offline.ts';
import type { Status } from '../../runtime/status.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf, existingJournalOf, journalDirOf } from '../session.ts';
import { status, tellStatus } from './status.ts';

export const reset: Command = {
  name: 'reset',
  usage: 'reset [SERVICE...]',
  summary: 'Close the circuit breakers of the named services, or of all',
  details:
    'Reaches the agent that is running on the data folder; without one it writes the journal\n' +
    'itself. An isolated breaker is released.\n\nExamples\n  npx call-agent reset\n  npx call-agent reset ElevenLabs LLM',
  flags: [],
  positionals: { least: 0, most: 20 },
  async run(invocation) {
    const dir = dataDirOf(invocation);
    const services = invocation.positionals.length > 0 ? invocation.positionals : null;
    const by = 'npx call-agent reset';
    if (services !== null || fs.existsSync(journalDirOf(dir))) {
      existingJournalOf(invocation);
      const reached = await sendCommand(dir, { type: 'reset', services, by });
      if (reached) {
        // The journal may be further by now: a contact that waited for the reset has failed again.
        tellStatus(invocation, reached.result as Status);
        return EXIT.done;
      }
      resetOffline(dir, services, by);
    }
    return status.run(invocation);
  },
};
