const PREFIX = 'channel:';

/** A channel's own service, guarded like a provider's: `channel:email`. */
export const channelService = (channel: string): string => `${PREFIX}${channel}`;

/** Whether a service is a way to a person, which is none of the calls' business. */
export const isChannel = (service: string): boolean => service.startsWith(PREFIX);

/** The channel that a service stands for. */
export const channelOf = (service: string): string => service.slice(PREFIX.length);
