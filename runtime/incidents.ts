import type { IncidentEvent, IncidentInput } from '../machines/incident.ts';
import type { SilenceEvent, SilenceInput } from '../machines/silence.ts';
import type { Runtime } from './runtime.ts';

/** What the alert rules have decided. */
export type IncidentOrder =
  | { readonly type: 'incident.open'; readonly input: IncidentInput }
  | { readonly type: 'incident.feed'; readonly id: string; readonly event: IncidentEvent }
  | { readonly type: 'silence.open'; readonly input: SilenceInput }
  | { readonly type: 'silence.feed'; readonly id: string; readonly event: SilenceEvent };

/** The command port of incidents and silences: each of them is a root of its own. */
export type IncidentPort = (order: IncidentOrder) => void;

export const incidentPort =
  ({ roots }: Runtime): IncidentPort =>
  (order) => {
    if (order.type === 'incident.open') roots.start('incident', order.input.id, order.input);
    else if (order.type === 'silence.open') roots.start('silence', order.input.id, order.input);
    else roots.get(order.id)?.send(order.event);
  };

/** Roots that tell people of trouble, or are told of it: they outlive the work at a stop. */
export const isAlerting = (root: string): boolean =>
  /^(?:alert|silence|(?:breaker|request):channel):/.test(root);
