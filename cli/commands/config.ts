import {
  callingRulesOf,
  llmProviderOf,
  readConfig,
  simulatedServices,
  type Config,
  type Setting,
} from '../../config.ts';
import { envExample } from '../../config/example.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';

/** What is in force where nobody has said it and it follows from what else is set. */
function following(config: Config): { readonly [name: string]: string | number } {
  const simulated = simulatedServices(config);
  const { window, callsPerSecond } = callingRulesOf(config, simulated.includes('Telephony'));
  const provider = llmProviderOf(config);
  return {
    CALL_WINDOW: window,
    CALLS_PER_SECOND: callsPerSecond ?? 'off',
    ...(provider !== null && { LLM_PROVIDER: provider }),
  };
}

function inForce(config: Config, fromFile: ReadonlySet<string>): Setting[] {
  const derived = following(config);
  return config.settings.map((setting) => {
    const { name, value, source } = setting;
    if (source === 'environment' && fromFile.has(name)) return { ...setting, source: '.env' };
    return value === null && derived[name] !== undefined
      ? { ...setting, value: derived[name] }
      : setting;
  });
}

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
    const settings = inForce(readConfig(environment.values), environment.fromFile);
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
