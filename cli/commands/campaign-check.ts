import { importContactList } from '../../actors/contacts/list.ts';
import { skipReason } from '../../actors/campaign-list.ts';
import type { Contact } from '../../actors/contacts/contact.ts';
import { callingRulesOf, readConfig, simulatedServices } from '../../config.ts';
import { shortDuration } from '../../sinks/console/text.ts';
import { numberFlag } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { counted } from '../summary.ts';

/** From script to CRM, a short conversation included: a rough figure for planning, nothing more. */
const MS_PER_CALL = 60_000;
const SHOWN_REJECTIONS = 10;

export const campaignCheck: Command = {
  name: 'campaign check',
  usage: 'campaign check FILE.csv [--concurrency N] [--default-country CC]',
  summary: 'What a list would lead to: who is called, who is not and why; nothing is dialled',
  flags: ['concurrency', 'default-country'],
  positionals: { least: 1, most: 1 },
  async run({ flags, io, positionals, environment }) {
    const whole = { least: 1, most: 1000, isWhole: true };
    const concurrency = numberFlag('concurrency', flags.concurrency, 4, whole);
    const defaultCountry = flags['default-country'];
    const options = defaultCountry === undefined ? {} : { defaultCountry };
    const list = await importContactList(positionals[0] ?? '', options);
    const config = readConfig(environment.values);
    const simulated = simulatedServices(config);
    const rules = callingRulesOf(config, simulated.includes('Telephony'));
    const reasonOf = (contact: Contact): string | null => skipReason(contact, rules);
    const skipped = list.contacts.filter((contact) => reasonOf(contact) !== null);
    const called = list.contacts.length - skipped.length;
    const report = {
      called,
      skipped: skipped.map((contact) => ({ line: contact.line, reason: reasonOf(contact) })),
      rejected: list.rejected.map(({ line, reason }) => ({ line, reason })),
      duplicates: list.duplicates.length,
      simulated,
      estimatedSeconds: Math.ceil((called * MS_PER_CALL) / concurrency / 1000),
    };
    if (flags.json) {
      io.result(JSON.stringify(report));
      return EXIT.done;
    }
    io.result(
      `${called} contacts would be called, about ${shortDuration(report.estimatedSeconds * 1000)} at ${concurrency} a time`,
    );
    for (const { line, reason } of report.skipped)
      io.result(`  line ${line} is skipped: ${reason}`);
    for (const { line, reason } of report.rejected.slice(0, SHOWN_REJECTIONS)) {
      io.result(`  line ${line} is rejected: ${reason}`);
    }
    const more = report.rejected.length - SHOWN_REJECTIONS;
    if (more > 0) io.result(`  … and ${more} more rejected rows`);
    if (report.duplicates > 0)
      io.result(`  ${counted(report.duplicates, 'duplicate row')} left out`);
    const real = simulated.length === 0 ? 'none' : simulated.join(', ');
    io.result(`Simulated services: ${real}`);
    return EXIT.done;
  },
};
