import { isUserError } from '../../../../errors.ts';
import type { CommandPort } from '../../../../runtime/commands.ts';
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
  /** Came again after a restart, and was done already. */
  repeated: number;
  /** Carried out, but the answer did not arrive. */
  unanswered: number;
}

/** Takes messages of the configured chats, has done what they ask for, and words the answer. */
export class Clerk {
  readonly counts: ChatCounts = {
    carriedOut: 0,
    refused: 0,
    foreign: 0,
    ignored: 0,
    repeated: 0,
    unanswered: 0,
  };
  readonly #port: CommandPort;
  readonly #chats: readonly string[];

  constructor(port: CommandPort, chats: readonly string[]) {
    this.#port = port;
    this.#chats = chats;
  }

  /**
   * @param message null: something else than a message
   * @param ownName of our bot, lower case
   * @returns the answer; null when there is to be none
   */
  async heed(message: Message | null, ownName: string): Promise<string | null> {
    if (message && !this.#chats.includes(message.chat)) {
      this.counts.foreign++;
      return null;
    }
    const command = message && parseCommand(message.text);
    const isOurs = command !== null && (command.bot ?? ownName).toLowerCase() === ownName;
    if (message && command && isOurs) return this.#carryOut(message, command);
    this.counts.ignored++;
    return null;
  }

  async #carryOut(message: Message, { name, words }: ChatCommand): Promise<string> {
    const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
    if (!order) {
      this.counts.refused++;
      return help();
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
