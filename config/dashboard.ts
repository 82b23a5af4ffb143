import { z } from 'zod';
import { listOf, secret } from './kinds.ts';

/** As a browser names it in its Host header. */
const host = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9.-]+|\[[\da-fA-F:]+\])(?::\d{1,5})?$/,
    'must be names such as calls.example.org, without http:// and without a path',
  );

/** The dashboard of `serve`. */
export const dashboard = z.object({
  DASHBOARD_TOKEN: secret(
    'At least 16 characters; needed to serve the dashboard to other machines',
  ),
  DASHBOARD_HOSTS: listOf(host).describe(
    "Other names it is reached by, such as a reverse proxy's; several with commas",
  ),
});
