import { z } from 'zod';
import { secret } from './kinds.ts';

/** The dashboard of `serve`. */
export const dashboard = z.object({
  DASHBOARD_TOKEN: secret(
    'At least 16 characters; needed to serve the dashboard to other machines',
  ),
});
