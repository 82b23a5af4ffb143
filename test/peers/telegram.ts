import { Bucket, HttpPeer, Limit, type Asked, type Reply } from './http.ts';

export const TOKEN = '4711:AAtgSECRETtgSECRETtgSECRET';

interface Update {
  readonly update_id: number;
  readonly message?: object;
}

export interface Sent {
  readonly chat_id: string | number;
  readonly text: string;
  readonly parse_mode?: string;
}

const refused = (error_code: number, description: string, parameters?: object): Reply => ({
  status: error_code,
  body: { ok: false, error_code, description, ...(parameters && { parameters }) },
});
const good = (result: unknown): Reply => ({ status: 200, body: { ok: true, result } });

const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** What is left of HTML when its entities are parsed, as Telegram counts; null when it can't be. */
function parsedHtml(html: string): string | null {
  const open: string[] = [];
  const text = html.replace(/<(\/?)([^>]*)>?/g, (whole, slash: string, tag: string) => {
    const isTag = whole.endsWith('>') && /^(?:b|i|code|pre|u|s)$/.test(tag);
    if (!isTag || (slash !== '' && open.pop() !== tag)) open.push('broken', 'broken');
    else if (slash === '') open.push(tag);
    return '';
  });
  if (open.length > 0) return null;
  return text.replace(/&(amp|lt|gt|quot);/g, (_whole, name: string) => entities[name] ?? '');
}

/**
 * The Bot API on loopback: one bot in some chats. For each it takes one message a second and 20 a
 * minute, and 30 a second in all ("Bots FAQ", limits). The short bursts that Telegram lets through
 * are not to be relied on.
 */
export class TelegramPeer {
  readonly sent: Sent[] = [];
  readonly peer: HttpPeer;
  /** Highest number of getUpdates at once. */
  polls = 0;
  readonly #chats: readonly string[];
  readonly #now: () => number;
  readonly #limits = new Map<string, { readonly minute: Limit; readonly second: Bucket }>();
  readonly #overall: Limit;
  #updates: Update[] = [];
  #nextUpdate = 1_001;
  #poller: { end(reply: Reply): void } | null = null;

  private constructor(peer: HttpPeer, chats: readonly string[], now: () => number) {
    this.peer = peer;
    this.#chats = chats;
    this.#now = now;
    this.#overall = new Limit(30, 1_000, now);
  }

  static async start(
    chats: readonly string[] = ['42'],
    now: () => number = Date.now,
  ): Promise<TelegramPeer> {
    let telegram: TelegramPeer | null = null;
    const peer = await HttpPeer.start(
      (asked, gone) => telegram?.answer(asked, gone) ?? refused(500, 'starting'),
    );
    telegram = new TelegramPeer(peer, chats, now);
    return telegram;
  }

  /**
   * Somebody writes to the bot.
   * @param more what else the message holds, or holds in place of the usual
   * @returns the update's id
   */
  write(
    text: string,
    chat: string = this.#chats[0] ?? '',
    from: object = ada,
    more: object = {},
  ): number {
    const update_id = this.#nextUpdate++;
    const message = {
      message_id: update_id - 1_000,
      date: Math.floor(this.#now() / 1_000),
      chat: { id: Number(chat), type: 'private' },
      from,
      text,
      ...more,
    };
    this.#updates.push({ update_id, message });
    this.#poller?.end(good(this.#updates));
    return update_id;
  }

  /** Updates that the bot has not confirmed yet. */
  get unconfirmed(): readonly number[] {
    return this.#updates.map(({ update_id }) => update_id);
  }

  /** After a week without updates their ids start anywhere ("Update"). */
  continueAt(update: number): void {
    this.#nextUpdate = update;
  }

  close(): Promise<void> {
    return this.peer.close();
  }

  answer({ path, json }: Asked, gone: AbortSignal): Reply | Promise<Reply> {
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (token === undefined) return refused(404, 'Not Found');
    if (token !== TOKEN) return refused(401, 'Unauthorized');
    const asked = (json ?? {}) as { [name: string]: unknown };
    if (method === 'sendMessage') return this.#send(asked as unknown as Sent);
    if (method === 'getUpdates') return this.#poll(asked, gone);
    if (method === 'getChat') {
      return this.#has(asked['chat_id']) ? good({ id: asked['chat_id'] }) : noChat;
    }
    if (method !== 'getMe') return refused(404, 'Not Found: method not found');
    return good({ id: 4711, is_bot: true, first_name: 'Agent', username: 'agent_bot' });
  }

  #has(chat: unknown): boolean {
    return this.#chats.includes(String(chat as string));
  }

  #send(message: Sent): Reply {
    const chat = String(message.chat_id);
    if (!this.#has(chat)) return noChat;
    const text = message.parse_mode === 'HTML' ? parsedHtml(message.text) : message.text;
    if (text === null) return refused(400, "Bad Request: can't parse entities: unclosed tag");
    if (text.trim() === '') return refused(400, 'Bad Request: message text is empty');
    if (text.length > 4_096) return refused(400, 'Bad Request: message is too long');
    const waitMs = this.#waitMs(chat);
    if (waitMs > 0) {
      const retry_after = Math.ceil(waitMs / 1_000);
      const description = `Too Many Requests: retry after ${retry_after}`;
      return refused(429, description, { retry_after });
    }
    this.sent.push(message);
    return good({ message_id: this.sent.length, chat: { id: message.chat_id }, text });
  }

  #waitMs(chat: string): number {
    const limits = this.#limits.get(chat) ?? {
      minute: new Limit(20, 60_000, this.#now),
      second: new Bucket(1, 1, this.#now),
    };
    this.#limits.set(chat, limits);
    return Math.max(this.#overall.take(), limits.second.take(), limits.minute.take());
  }

  /** Asking with an offset confirms all before it; a second poller ends the first one's request. */
  #poll({ offset, timeout = 0 }: { offset?: number; timeout?: number }, gone: AbortSignal) {
    this.polls++;
    this.#poller?.end(
      refused(409, 'Conflict: terminated by other getUpdates request; only one may run'),
    );
    if (offset !== undefined) {
      this.#updates = this.#updates.filter(({ update_id }) => update_id >= offset);
    }
    if (this.#updates.length > 0 || timeout === 0) return good(this.#updates);
    return new Promise<Reply>((resolve) => {
      const timer = setTimeout(() => poller.end(good([])), timeout * 1_000);
      const poller = {
        end: (reply: Reply): void => {
          clearTimeout(timer);
          if (this.#poller === poller) this.#poller = null;
          resolve(reply);
        },
      };
      this.#poller = poller;
      gone.addEventListener('abort', () => poller.end(good([])), { once: true });
    });
  }
}

export const ada = { id: 815, is_bot: false, first_name: 'Ada Lovelace', username: 'ada' };
const noChat = refused(400, 'Bad Request: chat not found');
