import type { Channel, Checked, Notice } from '../channel.ts';
import { classifyTelegram, isMarkupRefused } from './errors.ts';
import { htmlOf, plainOf } from './text.ts';
import type { TelegramTransport } from './transport.ts';

export interface TelegramSettings {
  /** Never told in an error. */
  readonly token: string;
  readonly chat: string;
  readonly transport: TelegramTransport;
}

/** Messages to one chat. */
export class TelegramChannel implements Channel {
  readonly name: string;
  /**
   * A chat takes one message a second, and a group 20 a minute ("Bots FAQ", limits); answers to
   * commands come on top.
   */
  readonly pace = { perMinute: 15, burst: 4, gapMs: 1_100 };
  readonly #settings: TelegramSettings;

  constructor(name: string, settings: TelegramSettings) {
    this.name = name;
    this.#settings = settings;
  }

  async deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, async () => {
      try {
        await this.#send({ text: htmlOf(notice), parse_mode: 'HTML' }, signal);
      } catch (error) {
        if (!isMarkupRefused(error)) throw error;
        // Better without bold letters than not at all.
        await this.#send({ text: plainOf(notice) }, signal);
      }
    });
  }

  /** Whether the token is one, and whether the bot is in the chat; nobody notices. */
  async check(signal: AbortSignal): Promise<Checked> {
    const { transport, chat } = this.#settings;
    await this.#attempt(signal, async () => {
      await transport.call('getMe', {}, signal);
      await transport.call('getChat', { chat_id: chat }, signal);
    });
    return 'works';
  }

  async #send(message: object, signal: AbortSignal): Promise<void> {
    const { transport, chat } = this.#settings;
    const payload = { chat_id: chat, link_preview_options: { is_disabled: true }, ...message };
    await transport.call('sendMessage', payload, signal);
  }

  async #attempt(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw classifyTelegram(error, this.name, this.#settings.token);
    }
  }
}
