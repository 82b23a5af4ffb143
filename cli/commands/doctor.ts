import fs from 'node:fs';
import path from 'node:path';
import { makeServices } from '../../actors/services.ts';
import {
  readConfig,
  secretsOf,
  simulatedServices,
  SERVICES,
  type Config,
  type ServiceName,
} from '../../config.ts';
import { redact } from '../../runtime/redact.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf } from '../session.ts';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'simulated' | 'warning' | 'failed';
  readonly message: string;
}

/** What to set, and where to get it. */
const missing: { readonly [service in ServiceName]: string } = {
  LLM: 'set OPENAI_API_KEY (platform.openai.com, API keys) or ANTHROPIC_API_KEY (console.anthropic.com, API keys)',
  ElevenLabs: 'set ELEVENLABS_API_KEY (elevenlabs.io, profile, API keys)',
  Telephony:
    'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER (console.twilio.com, account info)',
  CRM: 'set HUBSPOT_ACCESS_TOKEN (HubSpot settings, integrations, private apps)',
};

async function checkService(service: ServiceName, config: Config): Promise<Finding> {
  if (simulatedServices(config).includes(service)) {
    return { what: service, state: 'simulated', message: missing[service] };
  }
  const { llm, speech, telephony, crm } = makeServices(config, { fetch });
  const clients = { LLM: llm, ElevenLabs: speech, Telephony: telephony, CRM: crm };
  const timeoutMs = config.services[service].HEALTH_CHECK_TIMEOUT * 1000;
  let start = performance.now();
  try {
    if (service === 'LLM') await llm.load();
    start = performance.now();
    await clients[service].check(AbortSignal.timeout(timeoutMs));
    return {
      what: service,
      state: 'ok',
      message: `answers in ${Math.round(performance.now() - start)} ms`,
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { what: service, state: 'failed', message: redact(said, secretsOf(config)) };
  }
}

function checkTelephony(config: Config): Finding[] {
  if (simulatedServices(config).includes('Telephony')) return [];
  const findings: Finding[] = [];
  if (config.TWILIO_FROM_NUMBER === undefined) {
    const message = 'no caller number: set TWILIO_FROM_NUMBER to a number of your account';
    findings.push({ what: 'Telephony', state: 'failed', message });
  }
  const message =
    "Twilio speaks the script with its own voice; the ElevenLabs voice can't be heard";
  findings.push({ what: 'Telephony', state: 'warning', message });
  return findings;
}

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

const marks = { ok: '✓', simulated: '○', warning: '!', failed: '✗' } as const;
const colours = { ok: 'green', simulated: 'yellow', warning: 'yellow', failed: 'red' } as const;

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary: 'Check every service for real, say what is missing and how to get it; changes nothing',
  details: 'Exit code 1 when something that is set does not work.',
  flags: [],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io, environment } = invocation;
    const config = readConfig(environment.values);
    const findings: Finding[] = [
      ...(await Promise.all(SERVICES.map((service) => checkService(service, config)))),
      ...checkTelephony(config),
      checkFolder('data folder', dataDirOf(invocation)),
      checkFolder('log file', path.dirname(config.LOG_FILE_PATH)),
    ];
    if (flags.json) io.result(JSON.stringify(findings));
    else {
      for (const { what, state, message } of findings) {
        io.result(`${io.paint(colours[state], marks[state])} ${what}: ${state}: ${message}`);
      }
    }
    return findings.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
  },
};
