import { z } from 'zod';

export const logging = z.object({
  LOG_FILE_PATH: z.string().min(1).default('logs/error_logs.json').describe('The error log'),
});
