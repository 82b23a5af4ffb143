import { readFolder, readReports } from '../../actors/reading.ts';
import { UserError } from '../../errors.ts';
import { isAnswering } from '../../runtime/control.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf } from '../session.ts';
import { summary } from '../summary.ts';
import { wrap } from '../wrap.ts';
import type { CampaignReport } from '../../actors/report.ts';

async function reports(invocation: Invocation, campaign?: string): Promise<CampaignReport[]> {
  const dir = dataDirOf(invocation);
  return readReports(readFolder(dir), await isAnswering(dir), campaign);
}

export const campaignList: Command = {
  name: 'campaign list',
  usage: 'campaign list',
  summary: 'The campaigns of the data folder, with their states',
  details: 'Example\n  npx call-agent campaign list --json',
  flags: [],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io } = invocation;
    const rows = (await reports(invocation)).map(({ campaign, state, contacts, nextAt }) => ({
      campaign,
      state,
      nextAt,
      contacts,
    }));
    if (flags.json) io.result(JSON.stringify(rows));
    else if (rows.length === 0)
      io.result('No campaign yet: start one with npx call-agent campaign run FILE.csv');
    for (const { campaign, state, contacts } of flags.json ? [] : rows) {
      const { completed, failed, total } = contacts;
      io.result(`${campaign}  ${state}  ${completed} completed, ${failed} failed of ${total}`);
    }
    return EXIT.done;
  },
};

export const campaignStatus: Command = {
  name: 'campaign status',
  usage: 'campaign status [CAMPAIGN]',
  summary: 'How far a campaign has come; the latest one when none is named',
  details:
    'Read from the journal, also while the agent runs. With --json every contact is listed.\n\n' +
    'Examples\n  npx call-agent campaign status\n  npx call-agent campaign status spring-list --json',
  flags: [],
  positionals: { least: 0, most: 1 },
  async run(invocation) {
    const { flags, io, positionals } = invocation;
    const [name] = positionals;
    const report = (await reports(invocation, name)).at(-1);
    if (!report) {
      throw new UserError(
        name === undefined
          ? `${dataDirOf(invocation)} holds no campaign.`
          : `There is no campaign called ${name}: see npx call-agent campaign list.`,
      );
    }
    io.result(flags.json ? JSON.stringify(report) : wrap(summary(report, flags.data), io.columns));
    return EXIT.done;
  },
};
