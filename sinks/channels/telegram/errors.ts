import {
  PermanentError,
  TransientError,
  type ErrorKind,
  type ErrorScope,
  type ProviderError,
} from '../../../errors.ts';
import { shortened } from '../../../runtime/http/message.ts';
import { classifyNetwork } from '../../../runtime/http/network.ts';

/** What the Bot API answers when it says no ("Making requests"), as telegraf passes it on. */
export interface Refusal {
  readonly error_code: number;
  readonly description?: string;
  /** "ResponseParameters". */
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

interface Verdict {
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
}

/** The API's answer in an error of telegraf's, else null. */
export function refusalIn(thrown: unknown): Refusal | null {
  const { response } = (thrown ?? {}) as { readonly response?: Partial<Refusal> };
  return typeof response?.error_code === 'number' ? (response as Refusal) : null;
}

/** The markup of ours that Telegram can't read. */
export const isMarkupRefused = (thrown: unknown): boolean =>
  /can't parse entities/i.test(refusalIn(thrown)?.description ?? '');

/**
 * Texts come from Telegram and make no stable codes. A token that is none has 404, one that was
 * revoked 401, and a bot that was blocked or put out of its group 403.
 */
function verdictOf({ error_code: code, description = '' }: Refusal): Verdict {
  if (code === 429) return { kind: 'RateLimit', scope: null };
  if (code === 401 || code === 403) return { kind: 'Authentication', scope: 'account' };
  if (code === 404) return { kind: 'Authentication', scope: 'config' };
  if (code === 409) return { kind: 'ServiceUnavailable', scope: null };
  if (code >= 500) return { kind: 'ServiceUnavailable', scope: null };
  if (/chat not found|upgraded to a supergroup|PEER_ID_INVALID|chat_id is empty/i.test(description))
    return { kind: 'InvalidPayload', scope: 'config' };
  return { kind: 'InvalidPayload', scope: 'contact' };
}

/** A token anywhere in a text: in a URL, and bare. Telegraf's FetchError shows the whole URL. */
export function hideToken(text: string, token: string): string {
  const secret = token.split(':')[1] ?? token;
  const shown = text.replace(/bot\d+:[^/\s"']+/gi, 'bot***').replaceAll(token, '***');
  return secret.length < 6 ? shown : shown.replaceAll(secret, '***');
}

function sentenceOf({ error_code: code, description = '', parameters }: Refusal): string {
  const moved = parameters?.migrate_to_chat_id;
  const hint =
    moved === undefined ? '' : `; the group has a new id: set TELEGRAM_CHAT_ID to ${moved}`;
  return `Telegram answered ${code}: ${description || 'no reason given'}${hint}`;
}

/** What a failed request to the Bot API means; its text never holds the token. */
export function classifyTelegram(thrown: unknown, channel: string, token: string): ProviderError {
  const refusal = refusalIn(thrown);
  if (refusal === null) return withoutAnswer(thrown, channel);
  const { kind, scope } = verdictOf(refusal);
  const seconds = refusal.parameters?.retry_after;
  const message = shortened(hideToken(sentenceOf(refusal), token));
  const options = {
    service: channel,
    kind,
    scope,
    status: refusal.error_code,
    // It had the message when it failed, and nobody knows how far it came.
    ambiguous: refusal.error_code >= 500,
    retryAfterMs: typeof seconds === 'number' && seconds >= 0 ? Math.ceil(seconds * 1_000) : null,
  };
  return scope === null
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}

/** Nothing that node-fetch threw is kept: it names the URL, and that the token. */
function withoutAnswer(thrown: unknown, channel: string): ProviderError {
  const { type } = (thrown ?? {}) as { readonly type?: unknown };
  if (type === 'invalid-json') {
    const says = `${channel} got an answer that is not Telegram's: somebody stands between`;
    const options = { kind: 'InvalidResponse', ambiguous: true } as const;
    return new TransientError(says, { service: channel, ...options });
  }
  const failure = classifyNetwork({ service: channel, error: thrown, sent: true });
  failure.cause = undefined;
  return failure;
}
