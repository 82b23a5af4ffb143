import { z } from 'zod';
import { count } from './kinds.ts';

/** The error log, and how much the terminal says. */
export const logging = z.object({
  LOG_FILE_PATH: z.string().min(1).default('logs/error_logs.json').describe('The error log'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe(
      'The least that the error log and the steps of a campaign tell: debug, info, warn or error',
    ),
  LOG_MAX_MB: z.coerce
    .number()
    .positive()
    .max(10_000)
    .default(10)
    .describe('An error log of this size is followed by a new file, and so it is each day'),
  LOG_MAX_DAYS: count(14, 1, 3650).describe('Days that the files it has left behind are kept'),
  LOG_MAX_FILES: count(100, 1, 10_000).describe('Files left behind that are kept'),
});
