import fs from 'node:fs';
import path from 'node:path';
import { readConfig } from '../../config.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { checkChannels } from '../channels.ts';
import { checkSheet } from '../check-sheet.ts';
import { checkKeyProperty } from '../key-property.ts';
import { checkServices, findingLine, type Finding } from '../preflight.ts';
import { dataDirOf } from '../session.ts';
import { wrap } from '../wrap.ts';

/** The nearest folder that exists must take new files; nothing is written. */
function checkFolder(what: string, dir: string): Finding {
  let folder = path.resolve(dir);
  while (!fs.existsSync(folder)) folder = path.dirname(folder);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return { what, state: 'ok', message: `${dir} can be written` };
  } catch {
    return { what, state: 'failed', message: `${folder} can't be written` };
  }
}

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
      ...(await checkChannels(config)),
      ...(await checkSheet(config)),
      ...(await checkKeyProperty(config)),
      checkFolder('data folder', dataDirOf(invocation)),
      checkFolder('log file', path.dirname(config.LOG_FILE_PATH)),
    ];
    if (flags.json) io.result(JSON.stringify(findings));
    else {
      for (const finding of findings) io.result(wrap(findingLine(finding, io), io.columns));
    }
    return findings.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
  },
};
