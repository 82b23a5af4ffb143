import { agentModel } from './agent.ts';
import { breakerModel } from './breaker.ts';
import { callModel } from './call.ts';
import { campaignModel } from './campaign.ts';
import { healthModel } from './health.ts';
import { incidentModel } from './incident.ts';
import type { Model } from './model.ts';
import { requestModel } from './request.ts';
import { silenceModel } from './silence.ts';

/** A model for every machine of the registry, by the machine's name. */
export const models: Readonly<Record<string, Model<any>>> = {
  agent: agentModel,
  breaker: breakerModel,
  call: callModel,
  campaign: campaignModel,
  health: healthModel,
  incident: incidentModel,
  request: requestModel,
  silence: silenceModel,
};
