import { makeServices, type Services } from '../actors/services.ts';
import {
  callerProblem,
  secretsOf,
  simulatedServices,
  SERVICES,
  type Config,
  type ServiceName,
} from '../config.ts';
import { redact } from '../runtime/redact.ts';
import { checkVoice, type Finding } from './check-voice.ts';
import type { Io } from './io.ts';

export type { Finding };

/** What to set, and where to get it. */
const missing: { readonly [service in ServiceName]: string } = {
  LLM: 'set OPENAI_API_KEY (platform.openai.com, API keys) or ANTHROPIC_API_KEY (console.anthropic.com, API keys)',
  ElevenLabs: 'set ELEVENLABS_API_KEY (elevenlabs.io, profile, API keys)',
  Telephony:
    'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER (console.twilio.com, account info)',
  CRM: 'set HUBSPOT_ACCESS_TOKEN (HubSpot settings, integrations, private apps)',
};

/** Four short sentences, as the LLM is asked for: a rough figure for planning. */
const CHARACTERS_PER_SCRIPT = 300;
const UNKNOWN_QUOTA = "the key is accepted; what is left of its quota can't be asked";

const OUT_OF_SIGHT = 'it answers, but lists no models for this key: the first script shows more';

/** A number as people write it, the same on every machine. */
const grouped = (number: number): string => number.toLocaleString('en-US');

/** Whether the characters that are left will do for so many scripts. */
function quotaFinding(left: number | null, scripts: number): Found {
  if (left === null) return { state: 'ok', message: UNKNOWN_QUOTA };
  const enoughFor = Math.floor(left / CHARACTERS_PER_SCRIPT);
  const message = `the key is accepted; ${grouped(left)} characters are left, enough for about ${grouped(enoughFor)} scripts`;
  return enoughFor < scripts
    ? { state: 'warning', message: `${message}, not for ${grouped(scripts)}` }
    : { state: 'ok', message };
}

type Found = Pick<Finding, 'state' | 'message'>;

async function ask(
  service: ServiceName,
  { llm, speech, telephony, crm }: Services,
  signal: AbortSignal,
  scripts: number,
): Promise<Found> {
  if (service === 'ElevenLabs') return quotaFinding(await speech.charactersLeft(signal), scripts);
  const isSeen = await { LLM: llm, Telephony: telephony, CRM: crm }[service].check(signal);
  if (isSeen === false) return { state: 'ok', message: OUT_OF_SIGHT };
  return { state: 'ok', message: service === 'CRM' ? 'the key is accepted' : UNKNOWN_QUOTA };
}

async function checkService(
  service: ServiceName,
  config: Config,
  scripts: number,
): Promise<Finding> {
  if (simulatedServices(config).includes(service)) return simulatedFinding(service, config);
  const timeoutS = config.services[service].HEALTH_CHECK_TIMEOUT;
  let signal: AbortSignal | null = null;
  try {
    const clients = makeServices(config, { fetch });
    // Loading a client library is no part of what the provider takes to answer.
    if (service === 'LLM') await clients.llm.load();
    const start = performance.now();
    signal = AbortSignal.timeout(timeoutS * 1000);
    const found = await ask(service, clients, signal, scripts);
    const ms = Math.round(performance.now() - start);
    return { what: service, ...found, message: `${found.message} (answered in ${ms} ms)` };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const message = signal?.aborted === true ? `no answer within ${timeoutS} s` : said;
    return { what: service, state: 'failed', message: redact(message, secretsOf(config)) };
  }
}

/** Something is set and the service is simulated all the same: hardly what was meant. */
function simulatedFinding(service: ServiceName, config: Config): Finding {
  const { LLM_PROVIDER, TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = config;
  const halves = service === 'Telephony' && (sid === undefined) !== (token === undefined);
  const isHalfSet = halves || (service === 'LLM' && LLM_PROVIDER !== undefined);
  const state = isHalfSet ? 'warning' : 'simulated';
  const lead = isHalfSet ? 'simulated, because a part is missing: ' : '';
  return { what: service, state, message: lead + missing[service] };
}

function checkCaller(config: Config): Finding[] {
  if (callerProblem(config) === null) return [];
  const message = 'no caller number: set TWILIO_FROM_NUMBER to a number of your account';
  return [{ what: 'Telephony', state: 'failed', message }];
}

/**
 * Asks every service that has a key whether it works, by the cheap GET of its health check.
 * @param scripts how many will be asked for: ElevenLabs' quota is held against it. @default 0
 */
export async function checkServices(config: Config, scripts = 0): Promise<Finding[]> {
  const found = await Promise.all(
    SERVICES.map((service) => checkService(service, config, scripts)),
  );
  return [...found, ...checkCaller(config), ...(await checkVoice(config))];
}

const marks = { ok: '✓', simulated: '○', off: '○', warning: '!', failed: '✗' } as const;
const colours = {
  ok: 'green',
  simulated: 'yellow',
  off: 'dim',
  warning: 'yellow',
  failed: 'red',
} as const;

export function findingLine({ what, state, message }: Finding, io: Io): string {
  return `${io.paint(colours[state], marks[state])} ${what}: ${state}: ${message}`;
}
