/**
 * What the pages ask of an agent. Its port takes more, such as erasing a person, which nobody is
 * to be able to do from a browser.
 */
export const ORDERS = [
  'reset',
  'isolate',
  'release',
  'campaign.pause',
  'campaign.resume',
  'campaign.stop',
  'campaign.settle',
  'alerts.ack',
  'alerts.silence',
  'alerts.lift',
] as const;

export interface Order {
  readonly type: (typeof ORDERS)[number];
  readonly [key: string]: unknown;
}

export const isOrder = (command: object): command is Order =>
  'type' in command && (ORDERS as readonly unknown[]).includes(command.type);
