import type { z } from 'zod';
import { UserError } from '../errors.ts';

/** Something asked of a running agent. `by` says who asked, and is journalled. */
export interface Command {
  readonly type: string;
  readonly by: string;
  readonly [detail: string]: unknown;
}

/**
 * Carries a command out, whoever asks: command line, socket, chat, page or code.
 * @returns the answer, plain JSON, or a promise of it
 * @throws UserError when it can't be
 */
export type CommandPort = (command: Command) => unknown;

interface Handler {
  readonly schema: z.ZodType;
  readonly handle: (command: never) => unknown;
}

/** The one way in for everybody who wants something done: each layer adds what it can do. */
export class CommandDesk {
  readonly #handlers = new Map<string, Handler>();

  /**
   * @param type what the command is called: `reset`, `campaign.pause`
   * @param schema what it must look like; it comes from outside and is not trusted
   */
  add<Schema extends z.ZodType>(
    type: string,
    schema: Schema,
    handle: (command: z.infer<Schema>) => unknown,
  ): void {
    if (this.#handlers.has(type)) throw new Error(`two handlers for the command ${type}`);
    this.#handlers.set(type, { schema, handle });
  }

  /** See {@link CommandPort}. */
  readonly carryOut: CommandPort = (command) => {
    const handler = this.#handlers.get(command?.type);
    if (!handler) {
      throw new UserError(`The agent does not know the command ${String(command?.type)}.`);
    }
    const parsed = handler.schema.safeParse(command);
    if (parsed.success) return handler.handle(parsed.data as never);
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    throw new UserError(
      `The command ${command.type} is not as it should be: ${problems.join('; ')}.`,
    );
  };
}
