import { archiveOffline } from '../../runtime/archive.ts';
import { sendCommand } from '../../runtime/control.ts';
import { plannedPruning } from '../../runtime/prune.ts';
import type { ArchiveReport } from '../../store/archive.ts';
import type { PruneReport } from '../../store/prune.ts';
import { statsOf, type JournalStats } from '../../store/stats.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { ProgressLine } from '../progress.ts';
import { dataDirOf, existingJournalOf } from '../session.ts';
import { counted } from '../summary.ts';
import { pruningOf, size, tellPlan } from './retention.ts';

/** An hour of compressing is more than any journal needs. */
const ARCHIVE_WITHIN_MS = 3_600_000;
const SHOWN_EVENTS = 12;
const SHOWN_CAMPAIGNS = 5;

const number = (value: number): string => value.toLocaleString('en-US');

function archiveHere(invocation: Invocation, dir: string, campaign: string | null): ArchiveReport {
  const line = new ProgressLine(invocation.io);
  try {
    return archiveOffline(dir, campaign, ({ file, share }) => {
      const done = share === null ? 'reading' : `compressing, ${Math.floor(share * 100)} %`;
      line.show(`${file}: ${done}`);
    });
  } finally {
    line.clear();
  }
}

function tellArchive({ archived, left, bytesBefore, bytesAfter }: ArchiveReport): string[] {
  const lines = [
    ...archived.map(
      ({ file, records, bytesBefore: before, bytesAfter: after }) =>
        `✓ ${file}: ${counted(records, 'record')}, ${size(before)} → ${size(after)}`,
    ),
    ...left.map(({ file, bytes, why }) => `· ${file}: ${size(bytes)}, left: ${why}`),
  ];
  if (archived.length === 0) return [...lines, 'Nothing was archived.'];
  return [...lines, `The journal: ${size(bytesBefore)} → ${size(bytesAfter)}`];
}

export const journalArchive: Command = {
  name: 'journal archive',
  usage: 'journal archive [--campaign CAMPAIGN]',
  summary: 'Compress the journal of finished campaigns; everything still reads it',
  details:
    'Compresses each file of the journal in which every campaign and every call has ended, and\n' +
    'ends the file that is being written first, when that is one of them. Nothing is lost, and\n' +
    'every command reads what is archived. It can be cut short at any moment, and repeated.\n' +
    'Reaches the agent that is running on the folder, if there is one.\n\n' +
    'Examples\n  npx call-agent journal archive\n  npx call-agent journal archive --campaign spring',
  flags: ['campaign'],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io } = invocation;
    existingJournalOf(invocation);
    const dir = dataDirOf(invocation);
    const campaign = flags.campaign ?? null;
    const command = { type: 'journal.archive', campaign, by: 'call-agent journal archive' };
    const reached = await sendCommand(dir, command, ARCHIVE_WITHIN_MS);
    const report =
      (reached?.result as ArchiveReport | undefined) ?? archiveHere(invocation, dir, campaign);
    if (flags.json) io.result(JSON.stringify(report));
    else for (const line of tellArchive(report)) io.result(line);
    return EXIT.done;
  },
};

const iso = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(at).toISOString();

const asJson = ({ removed, ...stats }: JournalStats) => ({
  ...stats,
  ...(removed && { removed: { ...removed, lastAt: iso(removed.lastAt) } }),
  first: iso(stats.first?.at),
  last: iso(stats.last?.at),
  firstSeq: stats.first?.seq ?? 0,
  lastSeq: stats.last?.seq ?? 0,
  segments: stats.segments.map(({ file, bytes, records, firstAt, lastAt }) => {
    return { file, bytes, records, first: iso(firstAt), last: iso(lastAt) };
  }),
});

function table(head: string, rows: readonly (readonly [string, ...number[]])[]): string[] {
  const [title = '', ...columns] = head.split(' ');
  const width = Math.max(title.length, ...rows.map(([name]) => name.length));
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [line(title, columns), ...rows.map(([name, ...counts]) => line(name, counts.map(number)))];
}

function campaignLine({ finished, unfinished }: JournalStats['campaigns']): string {
  const shown = unfinished.slice(0, SHOWN_CAMPAIGNS);
  const more = unfinished.length - shown.length;
  const names = more > 0 ? [...shown, `and ${more} more`] : shown;
  const which = names.length > 0 ? ` (${names.join(', ')})` : '';
  return `Campaigns: ${finished} finished, ${unfinished.length} unfinished${which}`;
}

function retentionLines({ removed }: JournalStats, planned: PruneReport | null): string[] {
  const gone =
    removed &&
    `Removed before: ${counted(removed.records, 'record')}, to ${iso(removed.lastAt)}; the base that stands for them takes ${size(removed.baseBytes)}`;
  return [...(gone ? [gone] : []), ...(planned ? [tellPlan(planned)] : [])];
}

function tellStats(dir: string, stats: JournalStats, planned: PruneReport | null): string[] {
  const { records, files, bytes, first, last, campaigns, starts, peakPerSecond } = stats;
  if (!first || !last) return [`${dir}: empty`];
  const archived =
    files.archived === 0 ? '' : ` and ${size(bytes.archived)} in ${files.archived} archived`;
  const events = Object.entries(stats.events);
  const more = events.length - SHOWN_EVENTS;
  return [
    `${dir}: ${number(records)} records (seq ${first.seq} to ${last.seq}), written by ${counted(starts, 'start')}`,
    `${size(bytes.plain)} in ${counted(files.plain, 'file')}${archived}`,
    `${iso(first.at)} to ${iso(last.at)}, at most ${counted(peakPerSecond, 'record')} in a second`,
    campaignLine(campaigns),
    ...retentionLines(stats, planned),
    ...(bytes.unfinished > 0
      ? [`The last line is unfinished (${bytes.unfinished} bytes); the next start cuts it off.`]
      : []),
    '',
    ...table(
      'machine records begun live',
      Object.entries(stats.machines).map(([name, it]) => [name, it.records, it.begun, it.live]),
    ),
    '',
    ...table('event records', events.slice(0, SHOWN_EVENTS)),
    ...(more > 0 ? [`… and ${more} more kinds of events; --json has them all`] : []),
  ];
}

export const journalStats: Command = {
  name: 'journal stats',
  usage: 'journal stats',
  summary: 'What the journal holds, and how much of the disk it takes',
  details:
    'Records, files, bytes, who is alive, which campaigns are unfinished, and what the lines are\n' +
    'about. Reads the journal once, beside a running agent too.\n\n' +
    'Examples\n  npx call-agent journal stats\n  npx call-agent journal stats --json | jq .bytes',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    const dir = existingJournalOf(invocation);
    const stats = statsOf(dir);
    const pruning = pruningOf(invocation);
    const planned = pruning && plannedPruning(dataDirOf(invocation), pruning);
    const retention = planned && { files: planned.removed, from: planned.from };
    if (flags.json)
      io.result(JSON.stringify({ ...asJson(stats), ...(retention && { retention }) }));
    else for (const line of tellStats(dir, stats, planned)) io.result(line);
    return Promise.resolve(EXIT.done);
  },
};
