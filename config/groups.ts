import { z } from 'zod';
import { alerts } from './alerts.ts';
import { calling } from './calling.ts';
import { channels } from './channels.ts';
import { dashboard } from './dashboard.ts';
import { journal } from './journal.ts';
import { logging } from './logging.ts';
import { metrics } from './metrics.ts';
import { profiles } from './profiles.ts';
import { publicAddress } from './public.ts';
import { resilience } from './resilience.ts';
import { sheets } from './sheets.ts';
import { services, SERVICES, type ServiceName } from './services.ts';

/**
 * Every variable that holds for the agent as a whole. A new group is a file of its own with a
 * `z.object`, and one line here and one in `groups`.
 */
export const general = z.object({
  ...services.shape,
  ...publicAddress.shape,
  ...calling.shape,
  ...profiles.shape,
  ...logging.shape,
  ...channels.shape,
  ...metrics.shape,
  ...dashboard.shape,
  ...journal.shape,
  ...alerts.shape,
  ...sheets.shape,
});

export type GeneralConfig = z.infer<typeof general>;

/** In the order in which people are shown them. */
export const groups: readonly { readonly title: string; readonly schema: z.ZodObject }[] = [
  { title: 'Services: one without its key is simulated', schema: services },
  { title: 'How telephony reaches the agent', schema: publicAddress },
  { title: 'Calling', schema: calling },
  { title: 'Profile', schema: profiles },
  {
    title: `Resilience, in seconds; for one service alone with ${SERVICES.map(prefixOf).join(', ')} in front`,
    schema: resilience,
  },
  { title: 'Log', schema: logging },
  { title: 'Alerts: each channel that is set gets them', schema: channels },
  { title: 'Metrics and traces', schema: metrics },
  { title: 'Dashboard', schema: dashboard },
  { title: 'Journal', schema: journal },
  { title: 'When alerts are told, in seconds and percent', schema: alerts },
  { title: 'Google Sheets: what happens, for everybody', schema: sheets },
];

export function prefixOf(service: ServiceName): string {
  return `${service.toUpperCase()}_`;
}

export const resilienceNames: readonly string[] = Object.keys(resilience.shape);

export const knownNames: readonly string[] = [
  ...groups.flatMap(({ schema }) => Object.keys(schema.shape)),
  ...SERVICES.flatMap((service) => resilienceNames.map((name) => prefixOf(service) + name)),
];

const namesMarked = (mark: string): ReadonlySet<string> =>
  new Set(
    Object.entries(general.shape).flatMap(([name, schema]) =>
      schema.meta()?.[mark] === true ? [name] : [],
    ),
  );

/** Names of the variables whose value must never be seen. */
export const secretNames = namesMarked('isSecret');

/** Names of the variables that are addresses: people put passwords into them. */
export const addressNames = namesMarked('isAddress');
