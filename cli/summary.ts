import type { CampaignReport } from '../actors/report.ts';
import { EXIT } from './exit.ts';

const marks = {
  active: '📞',
  waiting: '⏸',
  completed: '✅',
  failed: '❌',
  deferred: '⏳',
  skipped: '⏭',
  unknown: '❓',
} as const;
const SHOWN_FAILURES = 10;

/** `1 row`, `2 rows`. */
export const counted = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

function failures({ calls }: CampaignReport): string[] {
  const failed = calls.filter(({ status }) => status === 'failed' || status === 'unknown');
  const shown = failed
    .slice(0, SHOWN_FAILURES)
    .map(({ contact, error }) => `  ${contact}: ${error?.message ?? 'no reason given'}`);
  const more = failed.length - SHOWN_FAILURES;
  return more > 0 ? [...shown, `  … and ${more} more`] : shown;
}

function owedLine({ calls }: CampaignReport): string[] {
  const owed = calls.filter(({ crm }) => crm === 'pending').length;
  if (owed === 0) return [];
  return [
    `${counted(owed, 'result')} not in the CRM yet: written when it works, or at the next start`,
  ];
}

/** As a shell takes it for one word. */
const word = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

const dataFlag = (dataDir: string | undefined): string[] =>
  dataDir === undefined ? [] : ['--data', word(dataDir)];

/** A whole command about a campaign, to be copied. */
export const commandLine = (name: string, campaign: string, dataDir: string | undefined): string =>
  ['npx call-agent', name, word(campaign), ...dataFlag(dataDir)].join(' ');

/** Who met what it paused for: it may be a contact's own, and then only leaving it out helps. */
function metBy({ calls }: CampaignReport, dataDir: string | undefined): string[] {
  const met = calls.filter(
    ({ status, error }) =>
      status === 'deferred' && (error?.scope === 'account' || error?.scope === 'config'),
  );
  const last = met.at(-1);
  if (!last) return [];
  const skip = ['npx call-agent campaign settle', last.contact, 'skip', ...dataFlag(dataDir)];
  return [`Met by contact ${last.contact}; if it is that one's alone: ${skip.join(' ')}`];
}

/** The commands with which a person goes on, whole, to be copied. */
function nextSteps(report: CampaignReport, dataDir: string | undefined): string[] {
  const { contacts, state, campaign } = report;
  const command = (name: string): string => commandLine(name, campaign, dataDir);
  const isHalted = state === 'paused' || state === 'stopped';
  const isUnfinished = contacts.waiting + contacts.active + contacts.deferred > 0;
  return [
    ...(contacts.unknown > 0
      ? [
          `Nobody knows how ${counted(contacts.unknown, 'call')} ended: ${command('campaign unknown')}`,
        ]
      : []),
    ...(isHalted && report.pausedBy !== null ? metBy(report, dataDir) : []),
    ...(isHalted && isUnfinished ? [`Go on with: ${command('campaign resume')}`] : []),
  ];
}

/**
 * What a campaign came to, for a person.
 * @param dataDir as it was given with --data; undefined when it was not
 */
export function summary(report: CampaignReport, dataDir: string | undefined): string {
  const { contacts, rejected, duplicates, rejectedFile, pausedBy, haltedBy, nextAt, state } =
    report;
  const { total } = contacts;
  const statuses = Object.keys(marks) as (keyof typeof marks)[];
  const counts = statuses
    .filter((status) => contacts[status] > 0)
    .map((status) => `${marks[status]} ${contacts[status]} ${status}`);
  const rate = total === 0 ? 0 : Math.floor((contacts.completed / total) * 100);
  return [
    `Campaign ${report.campaign}: ${state}`,
    `${counted(total, 'contact')}: ${counts.join(', ') || 'none worked on yet'}`,
    ...failures(report),
    ...(rejected > 0 ? [`${counted(rejected, 'row')} rejected: see ${rejectedFile ?? ''}`] : []),
    ...(duplicates > 0 ? [`${counted(duplicates, 'duplicate row')} left out`] : []),
    ...(pausedBy ? [`Paused by ${pausedBy.service} (${pausedBy.kind}): ${pausedBy.message}`] : []),
    ...(haltedBy === null ? [] : [`${state === 'paused' ? 'Paused' : 'Stopped'} by ${haltedBy}`]),
    ...owedLine(report),
    ...(nextAt === null ? [] : [`Goes on at ${nextAt}`]),
    ...nextSteps(report, dataDir),
    `Result: ${contacts.completed}/${total} contacts processed (${rate}% success rate)`,
  ].join('\n');
}

/** A campaign that has not come to its end can be resumed. */
export function exitCodeOf({ state, contacts }: CampaignReport): number {
  return state === 'done' && contacts.deferred + contacts.unknown === 0
    ? EXIT.done
    : EXIT.resumable;
}
