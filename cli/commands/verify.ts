import { machines } from '../../machines/registry.ts';
import { verifyJournal } from '../../store/verify.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { existingJournalOf } from '../session.ts';

export const verify: Command = {
  name: 'verify',
  usage: 'verify',
  summary: 'Fold the journal through the machines and compare it line for line',
  details:
    'Changes nothing on disk. Exit code 1 names the first line that the machines would not have\n' +
    'written, that is damaged, or that another version of a machine wrote.',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    const result = verifyJournal(existingJournalOf(invocation), machines);
    const { records, ok, firstDifference, tornBytes } = result;
    if (flags.json) io.result(JSON.stringify({ records, ok, firstDifference }));
    else if (firstDifference) {
      const { seq, actor, reason, expected, found } = firstDifference;
      const place = [seq === null ? null : `seq ${seq}`, actor].filter((part) => part !== null);
      io.result(`✗ ${[...place, reason].join(': ')}`);
      if (expected !== undefined) io.result(`  expected ${JSON.stringify(expected)}`);
      if (found !== undefined) io.result(`  found    ${JSON.stringify(found)}`);
    } else io.result(`✓ ${records} records, every one as the machines would write it`);
    if (tornBytes > 0)
      io.talk(`The last line is unfinished (${tornBytes} bytes); the next start cuts it off.`);
    return Promise.resolve(ok ? EXIT.done : EXIT.failed);
  },
};
