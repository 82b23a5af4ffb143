import { checkList, type LeftOut, type ListCheck } from '../../actors/campaign-check.ts';
import { promptProblem } from '../../actors/providers/prompt.ts';
import { campaignOf, type KnownCampaign } from '../../actors/known-list.ts';
import {
  callingRulesOf,
  readConfig,
  simulatedServices,
  voiceOf,
  type CallingRules,
} from '../../config.ts';
import { shortDuration } from '../../sinks/console/text.ts';
import { numberFlag } from '../arguments.ts';
import { countryFlag } from '../country.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf } from '../session.ts';
import { checkServices, findingLine, type Finding } from '../preflight.ts';
import { counted } from '../summary.ts';
import { wrap } from '../wrap.ts';

/** From script to CRM, a short conversation included: a rough figure for planning, nothing more. */
const SECONDS_PER_CALL = 60;
const SHOWN_ROWS = 10;

/** Rounds of so many calls at a time, but no faster than calls may be placed. */
function estimateSeconds(called: number, concurrency: number, rules: CallingRules): number {
  const working = Math.ceil(called / concurrency) * SECONDS_PER_CALL;
  const placing = rules.callsPerSecond === null ? 0 : Math.ceil(called / rules.callsPerSecond);
  return Math.max(working, placing);
}

/** A list that the folder has a campaign of already is not begun anew. */
const knownLine = ({ campaign, state }: KnownCampaign): string =>
  state === 'done'
    ? `  but campaign ${campaign} is done with this list: campaign run reports it, and calls everybody again only with --again`
    : `  campaign ${campaign} is at work on this list (${state}): campaign run goes on with it`;

function rows(leftOut: readonly LeftOut[], what: string): string[] {
  const shown = leftOut
    .slice(0, SHOWN_ROWS)
    .map(({ line, reason }) => `  line ${line} is ${what}: ${reason}`);
  const more = leftOut.length - SHOWN_ROWS;
  return more > 0 ? [...shown, `  … and ${more} more ${what} rows`] : shown;
}

function listLines(check: ListCheck, estimate: string, rules: CallingRules): string[] {
  const { called, outsideHours, skipped, rejected, duplicates } = check;
  return [
    `${counted(called, 'contact')} would be called${called > 0 ? `, ${estimate}` : ''}`,
    ...(outsideHours > 0
      ? [`  ${counted(outsideHours, 'contact')} not now: outside ${rules.window} o'clock there`]
      : []),
    ...rows(skipped, 'skipped'),
    ...rows(rejected, 'rejected'),
    ...(duplicates > 0 ? [`  ${counted(duplicates, 'duplicate row')} left out`] : []),
  ];
}

/** What would not be as somebody thinks, because of how list and settings fit. */
function listFindings(
  { columns, unknownZones: { count, line } }: ListCheck,
  { window }: CallingRules,
  template: string | undefined,
): Finding[] {
  const prompt = promptProblem(template, columns);
  const findings: Finding[] = [];
  if (prompt !== null) findings.push({ what: 'SCRIPT_PROMPT', state: 'warning', message: prompt });
  if (count > 0 && window !== 'off') {
    const message =
      `that of ${counted(count, 'contact')} is not known, first on line ${line} (write it as Europe/Berlin):` +
      ` called when it is ${window} o'clock in every zone of their number's country`;
    findings.push({ what: 'timezone', state: 'warning', message });
  }
  return findings;
}

export const campaignCheck: Command = {
  name: 'campaign check',
  usage: 'campaign check FILE.csv [--concurrency N] [--default-country CC]',
  summary: 'What a list would lead to: who is called, who is not and why; nothing is dialled',
  details:
    'Every service that has a key is asked whether it accepts it, and ElevenLabs how many\n' +
    'characters are left. Exit code 1 when one of them refuses.\n\nExamples\n' +
    '  npx call-agent campaign check contacts.csv\n' +
    '  npx call-agent campaign check contacts.csv --default-country US --json',
  flags: ['concurrency', 'default-country'],
  positionals: { least: 1, most: 1 },
  async run(invocation) {
    const { flags, io, positionals, environment } = invocation;
    const whole = { least: 1, most: 1000, isWhole: true };
    const concurrency = numberFlag('concurrency', flags.concurrency, 4, whole);
    const config = readConfig(environment.values);
    const simulated = simulatedServices(config);
    const rules = callingRulesOf(config, simulated.includes('Telephony'));
    const defaultCountry = countryFlag(flags);
    const [file = ''] = positionals;
    const check = await checkList(file, { defaultCountry }, { rules, now: Date.now() });
    const known = campaignOf(check.hash, dataDirOf(invocation));
    const services = [
      ...listFindings(check, rules, config.SCRIPT_PROMPT),
      ...(await checkServices(config, check.called)),
    ];
    const estimatedSeconds = estimateSeconds(check.called, concurrency, rules);
    if (flags.json) {
      const { called, outsideHours, skipped, rejected, duplicates } = check;
      const list = { called, outsideHours, skipped, rejected, duplicates };
      const voice = voiceOf(config, simulated);
      io.result(JSON.stringify({ ...list, known, simulated, voice, estimatedSeconds, services }));
    } else {
      const time = shortDuration(estimatedSeconds * 1000);
      const estimate = `about ${time}, ${concurrency} at a time`;
      const lines = [
        ...listLines(check, estimate, rules),
        ...(known ? [knownLine(known)] : []),
        ...services.map((finding) => findingLine(finding, io)),
      ];
      for (const line of lines) io.result(wrap(line, io.columns));
    }
    return services.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
  },
};
