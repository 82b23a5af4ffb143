import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../sinks/alerts/configured.ts';
import { TestChannel } from '../../support/test-channel.ts';

const channels = ['email', 'email:3fa2c1', 'telegram:42', 'slack'].map(
  (name) => new TestChannel(name),
);
const names = (first?: string[]): string[] => inOrder(channels, first).map(({ name }) => name);

describe('who is asked first', () => {
  test('is whoever is named first; a kind means all of it', () => {
    expect(names()).toEqual(['email', 'email:3fa2c1', 'telegram:42', 'slack']);
    expect(names(['telegram', 'email'])).toEqual(['telegram:42', 'email', 'email:3fa2c1', 'slack']);
    expect(names(['email:3fa2c1'])[0]).toBe('email:3fa2c1');
  });

  test('must be there', () => {
    expect(() => names(['telegramm'])).toThrow(
      'ALERT_CHANNELS names telegramm, which is not set up: there are email, email:3fa2c1, telegram:42, slack.',
    );
    expect(() => names(['tele'])).toThrow('names tele');
    expect(() => inOrder([], ['email'])).toThrow('no channel is set up');
  });
});
