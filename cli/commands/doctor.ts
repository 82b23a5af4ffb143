import { readConfig } from '../../config.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { checkChannels } from '../channels.ts';
import { checkFile, checkFolder } from '../check-folder.ts';
import { checkSheet } from '../check-sheet.ts';
import { checkKeyProperty } from '../key-property.ts';
import { checkServices, findingLine, type Finding } from '../preflight.ts';
import { dataDirOf } from '../session.ts';
import { wrap } from '../wrap.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary:
    'Check every service and alert channel for real, say what is missing and how to get it; changes nothing',
  details:
    'Exit code 1 when something that is set does not work.\n\n' +
    'Example\n  npx call-agent doctor',
  flags: [],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io, environment } = invocation;
    const config = readConfig(environment.values);
    const findings: Finding[] = [
      ...(await checkServices(config)),
      ...(await checkChannels(config, dataDirOf(invocation))),
      ...(await checkSheet(config)),
      ...(await checkKeyProperty(config)),
      checkFolder('data folder', dataDirOf(invocation)),
      checkFile('log file', config.LOG_FILE_PATH),
    ];
    if (flags.json) io.result(JSON.stringify(findings));
    else {
      for (const finding of findings) io.result(wrap(findingLine(finding, io), io.columns));
    }
    return findings.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
  },
};
