import { readConfig } from '../../config.ts';
import { envExample } from '../../config/example.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';

export const config: Command = {
  name: 'config',
  usage: 'config [--example]',
  summary: 'What is in force, and where each value comes from; secrets masked',
  details:
    'A value comes from the environment, else from .env, else from PROFILE (low-traffic,\n' +
    'high-traffic or production), else it is the default. A service has its own with its name in\n' +
    'front: ELEVENLABS_RETRY_MAX_ATTEMPTS. Times are in seconds.\n' +
    '--example prints an .env to start from.\n\n' +
    'Examples\n  npx call-agent config\n  npx call-agent config --example > .env',
  flags: ['example'],
  positionals: { least: 0, most: 0 },
  run({ flags, io, environment }) {
    if (flags.example) {
      io.result(envExample().trimEnd());
      return Promise.resolve(EXIT.done);
    }
    const settings = readConfig(environment.values).settings.map((setting) => {
      const isFromFile = setting.source === 'environment' && environment.fromFile.has(setting.name);
      return isFromFile ? { ...setting, source: '.env' } : setting;
    });
    if (flags.json) {
      io.result(JSON.stringify(settings));
      return Promise.resolve(EXIT.done);
    }
    const width = Math.max(...settings.map(({ name }) => name.length));
    for (const { name, value, source } of settings) {
      const text = value === null ? '(not set)' : String(value);
      const from = source === 'default' ? io.paint('dim', source) : source;
      io.result(`${name.padEnd(width)}  ${text}  ${from}`);
    }
    return Promise.resolve(EXIT.done);
  },
};
