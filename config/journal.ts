import { z } from 'zod';

/** How the journal is kept; docs/durability.md says what each mode promises. */
export const journal = z.object({
  JOURNAL_DURABILITY: z
    .enum(['process', 'group', 'strict'])
    .default('group')
    .describe('When a line is on disk: process, group (within 10 ms) or strict (before going on)'),
});
