import { beginningOf } from '../../../runtime/http/message.ts';
import type { Code, Complaint } from './rule.ts';

/** An error body beyond this is no error body. */
const LONGEST_BYTES = 1 << 20;
const LONGEST_TEXT = 2_000;

type Fields = { readonly [key: string]: unknown };

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

export const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

const decoded = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes.subarray(0, LONGEST_BYTES));

/** Bytes in any guise; a `Buffer` that went through JSON is `{type: 'Buffer', data: [...]}`. */
function bytesIn(body: unknown): Uint8Array | null {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  const { type, data } = fieldsOf(body);
  if (type !== 'Buffer' || !Array.isArray(data)) return null;
  const numbers = data.slice(0, LONGEST_BYTES).filter((one) => typeof one === 'number');
  return Uint8Array.from(numbers);
}

/** A body in whatever form a client holds it: JSON's value, else the text, else null. */
export function parseBody(body: unknown): unknown {
  const bytes = bytesIn(body);
  if (bytes) return parseBody(decoded(bytes));
  if (typeof body !== 'string') return body ?? null;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return beginningOf(body, LONGEST_TEXT);
  }
}

/** A code is a word or a whole number: anything else is prose, and might hold a name. */
const isCode = (value: unknown): value is Code =>
  typeof value === 'number'
    ? Number.isSafeInteger(value) && value > 0
    : typeof value === 'string' && /^[\w.+-]{1,80}$/.test(value);

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value);

export const idOf = (candidates: readonly unknown[]): string | null =>
  candidates.find(isId) ?? null;

/** Markup and broken JSON are a proxy's talk, not a sentence. */
const isSentence = (value: unknown): value is string =>
  typeof value === 'string' && /^\s*[^\s<{[]/.test(value);

/** A complaint out of whatever stands where a provider puts these; what does not fit is left out. */
export function complaint(
  codes: readonly unknown[],
  messages: readonly unknown[],
  requestIds: readonly unknown[] = [],
): Complaint {
  return {
    codes: codes.filter(isCode),
    message: beginningOf(messages.find(isSentence) ?? '', LONGEST_TEXT) || null,
    requestId: idOf(requestIds),
  };
}
