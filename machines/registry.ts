import { agentMachine } from './agent.ts';
import { breakerMachine } from './breaker.ts';
import { callMachine } from './call.ts';
import { campaignMachine } from './campaign.ts';
import { healthMachine } from './health.ts';
import { incidentMachine } from './incident.ts';
import { requestMachine } from './request.ts';
import { silenceMachine } from './silence.ts';

/**
 * Every machine by the name its journal lines carry. A machine that runs as another's child is
 * found by its placeholder's name, so the two must be the same.
 */
export const machines = {
  agent: agentMachine,
  breaker: breakerMachine,
  call: callMachine,
  campaign: campaignMachine,
  health: healthMachine,
  incident: incidentMachine,
  request: requestMachine,
  silence: silenceMachine,
} as const;

export type MachineName = keyof typeof machines;
