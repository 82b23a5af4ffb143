import { machines } from '../../machines/registry.ts';
import { verifyJournal } from '../../store/verify.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { existingJournalOf } from '../session.ts';
import { counted } from '../summary.ts';

export const verify: Command = {
  name: 'verify',
  usage: 'verify',
  summary: 'Fold the journal through the machines and compare it line for line',
  details:
    'Changes nothing on disk. Exit code 1 names the first line that the machines would not have\n' +
    'written, or that is damaged, and says when a machine has changed since. What earlier versions of\n' +
    'the machines wrote can only be proven to be complete and in order.\n\n' +
    'Example\n  npx call-agent verify --data data/scenarios',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    const result = verifyJournal(existingJournalOf(invocation), machines);
    const { records, ok, firstDifference, earlier, from, tornBytes } = result;
    const proven = {
      records,
      ok,
      firstDifference,
      ...(earlier > 0 && { earlier }),
      ...(from > 1 && { from }),
    };
    if (flags.json) io.result(JSON.stringify(proven));
    else if (firstDifference) {
      const { seq, actor, reason, expected, found } = firstDifference;
      const place = [seq === null ? null : `seq ${seq}`, actor].filter((part) => part !== null);
      io.result(`✗ ${[...place, reason].join(': ')}`);
      if (expected !== undefined) io.result(`  expected ${JSON.stringify(expected)}`);
      if (found !== undefined) io.result(`  found    ${JSON.stringify(found)}`);
    } else io.result(`✓ ${records - earlier} records, every one as the machines would write it`);
    if (from > 1)
      io.talk(
        `From seq ${from} on: what was before it has been removed, and a base stands for it.`,
      );
    if (earlier > 0)
      io.talk(
        `${counted(earlier, 'record')} by earlier versions of the machines: checksums and order are proven.`,
      );
    if (tornBytes > 0)
      io.talk(`The last line is unfinished (${tornBytes} bytes); the next start cuts it off.`);
    return Promise.resolve(ok ? EXIT.done : EXIT.failed);
  },
};
