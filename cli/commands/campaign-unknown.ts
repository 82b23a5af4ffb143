import { settleOffline } from '../../actors/campaign-offline.ts';
import { readFolder, readUnknown } from '../../actors/reading.ts';
import { reportCall, type ReportedCall } from '../../actors/report.ts';
import { VERDICTS, type Verdict } from '../../machines/campaign-protocol.ts';
import { sendCommand } from '../../runtime/control.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import { dataDirOf, existingJournalOf } from '../session.ts';

export const campaignUnknown: Command = {
  name: 'campaign unknown',
  usage: 'campaign unknown [CAMPAIGN]',
  summary: 'The contacts of whom nobody knows whether they were called',
  details:
    'Each was dialled, the answer was lost, and the provider could not tell what came of it. Look\n' +
    "them up in the provider's own list of calls, then settle them with campaign settle.\n\n" +
    'Example\n  npx call-agent campaign unknown',
  flags: [],
  positionals: { least: 0, most: 1 },
  async run(invocation) {
    const { flags, io, positionals } = invocation;
    existingJournalOf(invocation);
    const rows = readUnknown(readFolder(dataDirOf(invocation)), positionals[0]);
    if (flags.json) io.result(JSON.stringify(rows));
    else if (rows.length === 0) io.result('Nobody is unknown.');
    for (const { contact, campaign, phone, dialledAt, reason } of flags.json ? [] : rows) {
      const when = dialledAt === null ? 'perhaps never dialled' : `dialled at ${dialledAt}`;
      io.result(
        `${contact}  ${campaign ?? '(single call)'}  ${phone || '(erased)'}  ${when}: ${reason}`,
      );
    }
    return EXIT.done;
  },
};

async function settle(invocation: Invocation): Promise<number> {
  const { flags, io, positionals } = invocation;
  const [number = '', word = ''] = positionals;
  const contact = number.padStart(4, '0');
  const verdict = VERDICTS.find((known) => known === word);
  if (!verdict) throw new UsageError(`A contact is settled ${VERDICTS.join(', ')}, not "${word}"`);
  existingJournalOf(invocation);
  const settled = await carryOut(dataDirOf(invocation), contact, verdict);
  if (flags.json) io.result(JSON.stringify(settled));
  else
    io.result(`${contact}  ${settled.status}${settled.crm === 'pending' ? '  CRM pending' : ''}`);
  return EXIT.done;
}

async function carryOut(dir: string, contact: string, verdict: Verdict): Promise<ReportedCall> {
  const by = 'call-agent campaign settle';
  const reached = await sendCommand(dir, { type: 'campaign.settle', contact, verdict, by });
  if (reached) return reached.result as ReportedCall;
  settleOffline(dir, contact, verdict, by);
  const { contacts, ledger } = readFolder(dir);
  return reportCall(contacts.get(contact) ?? { id: contact, name: '' }, ledger.get(contact));
}

export const campaignSettle: Command = {
  name: 'campaign settle',
  usage: 'campaign settle CONTACT answered|retry|skip',
  summary: 'Decide about a contact of whom nobody knows whether it was called',
  details:
    'answered: the call took place; the contact is completed and its result goes to the CRM.\n' +
    'retry: it did not; the contact goes back into the queue and is called.\n' +
    'skip: leave it at that; also for a contact that is deferred, when what pauses the campaign\n' +
    "is that contact's alone.\n" +
    'When no agent is running, npx call-agent campaign resume then does what is to be done.\n\n' +
    'Example\n  npx call-agent campaign settle 0007 answered',
  flags: [],
  positionals: { least: 2, most: 2 },
  run: settle,
};
