import { readConfig, type Config } from '../../config.ts';
import { inOrder } from '../../sinks/alerts/configured.ts';
import { makeChannels } from '../../sinks/channels/make.ts';
import { ChannelNames } from '../../sinks/channels/names.ts';
import type { KnownChannel } from '../../sinks/dashboard/model/alerts.ts';
import { numberFlag } from '../arguments.ts';
import type { Invocation } from '../command.ts';

export const DASHBOARD_PORT = 7070;

/** Where the dashboard is to be served. */
export function dashboardOptions({ flags, environment }: Invocation) {
  const { DASHBOARD_TOKEN: token = null, DASHBOARD_HOSTS: hosts = [] } = readConfig(
    environment.values,
  );
  return {
    port: numberFlag('port', flags.port, DASHBOARD_PORT, { least: 0, most: 65_535, isWhole: true }),
    host: flags.host ?? '127.0.0.1',
    token,
    hosts,
  };
}

/** The alert channels that are set up, the one that is asked first in front. */
export const channelsOf = (config: Config, dataDir: string): readonly KnownChannel[] =>
  inOrder(makeChannels(config, new ChannelNames(dataDir)), config.ALERT_CHANNELS).map(
    ({ name, keepsIncidents = false }) => {
      return { name, keepsIncidents };
    },
  );
