import { z } from 'zod';
import { count } from './kinds.ts';

/** How the journal is kept; docs/durability.md says what each mode promises. */
export const journal = z.object({
  JOURNAL_DURABILITY: z
    .enum(['process', 'group', 'strict'])
    .default('group')
    .describe('When a line is on disk: process, group (within 10 ms) or strict (before going on)'),
  JOURNAL_SNAPSHOT_RECORDS: count(5_000, 10, 1_000_000_000).describe(
    'Records from one snapshot to the next: a start reads what is behind the last one',
  ),
  JOURNAL_RETENTION_DAYS: z.coerce
    .number()
    .min(2)
    .max(36_500)
    .optional()
    .describe(
      'journal prune removes finished files of the journal that are older; never by itself',
    ),
  JOURNAL_RETENTION_MB: z.coerce
    .number()
    .positive()
    .max(1_000_000_000)
    .optional()
    .describe('journal prune removes the oldest finished files beyond this size; never by itself'),
});
