import { journalDirOf, dataDirOf } from '../session.ts';
import { openBrowser } from '../browser.ts';
import type { Command } from '../command.ts';
import { dashboardOptions } from '../dashboard/options.ts';
import { journalAt } from '../dashboard/journal-at.ts';
import { fileStage, folderStage, keptIn } from '../dashboard/stage.ts';
import { untilInterrupted } from '../dashboard/beside.ts';
import { EXIT } from '../exit.ts';
import type { Invocation } from '../command.ts';
import type { Backstage } from '../../sinks/dashboard/server/api.ts';
import type { SourceOptions } from '../../sinks/dashboard/server/journal-source.ts';
import fs from 'node:fs';
import { UserError } from '../../errors.ts';

async function show(
  invocation: Invocation,
  place: string,
  stage: Backstage,
  kept: SourceOptions = {},
): Promise<number> {
  const { flags, io } = invocation;
  const { startDashboard } = await import('../../sinks/dashboard/server/server.ts');
  const dashboard = await startDashboard({
    ...dashboardOptions(invocation),
    place,
    stage,
    ...kept,
  });
  if (flags.json) io.result(JSON.stringify({ url: dashboard.url }));
  else io.result(`Dashboard: ${dashboard.url}`);
  if (io.isInteractive && !flags['no-open']) openBrowser(dashboard.url);
  await untilInterrupted();
  await dashboard.close();
  return EXIT.interrupted;
}

export const serve: Command = {
  name: 'serve',
  usage: 'serve [--port N] [--host ADDRESS] [--no-open]',
  summary: 'The dashboard of the data folder, in the browser',
  details:
    'Shows what the agent is doing, live, and any moment before: it reads the journal, beside a\n' +
    'running agent or without one, and passes on what you ask for (without an agent\n' +
    'it writes to the journal what needs none). It is for this machine only;\n' +
    'another address needs DASHBOARD_TOKEN, which is then asked for once, as ?token=… .\n' +
    'Runs until Ctrl-C.\n\nExamples\n  call-agent serve\n  call-agent serve --data data/scenarios --port 8000',
  flags: ['port', 'host', 'no-open'],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const dataDir = dataDirOf(invocation);
    if (!fs.existsSync(dataDir)) {
      throw new UserError(`There is no folder ${dataDir}: nothing has been run there yet.`);
    }
    const { io, environment } = invocation;
    const stage = folderStage(dataDir, environment.values);
    return show(invocation, journalDirOf(dataDir), stage, keptIn(dataDir, io.complain));
  },
};

export const open: Command = {
  name: 'open',
  usage: 'open JOURNAL [--port N] [--no-open]',
  summary: 'A journal file or folder alone in the dashboard, to look at',
  details:
    'Needs no data folder and changes nothing. A journal file can also be dropped on the page of\n' +
    'any dashboard; it does not leave the browser then.\n\nExamples\n' +
    '  call-agent open data/journal\n  call-agent open 00000000000000000001.jsonl',
  flags: ['port', 'host', 'no-open'],
  positionals: { least: 1, most: 1 },
  run(invocation) {
    const [place = ''] = invocation.positionals;
    return show(invocation, journalAt(place), fileStage);
  },
};
