import { isUserError } from '../../../../errors.ts';
import type { CommandPort } from '../../../../runtime/commands.ts';
import { timeOf } from '../../words.ts';
import { help, orders, type Ask } from './orders.ts';
import { parseCommand, type ChatCommand } from './parse.ts';
import { byOf, type Message } from './update.ts';

/** What became of the messages that came. */
export interface ChatCounts {
  carriedOut: number;
  /** Asked in the wrong way, not known, or not possible. */
  refused: number;
  /** From a chat that is not configured. */
  foreign: number;
  /** No command, or one for another bot. */
  ignored: number;
  /** Sent so long before it was heard that nobody may want it any more. */
  late: number;
  /** Came again after a restart, and was done already. */
  repeated: number;
  /** Carried out, but the answer did not arrive. */
  unanswered: number;
}

/**
 * Telegram keeps for a day what is written while no agent runs. What was meant for the trouble of
 * last night would hit the campaign of this morning.
 */
const LATE_AFTER_MS = 600_000;

/** Takes messages of the configured chats, has done what they ask for, and words the answer. */
export class Clerk {
  readonly counts: ChatCounts = {
    carriedOut: 0,
    refused: 0,
    foreign: 0,
    ignored: 0,
    late: 0,
    repeated: 0,
    unanswered: 0,
  };
  readonly #port: CommandPort;
  readonly #chats: ReadonlySet<string>;
  readonly #now: () => number;

  /** @param now the wall clock: Telegram's messages are dated by it, however fast the agent's runs */
  constructor(port: CommandPort, chats: readonly string[], now: () => number) {
    this.#port = port;
    this.#chats = new Set(chats.map((chat) => chat.toLowerCase()));
    this.#now = now;
  }

  /**
   * @param message null: something else than a message
   * @param ownName of our bot, lower case
   * @returns the answer; null when there is to be none
   */
  async heed(message: Message | null, ownName: string): Promise<string | null> {
    if (message && !this.#isHeard(message)) {
      this.counts.foreign++;
      return null;
    }
    const command = message && parseCommand(message.text);
    const isOurs = command !== null && (command.bot ?? ownName).toLowerCase() === ownName;
    if (message && command && isOurs) return this.#carryOut(message, command);
    this.counts.ignored++;
    return null;
  }

  /** A chat is configured by its number, or by the name that a public one has. */
  #isHeard({ chat, chatName }: Message): boolean {
    return this.#chats.has(chat) || (chatName !== null && this.#chats.has(chatName));
  }

  async #carryOut(message: Message, { name, words }: ChatCommand): Promise<string> {
    const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
    if (!order) {
      this.counts.refused++;
      return help();
    }
    const { sentAt } = message;
    const now = this.#now();
    if (!order.onlyTells && sentAt + LATE_AFTER_MS < now) {
      this.counts.late++;
      return `Not done: /${name} was sent at ${timeOf(sentAt)}, while no agent ran or could hear it, and now it is ${timeOf(now)}. Send it again if it is still wanted.`;
    }
    const by = byOf(message);
    const ask: Ask = async (command) => this.#port({ ...command, by });
    try {
      const answer = await order.run(words, ask);
      if (answer === null) this.counts.refused++;
      else this.counts.carriedOut++;
      return answer ?? `Please write: ${order.usage}`;
    } catch (error) {
      this.counts.refused++;
      // A defect's text might tell of things that are none of a chat's business.
      return isUserError(error) ? error.message : 'That did not work: the agent failed at it.';
    }
  }
}
