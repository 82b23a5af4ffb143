import { UserError } from '../../errors.ts';
import { pruneOffline, type Pruning } from '../../runtime/prune.ts';
import type { PruneReport, PruneStage } from '../../store/prune.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT } from '../exit.ts';
import { ProgressLine } from '../progress.ts';
import { dataDirOf, existingJournalOf } from '../session.ts';
import { pruningOf, size } from './retention.ts';

function tellPruned({ removed, left, from, baseBytes }: PruneReport): string[] {
  const lines = [
    ...removed.map(({ file, bytes }) => `✓ ${file}: ${size(bytes)}, removed`),
    ...left.map(({ file, bytes, why }) => `· ${file}: ${size(bytes)}, left: ${why}`),
  ];
  if (removed.length === 0) {
    const why = left.length > 0 ? '' : ': retention asks for no finished file that is two days old';
    return [...lines, `Nothing was removed${why}.`];
  }
  return [...lines, `The journal begins at seq ${from}; its base takes ${size(baseBytes)}.`];
}

function pruneHere(invocation: Invocation, pruning: Pruning): PruneReport {
  const line = new ProgressLine(invocation.io);
  try {
    const onStage = (stage: PruneStage): void => line.show(`${stage}…`);
    return pruneOffline(dataDirOf(invocation), { ...pruning, onStage });
  } finally {
    line.clear();
  }
}

export const journalPrune: Command = {
  name: 'journal prune',
  usage: 'journal prune',
  summary: 'Remove the oldest files of the journal, as far as retention asks for it',
  details:
    'Removes whole files that JOURNAL_RETENTION_DAYS or JOURNAL_RETENTION_MB asks to remove and in\n' +
    'which all has ended. What has to be known of them is kept in a base beside the journal, so\n' +
    'that nobody is called twice; the single lines are gone for good. Nothing younger than two days\n' +
    'goes, and nothing ever goes by itself. journal stats says before what it would be. It needs\n' +
    'the folder for itself: stop the agent first.\n\n' +
    'Examples\n  JOURNAL_RETENTION_DAYS=90 npx call-agent journal prune',
  flags: [],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    existingJournalOf(invocation);
    const pruning = pruningOf(invocation);
    if (!pruning) {
      throw new UserError(
        'Nothing says what to remove: set JOURNAL_RETENTION_DAYS or JOURNAL_RETENTION_MB.',
      );
    }
    const report = pruneHere(invocation, pruning);
    if (flags.json) io.result(JSON.stringify(report));
    else for (const line of tellPruned(report)) io.result(line);
    return Promise.resolve(EXIT.done);
  },
};
