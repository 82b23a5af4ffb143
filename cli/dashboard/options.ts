import { readConfig } from '../../config.ts';
import { numberFlag } from '../arguments.ts';
import type { Invocation } from '../command.ts';

export const DASHBOARD_PORT = 7070;

/** Where the dashboard is to be served. */
export function dashboardOptions({ flags, environment }: Invocation) {
  const { DASHBOARD_TOKEN: token = null } = readConfig(environment.values);
  return {
    port: numberFlag('port', flags.port, DASHBOARD_PORT, { least: 0, most: 65_535, isWhole: true }),
    host: flags.host ?? '127.0.0.1',
    token,
  };
}
