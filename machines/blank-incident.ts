import type { IncidentContext, IncidentInput } from './incident.ts';

/** What an incident has of its own when it begins: nobody has been told of it. */
export const blankIncident: Omit<IncidentContext, keyof IncidentInput> = {
  n: 0,
  kind: null,
  revision: 0,
  reach: null,
  toldAt: null,
  raisedAt: null,
  isDue: false,
  acknowledgedBy: null,
  mutedBy: null,
  result: null,
};
