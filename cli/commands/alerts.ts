import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../config.ts';
import { UserError } from '../../errors.ts';
import { sendCommand } from '../../runtime/control.ts';
import type { Command as Order } from '../../runtime/commands.ts';
import { alertSettingsOf, inOrder } from '../../sinks/alerts/configured.ts';
import { alertsOffline } from '../../sinks/alerts/desk.ts';
import { AlertFold } from '../../sinks/alerts/fold.ts';
import { listAlerts, type ListedAlert } from '../../sinks/alerts/listing.ts';
import { mailOf } from '../../sinks/alerts/routing.ts';
import type { Flushed } from '../../sinks/alerts/alerting.ts';
import type { TestedChannel } from '../../sinks/alerts/test-notice.ts';
import { makeChannels } from '../../sinks/channels/make.ts';
import { ChannelNames } from '../../sinks/channels/names.ts';
import { isLockedError } from '../../store/lock.ts';
import { readJournal } from '../../store/segments.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { dataDirOf, journalDirOf } from '../session.ts';
import { silencedNow } from '../silence-line.ts';

const by = 'npx call-agent alerts';

/** Less than the ten seconds within which a second writer is refused. */
const PATIENCE_MS = 8_000;
const LOOK_EVERY_MS = 200;

/**
 * Through the agent that works on the folder; without one, by ourselves. In another terminal
 * somebody may just do the same, and is soon done.
 * @throws LockedError
 */
export async function ask(invocation: Invocation, order: Omit<Order, 'by'>): Promise<unknown> {
  const dir = dataDirOf(invocation);
  const command = { ...order, by } as Order;
  const config = readConfig(invocation.environment.values);
  for (const until = performance.now() + PATIENCE_MS; ;) {
    const reached = fs.existsSync(dir) ? await sendCommand(dir, command) : null;
    if (reached) return reached.result;
    try {
      return await alertsOffline(dir, config, command);
    } catch (error) {
      if (!isLockedError(error) || performance.now() > until) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

export function answer({ flags, io }: Invocation, value: unknown, sentence: string): number {
  io.result(flags.json ? JSON.stringify(value) : sentence);
  return EXIT.done;
}

function lineOf({ id, rule, severity, state, service, title, since }: ListedAlert, io: Io): string {
  const colour = state === 'resolved' ? 'green' : severity === 'critical' ? 'red' : 'yellow';
  const what = title ?? `${service === null ? '' : `${service}, `}nobody has been told`;
  return `${id.padStart(4)}  ${io.paint(colour, state.padEnd(12))}  ${since.slice(0, 19)}Z  ${rule}: ${what}`;
}

const fates = [
  ['pending', 'waits for'],
  ['failed', 'refused by'],
  ['expired', 'too old by now for'],
  ['delivered', 'delivered to'],
] as const;

/** What became of it on each channel: of several messages, the worst. */
function fateOf({ deliveries, mutedBy }: ListedAlert): string | null {
  const channels = [...new Set(deliveries.map(({ channel }) => channel))];
  const worst = (channel: string): string | undefined =>
    fates.find(([state]) =>
      deliveries.some((one) => one.channel === channel && one.state === state),
    )?.[0];
  const said = fates.flatMap(([state, words]) => {
    const those = channels.filter((channel) => worst(channel) === state);
    return those.length === 0 ? [] : [`${words} ${those.join(', ')}`];
  });
  // `alert:8`, `silence:1`
  if (mutedBy !== null) said.push(`silenced by ${mutedBy.replace(':', ' ')}`);
  return said.length === 0 ? null : `      ${said.join('; ')}`;
}

/** Whoever has just played a scenario looks for its alerts. */
function noneIn(dir: string): string {
  const ofScenarios = path.join(dir, 'scenarios');
  const hint = fs.existsSync(ofScenarios) ? ` Those of scenarios: --data ${ofScenarios}.` : '';
  return `There has been no alert.${hint}`;
}

export const alertsList: Command = {
  name: 'alerts list',
  usage: 'alerts list',
  summary: 'The alerts of late, newest first, and where they were delivered',
  details:
    'Read from the journal, also while the agent runs.\n\nExamples\n  npx call-agent alerts list\n  npx call-agent alerts list --json',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io, environment } = invocation;
    const config = readConfig(environment.values);
    const fold = new AlertFold(alertSettingsOf(config));
    let last = 0;
    readJournal(journalDirOf(dataDirOf(invocation)), (record) => {
      fold.apply(record);
      last = record.at;
    });
    const channels = inOrder(
      makeChannels(config, new ChannelNames(dataDirOf(invocation))),
      config.ALERT_CHANNELS,
    );
    const mail = mailOf(fold, channels, config.ALERT_DIGEST_OVER);
    const now = Math.max(Date.now(), last);
    const alerts = listAlerts(mail, now);
    if (flags.json) io.result(JSON.stringify(alerts));
    else if (alerts.length === 0) io.result(noneIn(dataDirOf(invocation)));
    for (const alert of flags.json ? [] : alerts) {
      io.result(lineOf(alert, io));
      const fate = fateOf(alert);
      if (fate !== null) io.result(fate);
    }
    const silences = [...fold.book.silences.values()];
    const silenced = silences.filter(({ from, until }) => from <= now && now < until);
    for (const silence of flags.json ? [] : silenced) io.result(silencedNow(silence));
    return Promise.resolve(EXIT.done);
  },
};

export const alertsAck: Command = {
  name: 'alerts ack',
  usage: 'alerts ack ID',
  summary: 'Take notice of an alert: it is not repeated, and no further channel is asked',
  details: 'Its end is told all the same.\n\nExamples\n  npx call-agent alerts ack 12',
  flags: [],
  positionals: { least: 1, most: 1 },
  async run(invocation) {
    const [id = ''] = invocation.positionals;
    const done = await ask(invocation, { type: 'alerts.ack', id });
    return answer(invocation, done, `Alert ${id} is acknowledged.`);
  },
};

export const alertsLift: Command = {
  name: 'alerts lift',
  usage: 'alerts lift ID',
  summary: 'End a silence',
  details: 'Examples\n  npx call-agent alerts lift 3',
  flags: [],
  positionals: { least: 1, most: 1 },
  async run(invocation) {
    const [id = ''] = invocation.positionals;
    const done = await ask(invocation, { type: 'alerts.lift', id });
    return answer(invocation, done, `Silence ${id} is lifted.`);
  },
};

export const alertsFlush: Command = {
  name: 'alerts flush',
  usage: 'alerts flush',
  summary: 'Deliver now what waits for its channel; nobody is called',
  details: 'Exit code 1 when something still waits.\n\nExamples\n  npx call-agent alerts flush',
  flags: [],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io } = invocation;
    const done = (await ask(invocation, { type: 'alerts.flush' })) as Flushed;
    const entries = Object.entries(done);
    if (flags.json) io.result(JSON.stringify(done));
    else if (entries.length === 0) io.result('No channel is set up.');
    for (const [channel, { delivered, pending }] of flags.json ? [] : entries) {
      io.result(`${channel}: ${delivered} delivered, ${pending} left`);
    }
    return entries.some(([, { pending }]) => pending > 0) ? EXIT.failed : EXIT.done;
  },
};

/** @throws UsageError when it is given, and names nothing */
function channelsMeant({ flags }: Invocation): readonly string[] | null {
  if (flags.channel === undefined) return null;
  const names = flags.channel.flatMap((list) => list.split(',').map((name) => name.trim()));
  if (names.every((name) => name !== '')) return names;
  throw new UsageError(`--channel must name channels, got "${flags.channel.join(',')}"`);
}

export const alertsTest: Command = {
  name: 'alerts test',
  usage: 'alerts test [--channel NAME,NAME...]',
  summary: 'Send a test message through every channel, or some',
  details:
    'Exit code 1 when one does not arrive. "--channel telegram" means all of that kind.\n\nExamples\n  npx call-agent alerts test\n  npx call-agent alerts test --channel email,slack',
  flags: ['channel'],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io } = invocation;
    const channels = channelsMeant(invocation);
    const tested = (await ask(invocation, { type: 'alerts.test', channels })) as TestedChannel[];
    if (tested.length === 0) throw new UserError('No channel is set up.');
    if (flags.json) io.result(JSON.stringify(tested));
    for (const { channel, ok, ms, error } of flags.json ? [] : tested) {
      io.result(ok ? `✓ ${channel}: sent in ${ms} ms` : `✗ ${channel}: ${error}`);
    }
    return tested.every(({ ok }) => ok) ? EXIT.done : EXIT.failed;
  },
};
