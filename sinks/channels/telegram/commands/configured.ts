import path from 'node:path';
import type { ChannelSettings } from '../../../../config.ts';
import type { CommandPort } from '../../../../runtime/commands.ts';
import { TelegrafTransport } from '../transport.ts';
import { TelegramCommands } from './chat.ts';

export interface Surroundings {
  /** The data folder. */
  readonly dir: string;
  readonly port: CommandPort;
  /** Resolves when what was journalled is on disk. */
  readonly onDisk: () => Promise<void>;
}

/** What listens to the configured chats; null when nothing is to. */
export function telegramCommandsOf(
  settings: ChannelSettings,
  { dir, port, onDisk }: Surroundings,
): TelegramCommands | null {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: chats, TELEGRAM_API_ROOT: root } = settings;
  if (settings.TELEGRAM_COMMANDS === 'off' || token === undefined || chats === undefined) {
    return null;
  }
  const transport = new TelegrafTransport(token, root);
  const file = path.join(dir, 'cursors', 'telegram-commands.json');
  return new TelegramCommands({ token, chats, transport, port, file, onDisk });
}
