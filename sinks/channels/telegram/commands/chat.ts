import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderError } from '../../../../errors.ts';
import type { CommandPort } from '../../../../runtime/commands.ts';
import type { JournalRecord } from '../../../../store/record.ts';
import type { Sink } from '../../../sink.ts';
import { cut } from '../../words.ts';
import { classifyTelegram, refusalIn } from '../errors.ts';
import { LONGEST_TEXT } from '../text.ts';
import type { TelegramTransport } from '../transport.ts';
import { Clerk, type ChatCounts } from './clerk.ts';
import { Handled } from './handled.ts';
import { messageIn, updateIdOf, updateIn, type Message } from './update.ts';

export interface ChatOptions {
  readonly token: string;
  /** Only these may command. */
  readonly chats: readonly string[];
  readonly transport: TelegramTransport;
  readonly port: CommandPort;
  /** Keeps which updates are done with. */
  readonly file: string;
  /** Resolves when what was journalled is on disk. */
  readonly onDisk: () => Promise<void>;
  /** How long Telegram holds a request open until somebody writes. @default 25 */
  readonly pollSeconds?: number;
  /** Waits between tries. @default the wall clock's */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Epoch ms by the wall clock. @default Date.now */
  readonly now?: () => number;
}

const ANSWER_MS = 10_000;
const ANSWER_TRIES = 3;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Longer than a poll: the other one gets its turn, and perhaps its end. */
const CONFLICT_WAIT_MS = 45_000;

const CONFLICT =
  'Another program reads the messages of this Telegram bot: give each agent a bot of its own, or set TELEGRAM_COMMANDS=off in all but one';

const WEBHOOK =
  'This Telegram bot has a webhook, which gets its messages: remove it (deleteWebhook), or set TELEGRAM_COMMANDS=off';

/**
 * Commands from the configured chats. As a sink it reads of the journal which of them were carried
 * out before this start; it asks for new ones by long polling, for which no address of ours has to
 * be reachable.
 */
export class TelegramCommands implements Sink {
  readonly name = 'telegram-commands';
  /** What a person should know; null when all is well. */
  problem: string | null = null;
  readonly #options: ChatOptions;
  readonly #handled: Handled;
  readonly #clerk: Clerk;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #username: string | null = null;
  #failures = 0;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#handled = new Handled(options.file, options.token.split(':')[0] ?? '');
    this.#clerk = new Clerk(options.port, options.chats, options.now ?? Date.now);
  }

  get counts(): Readonly<ChatCounts> {
    return this.#clerk.counts;
  }

  prime({ event }: JournalRecord): void {
    const { by, input } = event as { by?: unknown; input?: { by?: unknown } };
    const update = updateIn(by) ?? updateIn(input?.by);
    if (update !== null) this.#handled.remember(update);
  }

  take(record: JournalRecord): void {
    this.prime(record);
  }

  snapshot(): readonly number[] {
    return this.#handled.journalled;
  }

  restore(state: unknown): void {
    for (const update of state as readonly number[]) this.#handled.remember(update);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const waitMs = await this.#turn();
      if (waitMs > 0) await this.#wait(waitMs);
    }
  }

  /** @returns how long to wait before the next one */
  async #turn(): Promise<number> {
    try {
      for (const update of await this.#poll()) {
        if (this.#stop.signal.aborted) return 0;
        await this.#handle(update);
      }
      this.#failures = 0;
      this.problem = null;
      return 0;
    } catch (error) {
      return this.#stop.signal.aborted ? 0 : this.#fail(error);
    }
  }

  async #poll(): Promise<readonly unknown[]> {
    const { pollSeconds = 25 } = this.#options;
    this.#username ??= await this.#ownName();
    const offset = this.#handled.offset(Date.now());
    const asked = { timeout: pollSeconds, allowed_updates: ['message'] };
    const updates = await this.#call(
      'getUpdates',
      offset === null ? asked : { ...asked, offset },
      pollSeconds * 1_000 + ANSWER_MS,
    );
    return Array.isArray(updates) ? (updates as unknown[]) : [];
  }

  async #ownName(): Promise<string> {
    const me = (await this.#call('getMe', {}, ANSWER_MS)) as { username?: string } | null;
    return me?.username?.toLowerCase() ?? '';
  }

  async #handle(update: unknown): Promise<void> {
    const id = updateIdOf(update);
    if (id === null) return;
    if (this.#handled.has(id)) this.#clerk.counts.repeated++;
    else {
      const message = messageIn(update);
      const answer = await this.#clerk.heed(message, this.#username ?? '');
      if (message && answer !== null) await this.#answer(message, answer);
    }
    // What was carried out is in the journal before it counts as done.
    await this.#options.onDisk();
    this.#handled.write(id, Date.now());
  }

  async #answer({ chat, message }: Message, text: string): Promise<void> {
    const reply = { message_id: message, allow_sending_without_reply: true };
    const payload = { chat_id: chat, text: cut(text, LONGEST_TEXT), reply_parameters: reply };
    for (let tries = ANSWER_TRIES; tries > 0; tries--) {
      try {
        await this.#call('sendMessage', payload, ANSWER_MS);
        return;
      } catch (error) {
        // An alert went to the same chat just before, and Telegram says when there is room again.
        const waitMs = classifyTelegram(error, this.name, this.#options.token).retryAfterMs;
        if (waitMs === null || waitMs > LONGEST_WAIT_MS) break;
        await this.#wait(waitMs);
      }
    }
    // It was carried out all the same; asking again would carry it out again.
    this.#clerk.counts.unanswered++;
  }

  #call(method: string, payload: object, patienceMs: number): Promise<unknown> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(patienceMs)]);
    return this.#options.transport.call(method, payload, signal);
  }

  #fail(error: unknown): number {
    this.#failures++;
    const refusal = refusalIn(error);
    if (refusal?.error_code === 409) {
      this.problem = /webhook/i.test(refusal.description ?? '') ? WEBHOOK : CONFLICT;
      return CONFLICT_WAIT_MS;
    }
    const failure: ProviderError = classifyTelegram(error, this.name, this.#options.token);
    this.problem = `Commands from Telegram are not heard: ${failure.message}`;
    const backoffMs = FIRST_WAIT_MS * 2 ** Math.min(this.#failures - 1, 6);
    return failure.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, backoffMs);
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stop;
    const wait = this.#options.wait ?? ((time) => sleep(time, undefined, { signal, ref: false }));
    try {
      await wait(ms, signal);
    } catch {
      // Stopped.
    }
  }
}
