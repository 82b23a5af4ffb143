/** What counts of an update of the Bot API ("Update", "Message"); it comes from outside. */
export interface Message {
  readonly update: number;
  readonly chat: string;
  /** `@opsroom`, lower case; null for a chat without a public name. */
  readonly chatName: string | null;
  readonly message: number;
  /** When it was sent, epoch ms by Telegram's clock (`date`, in seconds). */
  readonly sentAt: number;
  readonly text: string;
  /** `@ada (815)`; a first or last name is nobody's business. */
  readonly sender: string;
}

type Fields = { readonly [key: string]: unknown };
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

function senderOf(from: Fields): string {
  const { id, username } = from;
  const number = typeof id === 'number' ? String(id) : 'unknown';
  const isName = typeof username === 'string' && /^\w{1,64}$/.test(username);
  return isName ? `@${username} (${number})` : number;
}

export const updateIdOf = (update: unknown): number | null => {
  const id = fieldsOf(update)['update_id'];
  return Number.isSafeInteger(id) ? (id as number) : null;
};

/** @returns null when it is no message with a text */
export function messageIn(update: unknown): Message | null {
  const message = fieldsOf(fieldsOf(update)['message']);
  const id = updateIdOf(update);
  const { text, message_id: number, date } = message;
  const chat = fieldsOf(message['chat']);
  if (id === null || typeof text !== 'string') return null;
  if (typeof chat['id'] !== 'number' || typeof date !== 'number') return null;
  const name = chat['username'];
  return {
    update: id,
    chat: String(chat['id']),
    chatName: typeof name === 'string' ? `@${name.toLowerCase()}` : null,
    message: typeof number === 'number' ? number : 0,
    sentAt: date * 1_000,
    text: text.slice(0, 500),
    sender: senderOf(fieldsOf(message['from'])),
  };
}

/** Who asked, for the journal; with the update, so that a restart sees that it was carried out. */
export const byOf = ({ sender, update }: Message): string => `telegram ${sender} update ${update}`;

/** The update in what {@link byOf} wrote; null when somebody else asked. */
export function updateIn(by: unknown): number | null {
  const [, update] = (typeof by === 'string' && /^telegram .* update (\d+)$/.exec(by)) || [];
  return update === undefined ? null : Number(update);
}
