import { describe, expect, test } from 'vitest';
import { readConfig, secretsOf, webhookTargetsOf, type Env } from '../config.ts';
import { makeChannels } from '../sinks/channels/make.ts';

const email = {
  EMAIL_SMTP_SERVER: 'mail.example.com',
  EMAIL_SENDER: 'agent@example.com',
  EMAIL_PASSWORD: 'correct horse',
  EMAIL_RECEIVER: 'ada@example.org, bob@example.org,ada@example.org',
};
const slack = 'https://hooks.slack.com/services/T000/B000/XXXX';
const discord = 'https://discord.com/api/webhooks/1/YYYY';
const other = 'https://ops.example.com/alerts?token=ZZZZ';

const namesOf = (env: Env): string[] => makeChannels(readConfig(env)).map(({ name }) => name);

describe('channels', () => {
  test('are none when nothing is set', () => {
    expect(namesOf({})).toEqual([]);
  });

  test('are one for each receiver of mail, and no address stands in a name', () => {
    const names = namesOf(email);
    expect(names).toEqual(['email', expect.stringMatching(/^email:[\da-f]{6}$/)]);
    expect(
      namesOf({ ...email, EMAIL_RECEIVER: `${email.EMAIL_RECEIVER},eve@example.org` }),
    ).toEqual([...names, expect.stringMatching(/^email:[\da-f]{6}$/)]);
  });
});

describe('the name of a channel', () => {
  test('is its chat, its format or its host, and no token stands in it', () => {
    const names = namesOf({
      TELEGRAM_BOT_TOKEN: '1:x',
      TELEGRAM_CHAT_ID: '42,-1001,42',
      WEBHOOK_URL: `${slack},${discord},${other},${slack}2,${other}2,${other}`,
      PAGERDUTY_ROUTING_KEY: 'a'.repeat(32),
    });
    expect(names).toEqual([
      'telegram:42',
      'telegram:-1001',
      'slack',
      'discord',
      'webhook:ops.example.com',
      expect.stringMatching(/^slack:[\da-f]{6}$/),
      expect.stringMatching(/^webhook:ops\.example\.com:[\da-f]{6}$/),
      'pagerduty',
    ]);
  });
});

describe('a channel that is set in part', () => {
  test.each<[Env, RegExp]>([
    [
      { EMAIL_SENDER: 'agent@example.com' },
      /E-mail alerts also need EMAIL_SMTP_SERVER, EMAIL_RECEIVER and EMAIL_PASSWORD: only EMAIL_SENDER is set/,
    ],
    [
      { ...email, EMAIL_PASSWORD: '' },
      /E-mail alerts also need EMAIL_PASSWORD: only EMAIL_SMTP_SERVER, EMAIL_SENDER and EMAIL_RECEIVER are set/,
    ],
    [{ TELEGRAM_BOT_TOKEN: '1:x' }, /Telegram alerts also need TELEGRAM_CHAT_ID/],
    [{ TELEGRAM_CHAT_ID: '1' }, /Telegram alerts also need TELEGRAM_BOT_TOKEN/],
    [{ TELEGRAM_COMMANDS: 'on' }, /also needs TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID/],
    [{ WEBHOOK_FORMAT: 'slack' }, /WEBHOOK_FORMAT is set, but no WEBHOOK_URL/],
    [{ WEBHOOK_FORMAT: 'pagerduty' }, /PagerDuty alerts also need PAGERDUTY_ROUTING_KEY/],
    [{ WEBHOOK_SECRET: 'a secret' }, /WEBHOOK_SECRET .* WEBHOOK_URL, which is not set/],
    [
      { WEBHOOK_URL: 'https://events.pagerduty.com/v2/enqueue' },
      /PagerDuty alerts also need PAGERDUTY_ROUTING_KEY/,
    ],
    [
      { WEBHOOK_URL: `${slack},${discord},${other}`, WEBHOOK_FORMAT: 'slack,discord' },
      /WEBHOOK_FORMAT must have one value, or 3 as WEBHOOK_URL has, got 2/,
    ],
  ])('%j is refused with what is missing', (env, expected) => {
    expect(() => readConfig(env)).toThrow(expected);
  });

  test('is whole without a password where no TLS is asked for, as on this machine', () => {
    const local = { ...email, EMAIL_SMTP_SERVER: '127.0.0.1', EMAIL_SMTP_TLS: 'off' };
    expect(namesOf({ ...local, EMAIL_PASSWORD: '' })).toHaveLength(2);
    expect(() => readConfig({ ...email, EMAIL_SMTP_TLS: 'off' })).toThrow(
      /EMAIL_SMTP_TLS=off is allowed for a mail server on this machine only/,
    );
  });
});

describe('a wrong value of a channel', () => {
  test.each<[Env, RegExp]>([
    [
      { ...email, EMAIL_RECEIVER: 'ada@example.org,bob' },
      /EMAIL_RECEIVER: must be e-mail addresses/,
    ],
    [{ ...email, EMAIL_RECEIVER: ' , ' }, /EMAIL_RECEIVER: must have at least one value/],
    [{ ...email, EMAIL_SMTP_PORT: '0' }, /EMAIL_SMTP_PORT/],
    [{ TELEGRAM_BOT_TOKEN: '1:x', TELEGRAM_CHAT_ID: 'ops' }, /TELEGRAM_CHAT_ID: must be ids/],
    [{ WEBHOOK_URL: other, WEBHOOK_FORMAT: 'teams' }, /WEBHOOK_FORMAT: .*got "teams"/],
    [{ EMAIL_RECIEVER: 'ada@example.org' }, /did you mean EMAIL_RECEIVER/],
    [{ WEBHOOK_URLS: slack }, /did you mean WEBHOOK_URL/],
    [{ TELEGRAM_CHAT_IDS: '1' }, /did you mean TELEGRAM_CHAT_ID/],
  ])('%j is refused', (env, expected) => {
    expect(() => readConfig(env)).toThrow(expected);
  });

  test('is not repeated when it is a secret', () => {
    const wrong = () => readConfig({ WEBHOOK_URL: `${slack},ftp://token@example.com/secret` });
    expect(wrong).toThrow(/WEBHOOK_URL: must be URLs/);
    expect(wrong).not.toThrow(/token|XXXX/);
  });
});

describe('a webhook', () => {
  const formatsOf = (env: Env) => webhookTargetsOf(readConfig(env)).map(({ format }) => format);
  const key = { PAGERDUTY_ROUTING_KEY: 'a'.repeat(32) };

  test('is spoken to as its host tells, else as it is said', () => {
    const urls = [slack, discord, other, 'https://events.eu.pagerduty.com/v2/enqueue'].join();
    expect(formatsOf({ WEBHOOK_URL: urls, ...key })).toEqual([
      'slack',
      'discord',
      'generic',
      'pagerduty',
    ]);
    expect(formatsOf({ WEBHOOK_URL: `${other},${other}/2`, WEBHOOK_FORMAT: 'slack' })).toEqual([
      'slack',
      'slack',
    ]);
    expect(
      formatsOf({ WEBHOOK_URL: `${slack},${other}`, WEBHOOK_FORMAT: 'slack,discord' }),
    ).toEqual(['slack', 'discord']);
  });

  test('of PagerDuty needs no URL, only its key', () => {
    expect(webhookTargetsOf(readConfig(key))).toEqual([
      { url: 'https://events.pagerduty.com/v2/enqueue', format: 'pagerduty' },
    ]);
  });
});

describe('the secrets of channels', () => {
  const env = {
    ...email,
    WEBHOOK_URL: `${slack},${other}`,
    WEBHOOK_SECRET: 'signing',
    TELEGRAM_BOT_TOKEN: '4711:secret',
    TELEGRAM_CHAT_ID: '1',
    PAGERDUTY_ROUTING_KEY: 'b'.repeat(32),
  };

  test('are masked in what is shown', () => {
    const shown = JSON.stringify(readConfig(env).settings);
    for (const secret of ['correct horse', 'XXXX', 'ZZZZ', 'signing', '4711:secret', 'bbbb']) {
      expect(shown).not.toContain(secret);
    }
  });

  test('are known to whoever masks: each URL, and its path alone', () => {
    expect(secretsOf(readConfig(env))).toEqual(
      expect.arrayContaining([
        slack,
        '/services/T000/B000/XXXX',
        other,
        '/alerts?token=ZZZZ',
        'signing',
        '4711:secret',
        'correct horse',
        'b'.repeat(32),
      ]),
    );
  });
});
