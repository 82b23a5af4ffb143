import { refuseUnusable } from '../../actors/campaign-import.ts';
import { columnsForPrompt } from '../../actors/contacts/columns.ts';
import { promptProblem } from '../../actors/providers/prompt.ts';
import { readConfig } from '../../config.ts';
import type { AICallAgent } from '../../index.ts';
import type { Observer } from '../../runtime/recorder.ts';
import { numberFlag } from '../arguments.ts';
import type { Command, Invocation } from '../command.ts';
import { countryFlag } from '../country.ts';
import { runInForeground } from '../foreground.ts';

export const concurrencies = { least: 1, most: 1000, isWhole: true } as const;

export const campaignRun: Command = {
  name: 'campaign run',
  usage:
    'campaign run FILE.csv [--concurrency N] [--default-country CC] [--wait] [--again] [--serve]',
  summary: 'Call every contact of a list',
  details:
    'The list needs a phone column with country codes; name and every other column are at the\n' +
    "script's disposal. --default-country US reads numbers without a country code as American.\n" +
    'On a data folder with an unfinished run of the same file it goes on with that: Ctrl-C stops\n' +
    'it, and the same command goes on where it stopped, as does\n' +
    'npx call-agent campaign resume.\n' +
    'A list that is done is only reported; --again calls everybody on it once more.\n' +
    '--wait stays also while the campaign is paused, or has only contacts left that are due\n' +
    'later.\n\nExamples\n' +
    '  npx call-agent campaign run contacts.csv\n' +
    '  npx call-agent campaign run contacts.csv --concurrency 10 --json > report.json',
  flags: ['concurrency', 'default-country', 'wait', 'again', 'serve', 'port', 'host', 'no-open'],
  positionals: { least: 1, most: 1 },
  run: (invocation) => runCampaign(invocation),
};

const done = (campaign: string): string =>
  `This list is done, by campaign ${campaign}: nobody is called again. --again calls everybody on it once more.`;

/** @param observers see every event of every actor */
export async function runCampaign(
  invocation: Invocation,
  observers: readonly Observer[] = [],
): Promise<number> {
  const { flags, positionals, io, environment } = invocation;
  const defaultCountry = countryFlag(flags);
  const concurrency = numberFlag('concurrency', flags.concurrency, 4, concurrencies);
  const [file = ''] = positionals;
  // A list that can't be used is told before anything is started.
  let columns: readonly string[] = [];
  const onColumns = (header: readonly string[]): void => void (columns = columnsForPrompt(header));
  await refuseUnusable(file, { defaultCountry, onColumns });
  const template = readConfig(environment.values).SCRIPT_PROMPT;
  const problem = promptProblem(template, columns);
  if (problem !== null) io.talk(io.paintTalk('yellow', `SCRIPT_PROMPT: ${problem}.`));
  const again = flags.again === true;
  const open = async ({ campaigns }: AICallAgent): Promise<string> => {
    const campaign = await campaigns.open(file, {
      concurrency,
      again,
      ...(defaultCountry !== undefined && { defaultCountry }),
    });
    if (!campaigns.isUnfinished(campaign)) io.talk(done(campaign));
    return campaign;
  };
  return runInForeground(invocation, { asked: { file, again }, open }, observers);
}
