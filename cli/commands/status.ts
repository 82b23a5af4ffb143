import fs from 'node:fs';
import { SERVICES } from '../../config.ts';
import { readStanding } from '../../runtime/standing.ts';
import { statusOf, type Status } from '../../runtime/status.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf, journalDirOf } from '../session.ts';
import { statusTable } from '../table.ts';

export function tellStatus({ flags, io }: Invocation, report: Status): void {
  io.result(flags.json ? JSON.stringify(report) : statusTable(report, io));
}

export const status: Command = {
  name: 'status',
  usage: 'status',
  summary: 'Circuit breaker and health of each service',
  details:
    'Read from the journal, also while the agent runs.\n\n' +
    'Examples\n  npx call-agent status\n  npx call-agent status --data data/scenarios --json',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const dataDir = dataDirOf(invocation);
    if (!fs.existsSync(journalDirOf(dataDir))) {
      invocation.io.talk(`There is no journal in ${dataDir}: nothing has been run there yet.`);
    }
    const { root, roots } = readStanding(dataDir);
    const others = roots()
      .filter((id) => id.startsWith('breaker:'))
      .map((id) => id.slice('breaker:'.length));
    const report = statusOf([...new Set<string>([...SERVICES, ...others])], root);
    tellStatus(invocation, report);
    return Promise.resolve(EXIT.done);
  },
};
