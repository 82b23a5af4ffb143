import type { Command } from '../command.ts';

type Load = () => Promise<readonly Command[]>;

/**
 * The commands in the order of the help, by their first word: who asks for `status` does not wait
 * for what it takes to place a call.
 */
const sources: readonly (readonly [first: string, load: Load])[] = [
  [
    'campaign',
    async () => {
      const [run, orders, check, reports, unknown] = await Promise.all([
        import('./campaign-run.ts'),
        import('./campaign-orders.ts'),
        import('./campaign-check.ts'),
        import('./campaign-status.ts'),
        import('./campaign-unknown.ts'),
      ]);
      return [
        run.campaignRun,
        orders.campaignResume,
        orders.campaignPause,
        orders.campaignStop,
        check.campaignCheck,
        reports.campaignList,
        reports.campaignStatus,
        unknown.campaignUnknown,
        unknown.campaignSettle,
      ];
    },
  ],
  ['contacts', () => import('./contacts.ts').then((it) => [it.contactsShow, it.contactsErase])],
  ['call', () => import('./call.ts').then((it) => [it.call])],
  ['scenario', () => import('./scenario.ts').then((it) => [it.scenario])],
  [
    'alerts',
    async () => {
      const [it, { alertsSilence }] = await Promise.all([
        import('./alerts.ts'),
        import('./alerts-silence.ts'),
      ]);
      const { alertsList, alertsAck, alertsLift, alertsFlush, alertsTest } = it;
      return [alertsList, alertsAck, alertsSilence, alertsLift, alertsFlush, alertsTest];
    },
  ],
  ['status', () => import('./status.ts').then((it) => [it.status])],
  ['reset', () => import('./reset.ts').then((it) => [it.reset])],
  ['replay', () => import('./replay.ts').then((it) => [it.replay])],
  ['verify', () => import('./verify.ts').then((it) => [it.verify])],
  ['tail', () => import('./tail.ts').then((it) => [it.tail])],
  [
    'journal',
    async () => {
      const [{ journalStats, journalArchive }, { journalPrune }] = await Promise.all([
        import('./journal.ts'),
        import('./journal-prune.ts'),
      ]);
      return [journalStats, journalArchive, journalPrune];
    },
  ],
  ['metrics', () => import('./metrics.ts').then((it) => [it.metrics])],
  ['serve', () => import('./serve.ts').then((it) => [it.serve])],
  ['open', () => import('./serve.ts').then((it) => [it.open])],
  ['inspect', () => import('./inspect.ts').then((it) => [it.inspect])],
  ['draw', () => import('./draw.ts').then((it) => [it.draw])],
  ['config', () => import('./config.ts').then((it) => [it.config])],
  ['doctor', () => import('./doctor.ts').then((it) => [it.doctor])],
  ['completion', () => import('./completion.ts').then((it) => [it.makeCompletion(allCommands)])],
];

/** Every command there is. */
export async function allCommands(): Promise<readonly Command[]> {
  const lists = await Promise.all(sources.map(([, load]) => load()));
  return lists.flat();
}

/** Those that begin with a word; all there are when none does. */
export function commandsOf(first: string | undefined): Promise<readonly Command[]> {
  const source = sources.find(([word]) => word === first);
  return source ? source[1]() : allCommands();
}
