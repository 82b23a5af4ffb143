import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { UserError } from '../../../errors.ts';
import type { Command } from '../../../runtime/commands.ts';
import {
  TelegramCommands,
  type ChatOptions,
} from '../../../sinks/channels/telegram/commands/chat.ts';
import { TelegrafTransport } from '../../../sinks/channels/telegram/transport.ts';
import { TelegramPeer, TOKEN } from '../../peers/telegram.ts';
import { until } from './until.ts';

const statusOfAll = {
  services: {
    LLM: { breaker: 'CLOSED', failures: 0, retryAt: null, health: 'HEALTHY' },
    ElevenLabs: {
      breaker: 'OPEN',
      failures: 3,
      retryAt: '2026-11-24T00:16:07.000Z',
      health: 'UNHEALTHY',
    },
  },
};
export const alert = {
  id: '12',
  rule: 'breaker.opened',
  severity: 'critical',
  state: 'firing',
  service: 'ElevenLabs',
};

export let dir: string;
export let telegram: TelegramPeer;
const running: TelegramCommands[] = [];

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'telegram-'));
  // People write slowly: more than a second lies between two messages.
  let at = Date.now();
  telegram = await TelegramPeer.start(['42', '-100'], () => (at += 1_000));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((chat) => chat.close()));
  await telegram.close();
  fs.rmSync(dir, { recursive: true });
});

export interface Desk {
  readonly done: Command[];
  alerts: object[];
  silences: object[];
}

/** What a desk answers whose commands are known but for `campaign.*`. */
function portOf(desk: Desk): ChatOptions['port'] {
  return (command) => {
    if (command.type === 'status') return statusOfAll;
    if (command.type === 'alerts.list') return desk.alerts;
    if (command.type === 'alerts.silences') return desk.silences;
    if (command.type.startsWith('campaign.')) {
      throw new UserError(`The agent does not know the command ${command.type}.`);
    }
    desk.done.push(command);
    return {};
  };
}

export function start(desk: Desk, options: Partial<ChatOptions> = {}): TelegramCommands {
  const chat = new TelegramCommands({
    token: TOKEN,
    chats: ['42'],
    transport: new TelegrafTransport(TOKEN, telegram.peer.origin),
    port: portOf(desk),
    file: path.join(dir, 'cursors', 'telegram-commands.json'),
    onDisk: () => Promise.resolve(),
    pollSeconds: 5,
    ...options,
  });
  running.push(chat);
  return chat;
}

export const begin = (desk: Desk, options: Partial<ChatOptions> = {}): TelegramCommands => {
  const chat = start(desk, options);
  chat.start();
  return chat;
};

export const newDesk = (): Desk => ({ done: [], alerts: [alert], silences: [] });

export const answersFrom = (count: number): Promise<string[]> =>
  until(() => telegram.sent.length >= count).then(() => telegram.sent.map(({ text }) => text));
