import { doorFor } from '../actors/public/front.ts';
import { probePublicAddress } from '../actors/public/probe.ts';
import {
  isLoopbackUrl,
  publicRulesOf,
  simulatedServices,
  voiceAdvice,
  voiceOf,
  type Config,
  type PublicRules,
} from '../config.ts';

export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'simulated' | 'off' | 'warning' | 'failed';
  readonly message: string;
}

/** Whose voice people will hear, and whether what it takes for that works; nothing is dialled. */
export async function checkVoice(config: Config): Promise<Finding[]> {
  const simulated = simulatedServices(config);
  const voice = voiceOf(config, simulated);
  if (voice === null) return [];
  const heard: Finding =
    voice === 'ElevenLabs'
      ? { what: 'Telephony', state: 'ok', message: 'people hear the ElevenLabs voice' }
      : { what: 'Telephony', state: 'warning', message: voiceAdvice(simulated) };
  const rules = publicRulesOf(config, simulated);
  return rules ? [heard, ...(await checkAddress(config, rules))] : [heard];
}

async function checkAddress(config: Config, rules: PublicRules): Promise<Finding[]> {
  const what = 'public address';
  const { isReached, message } = await probePublicAddress(doorFor(config, rules));
  const found: Finding = { what, state: isReached ? 'ok' : 'failed', message };
  if (!isLoopbackUrl(rules.baseUrl) || config.TWILIO_BASE_URL !== undefined) return [found];
  const local = `${rules.baseUrl} is this machine's alone: Twilio can't reach it`;
  return [found, { what, state: 'warning', message: local }];
}
