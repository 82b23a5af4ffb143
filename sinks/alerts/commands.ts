import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { Matcher } from '../../machines/silence.ts';
import type { CommandDesk } from '../../runtime/commands.ts';
import { RULES } from './alert.ts';
import type { Alerting } from './alerting.ts';
import type { Incident } from './book.ts';

const by = z.string().min(1).max(120);
const id = z.string().min(1).max(200);

const DAY_MS = 86_400_000;
const LONGEST_SILENCE_MS = 30 * DAY_MS;
/** Whoever means a later one has most likely mistyped. */
const SILENCE_STARTS_WITHIN_MS = 366 * DAY_MS;
const durationMs = z.number().positive();

/** What people ask of alerts, whoever passes it on. */
export function addAlertCommands(desk: CommandDesk, alerting: Alerting): void {
  desk.add('alerts.list', z.object({ by }), () => alerting.list());
  desk.add('alerts.ack', z.object({ id, by }), (command) => {
    const incident = findIncident(alerting, command.id);
    alerting.feed(incident.id, { type: 'alert.acknowledged', by: command.by });
    return { acknowledged: incident.number };
  });
  desk.add(
    'alerts.silence',
    z.object({
      match: z.array(z.string().min(1)).min(1),
      durationMs,
      startsInMs: z.number().min(0).default(0),
      by,
    }),
    (command) => {
      if (command.durationMs > LONGEST_SILENCE_MS) {
        throw new UserError('A silence lasts 30 days at most.');
      }
      if (command.startsInMs > SILENCE_STARTS_WITHIN_MS) {
        throw new UserError('A silence begins within a year from now.');
      }
      return alerting.silence(matcherOf(alerting, command.match), command);
    },
  );
  desk.add('alerts.silences', z.object({ by }), () => alerting.silences());
  desk.add('alerts.lift', z.object({ id, by }), (command) => alerting.lift(command.id, command.by));
  desk.add('alerts.close', z.object({ by }), (command) => alerting.closeAll(command.by));
  desk.add('alerts.flush', z.object({ by }), () => alerting.deliverNow());
  desk.add('alerts.test', z.object({ channels: z.array(z.string()).nullable(), by }), (command) =>
    alerting.test(command.channels),
  );
}

/** By its number, its key, its rule or its service, as long as that is one. */
function findIncident({ fold }: Alerting, wanted: string): Incident {
  const open = [...fold.book.open.values()];
  const fits = open.filter(({ number, key, rule, service, id: root }) =>
    [number, key, rule, service, root].includes(wanted),
  );
  if (fits.length === 1 && fits[0]) return fits[0];
  const known = (fits.length > 1 ? fits : open).map(({ number, key }) => `${number} (${key})`);
  const list = known.length === 0 ? 'no alert is open' : `open are ${known.join(', ')}`;
  throw new UserError(
    fits.length > 1
      ? `${wanted} fits several alerts: ${known.join(', ')}.`
      : `There is no open alert ${wanted}: ${list}.`,
  );
}

/** Rules are known by name; what else there is must be a service, and `all` fits everything. */
function matcherOf({ fold, services }: Alerting, words: readonly string[]): Matcher {
  const rules = words.filter((word) => word in RULES);
  const others = words.filter((word) => !(word in RULES) && word !== 'all');
  const known = [
    ...new Set([...services(), ...[...fold.book.open.values()].map((one) => one.service)]),
  ];
  const stranger = others.find(
    (word) => !known.some((name) => name?.toLowerCase() === word.toLowerCase()),
  );
  if (stranger !== undefined) {
    const names = known.filter((name) => name !== null).join(', ');
    throw new UserError(
      `${stranger} is neither a service nor a rule: services are ${names}; rules are ${Object.keys(RULES).join(', ')}; "all" fits everything.`,
    );
  }
  return { services: others, rules };
}
