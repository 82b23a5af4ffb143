import { haltOffline } from '../../actors/campaign-offline.ts';
import { readFolder, readReports } from '../../actors/reading.ts';
import type { CampaignReport } from '../../actors/report.ts';
import { sendCommand } from '../../runtime/control.ts';
import { numberFlag } from '../arguments.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { runInForeground } from '../foreground.ts';
import { dataDirOf, existingJournalOf } from '../session.ts';
import { counted, summary } from '../summary.ts';
import { wrap } from '../wrap.ts';
import { concurrencies } from './campaign-run.ts';

const rowOf = ({ campaign, state, nextAt, contacts }: CampaignReport) => ({
  campaign,
  state,
  nextAt,
  contacts,
});

function offline(dir: string, what: 'pause' | 'stop', name: string | null): CampaignReport[] {
  const names = haltOffline(dir, `campaign.${what}`, name, `call-agent campaign ${what}`);
  return readReports(readFolder(dir), false).filter(({ campaign }) => names.includes(campaign));
}

async function halt(invocation: Invocation, what: 'pause' | 'stop'): Promise<number> {
  const { flags, io, positionals } = invocation;
  existingJournalOf(invocation);
  const dir = dataDirOf(invocation);
  const campaign = positionals[0] ?? null;
  const by = `call-agent campaign ${what}`;
  const reached = await sendCommand(dir, { type: `campaign.${what}`, campaign, by });
  const reports = (reached?.result as CampaignReport[] | undefined) ?? offline(dir, what, campaign);
  if (flags.json) io.result(JSON.stringify(reports.map(rowOf)));
  else if (reports.length === 0) io.result('No campaign is unfinished.');
  for (const report of flags.json ? [] : reports) {
    const { active } = report.contacts;
    const rest =
      active > 0 && what === 'pause' && reached
        ? `; ${counted(active, 'contact')} under way come to their end`
        : '';
    io.result(`${report.campaign}  ${report.state}${rest}`);
  }
  return EXIT.done;
}

const positionals = { least: 0, most: 1 } as const;

export const campaignPause: Command = {
  name: 'campaign pause',
  usage: 'campaign pause [CAMPAIGN]',
  summary: 'Start nobody any more; contacts under way come to their end',
  details:
    'Reaches the agent that is running on the data folder, whose campaign run then ends with\n' +
    'exit code 3 (with --wait it stays until the campaign is resumed); without one it is written\n' +
    'to the journal. Without a name it pauses all that are unfinished.\n' +
    'npx call-agent campaign resume goes on.\n\n' +
    'Examples\n  npx call-agent campaign pause\n  npx call-agent campaign pause spring-list',
  flags: [],
  positionals,
  run: (invocation) => halt(invocation, 'pause'),
};

export const campaignStop: Command = {
  name: 'campaign stop',
  usage: 'campaign stop [CAMPAIGN]',
  summary: 'Stop at once, as Ctrl-C does; contacts under way are gone on with later',
  details:
    'Reaches the agent that is running on the data folder, whose campaign run then ends with\n' +
    'exit code 3; without one it is written to the journal. Without a name it stops all that are\n' +
    'unfinished. npx call-agent campaign resume goes on.\n\n' +
    'Examples\n  npx call-agent campaign stop\n  npx call-agent campaign stop spring-list',
  flags: [],
  positionals,
  run: (invocation) => halt(invocation, 'stop'),
};

async function resume(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation;
  existingJournalOf(invocation);
  const campaign = invocation.positionals[0] ?? null;
  const by = 'call-agent campaign resume';
  const concurrency =
    flags.concurrency === undefined
      ? undefined
      : numberFlag('concurrency', flags.concurrency, 4, concurrencies);
  const dir = dataDirOf(invocation);
  const reached = await sendCommand(dir, { type: 'campaign.resume', campaign, by });
  if (!reached) {
    return runInForeground(invocation, {
      asked: { campaign },
      open: ({ campaigns }) => campaigns.reopen(campaign, by, concurrency),
    });
  }
  const reports = reached.result as CampaignReport[];
  if (flags.json) io.result(JSON.stringify(reports.length === 1 ? reports[0] : reports));
  for (const report of flags.json ? [] : reports)
    io.result(wrap(summary(report, flags.data), io.columns));
  io.talk('The agent that is running on this folder goes on with it.');
  return EXIT.done;
}

export const campaignResume: Command = {
  name: 'campaign resume',
  usage: 'campaign resume [CAMPAIGN] [--concurrency N] [--wait] [--serve]',
  summary: 'Go on with a campaign that has not come to its end',
  details:
    'Needs no contact list: the data folder has it. It runs like campaign run, with the same\n' +
    'flags, report and exit codes. When an agent is running on the data folder already, that one\n' +
    'goes on with the campaign, and this command only says so.\n\n' +
    'Examples\n  npx call-agent campaign resume\n  npx call-agent campaign resume spring-list --wait',
  flags: ['concurrency', 'wait', 'serve', 'port', 'host', 'no-open'],
  positionals,
  run: resume,
};
