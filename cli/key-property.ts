import { makeServices } from '../actors/services.ts';
import { secretsOf, simulatedServices, type Config } from '../config.ts';
import { redact } from '../runtime/redact.ts';
import type { Finding } from './preflight.ts';

const HOW =
  'create it in HubSpot (settings, properties, call properties) as single-line text with the ' +
  'internal name call_agent_key that requires unique values';

const troubles = {
  missing: `results can't be written before calls have the property call_agent_key: ${HOW}`,
  'not unique': `a result may be written twice, for call_agent_key does not require unique values: ${HOW}`,
} as const;

/** Whether the CRM has the property by which a call that is written again is known. */
export async function checkKeyProperty(config: Config): Promise<Finding[]> {
  if (simulatedServices(config).includes('CRM')) return [];
  const signal = AbortSignal.timeout(config.services.CRM.HEALTH_CHECK_TIMEOUT * 1000);
  try {
    const state = await makeServices(config, { fetch }).crm.keyProperty(signal);
    return state === 'unique' ? [] : [warning(troubles[state])];
  } catch (error) {
    const said = redact(error instanceof Error ? error.message : String(error), secretsOf(config));
    return [warning(`it can't be seen whether calls have the property call_agent_key: ${said}`)];
  }
}

const warning = (message: string): Finding => ({ what: 'CRM', state: 'warning', message });
