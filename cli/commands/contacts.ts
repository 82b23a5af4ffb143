import { eraseOffline } from '../../actors/erasure-orders.ts';
import type { Erasure } from '../../actors/erasure.ts';
import { readFolder } from '../../actors/reading.ts';
import { reportCall } from '../../actors/report.ts';
import { UserError } from '../../errors.ts';
import { sendCommand } from '../../runtime/control.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { dataDirOf, existingJournalOf } from '../session.ts';
import { counted } from '../summary.ts';

export const contactsErase: Command = {
  name: 'contacts erase',
  usage: 'contacts erase PHONE|ID',
  summary: 'Remove a person from the data folder',
  details:
    'Their rows in every campaign, rejected rows, also where the number stands without its country\n' +
    'code, the scripts and audio that nobody else uses, and what the simulated providers remember.\n' +
    'The journal keeps the id, which says nothing of whose it was; a campaign that has yet to call\n' +
    'them skips them. Your own list, the providers and the CRM are not touched. Reaches the agent\n' +
    'that is running on the folder, if there is one.\n\n' +
    'Examples\n  npx call-agent contacts erase 0007\n  npx call-agent contacts erase +14155550101',
  flags: [],
  positionals: { least: 1, most: 1 },
  async run(invocation) {
    const { flags, io, positionals } = invocation;
    existingJournalOf(invocation);
    const dir = dataDirOf(invocation);
    const [who = ''] = positionals;
    const by = 'call-agent contacts erase';
    const reached = await sendCommand(dir, { type: 'contacts.erase', who, by });
    const erasure = (reached?.result as Erasure | undefined) ?? eraseOffline(dir, who, by);
    if (flags.json) io.result(JSON.stringify(erasure));
    else {
      const { contacts, artefacts, rejectedRows } = erasure;
      io.result(
        `Erased: ${contacts.join(', ') || 'no contact'}; ${counted(artefacts, 'artefact')}, ${counted(rejectedRows, 'rejected row')}`,
      );
    }
    return EXIT.done;
  },
};

export const contactsShow: Command = {
  name: 'contacts show',
  usage: 'contacts show ID',
  summary: 'Who a contact is, and what became of them',
  details: 'Example\n  npx call-agent contacts show 0007',
  flags: [],
  positionals: { least: 1, most: 1 },
  async run(invocation) {
    const { flags, io, positionals } = invocation;
    existingJournalOf(invocation);
    const id = (positionals[0] ?? '').padStart(4, '0');
    const { contacts, ledger } = readFolder(dataDirOf(invocation));
    const details = contacts.get(id);
    if (!details) throw new UserError(`There is no contact ${id}.`);
    const entry = ledger.get(id);
    const { phone, variables, timezone } = details;
    const shown = {
      ...reportCall(details, entry),
      campaign: entry?.campaign ?? null,
      phone,
      variables,
      timezone,
    };
    if (flags.json) io.result(JSON.stringify(shown));
    else {
      const who = phone === '' ? '(erased)' : `${shown.name}  ${phone}`;
      io.result(`${id}  ${who}  ${shown.status}`);
      if (shown.error) io.result(`  ${shown.error.message}`);
    }
    return EXIT.done;
  },
};
