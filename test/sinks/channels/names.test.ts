import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { makeChannels } from '../../../sinks/channels/make.ts';
import { ChannelNames } from '../../../sinks/channels/names.ts';
import { dataFolder } from '../../support/agent.ts';

const mail = {
  EMAIL_SMTP_SERVER: 'mail.example.com',
  EMAIL_SENDER: 'agent@example.com',
  EMAIL_PASSWORD: 'correct horse',
};
const fileIn = (dir: string): string => path.join(dir, 'cursors', 'alert-channels.json');

/** The names that receivers get at one start after another, by receiver. */
function starts(dir: string, ...lists: readonly string[]): { [receiver: string]: string }[] {
  return lists.map((list) => {
    const receivers = list.split(',').map((name) => `${name}@example.org`);
    const names = new ChannelNames(dir);
    const config = readConfig({ ...mail, EMAIL_RECEIVER: receivers.join(',') });
    const given = makeChannels(config, names).map(({ name }) => name);
    names.save();
    return Object.fromEntries(list.split(',').map((name, index) => [name, given[index] ?? '']));
  });
}

test('an address keeps its name in whatever order it stands, and alone', () => {
  const [first, swapped, ...rest] = starts(
    dataFolder(),
    'ada,bob',
    'bob,ada',
    'carol,ada,bob',
    'bob',
    'ada,bob',
  );
  expect(first).toEqual({
    ada: 'email',
    bob: expect.stringMatching(/^email:[\da-f]{6}$/) as string,
  });
  expect(swapped).toEqual(first);
  const [withCarol, bobAlone, again] = rest;
  expect(withCarol).toMatchObject(first ?? {});
  expect(withCarol?.['carol']).toMatch(/^email:[\da-f]{6}$/);
  expect(bobAlone).toEqual({ bob: first?.['bob'] });
  expect(again).toEqual(first);
});

test('whoever takes the place of an address that is gone gets its plain name', () => {
  const [, corrected, , later, mistyped] = starts(
    dataFolder(),
    'adda,bob',
    'ada,bob',
    'bob',
    'bob,eve',
    'bob,eve,ada',
  );
  expect(corrected).toMatchObject({ ada: 'email' });
  expect(later).toMatchObject({ eve: 'email' });
  expect(mistyped).toMatchObject({ eve: 'email', ada: expect.stringMatching(/^email:/) as string });
});

test('chats and webhooks of one format keep theirs, too', () => {
  const dir = dataFolder();
  const namesOf = (chats: string, ...urls: readonly string[]) => {
    const names = new ChannelNames(dir);
    const made = makeChannels(
      readConfig({
        TELEGRAM_BOT_TOKEN: '1:x',
        TELEGRAM_CHAT_ID: chats,
        WEBHOOK_URL: urls.map((url) => `https://hooks.slack.com/services/${url}`).join(','),
      }),
      names,
    );
    names.save();
    return made.map(({ name }) => name);
  };
  const [, , slackA, slackB] = namesOf('1,2', 'A', 'B');
  expect(slackA).toBe('slack');
  expect(namesOf('2,1', 'B', 'A')).toEqual(['telegram:2', 'telegram:1', slackB, slackA]);
  expect(namesOf('2', 'B')).toEqual(['telegram:2', slackB]);
});

test('what is remembered holds no address, is for its owner alone, and may be torn or missing', () => {
  const dir = dataFolder();
  const [first] = starts(dir, 'ada,bob');
  const text = fs.readFileSync(fileIn(dir), 'utf8');
  expect(text).not.toMatch(/ada|bob|example|@/);
  expect(fs.statSync(fileIn(dir)).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(fileIn(dir)))).toEqual(['alert-channels.json']);
  for (const torn of [text.slice(0, -9), '', '{"v":1,"names":{"email":{"holder":7}}}']) {
    fs.writeFileSync(fileIn(dir), torn);
    expect(starts(dir, 'ada,bob')).toEqual([first]);
  }
});
