import { setImmediate as nextRound } from 'node:timers/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { archiveJournal, type ArchiveProgress, type ArchiveReport } from '../store/archive.ts';
import type { Survey } from '../store/archive-survey.ts';
import { realFileSystem } from '../store/file-system.ts';
import { Journal } from '../store/journal.ts';
import { lockFolder } from '../store/lock.ts';
import type { CommandDesk } from './commands.ts';
import type { Runtime } from './runtime.ts';

const schema = z.object({ campaign: z.string().nullable(), by: z.string() });

/** @throws UserError when there is no such campaign, or it has not come to its end */
function checkCampaign({ campaigns }: Survey, campaign: string | null): void {
  if (campaign === null) return;
  const span = campaigns.get(campaign);
  if (!span) {
    throw new UserError(
      `There is no campaign called ${campaign} in the journal: see npx call-agent campaign list.`,
    );
  }
  if (span.isFinished) return;
  throw new UserError(
    `The campaign ${campaign} has not come to its end, so it is not archived: ` +
      `npx call-agent campaign resume ${campaign} goes on with it.`,
  );
}

/**
 * `journal.archive`: compresses what belongs to finished campaigns, some milliseconds at a time, so
 * that calls under way are not kept waiting.
 */
export function addArchiveCommand(commands: CommandDesk, runtime: Runtime): void {
  let isBusy = false;
  commands.add('journal.archive', schema, async ({ campaign }): Promise<ArchiveReport> => {
    if (isBusy) throw new UserError('This journal is being archived already.');
    isBusy = true;
    try {
      const steps = archiveJournal({
        dir: runtime.journal.dir,
        disk: realFileSystem,
        campaign,
        check: (survey) => checkCampaign(survey, campaign),
        beginFile: () => runtime.journal.beginFile(),
      });
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        await nextRound();
        if (!runtime.isClosed) continue;
        throw new UserError('The agent stops, so its journal is archived another time.');
      }
    } finally {
      isBusy = false;
    }
  });
}

/**
 * Does the same in a folder that no agent works on.
 * @param campaign all that are finished when null
 * @throws LockedError when another process works on the folder
 * @throws UserError when there is no such campaign, or it has not come to its end
 */
export function archiveOffline(
  dataDir: string,
  campaign: string | null,
  onProgress: (progress: ArchiveProgress) => void = () => {},
): ArchiveReport {
  const lock = lockFolder(dataDir);
  const dir = path.join(dataDir, 'journal');
  try {
    const steps = archiveJournal({
      dir,
      disk: realFileSystem,
      campaign,
      check: (survey) => checkCampaign(survey, campaign),
      beginFile({ tail }) {
        const journal = Journal.open(dir, { tail });
        journal.beginFile();
        journal.close();
      },
    });
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      onProgress(step.value);
    }
  } finally {
    lock.release();
  }
}
