import { isShown } from './shown.ts';

const MASK = '***';
const DEPTH_MAX = 16;

/** Names of fields that hold data. Elsewhere keys are names of states, events and children. */
const DATA_KEY = /^(?:context|event|input|output|error|params|meta|data)$/;

/** Order matters: a `Bearer` goes before the header that it stands in. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/\b(?:sk|pk|rk|xi|pat|ghp|xox[a-z])[-_][\w-]{8,}/g, MASK],
  [/\bbot\d+:[\w-]+/g, `bot${MASK}`],
  [
    /((?:api[-_ ]?key|token|password|passwd|secret|authorization)(?: provided)?[\\"']*\s*[:=]\s*[\\"']*)[^\s\\"',;&}]+/gi,
    `$1${MASK}`,
  ],
];
const E164 = /(?:\+|%2B)[1-9][\d ().-]{5,18}\d/gi;

/** @example maskNumber('+15550100100') // '+15******100' */
function maskNumber(text: string): string {
  const digits = text.replace(/%2B/i, '').replaceAll(/\D/g, '');
  return `+${digits.slice(0, 2)}${'*'.repeat(Math.max(digits.length - 5, 2))}${digits.slice(-3)}`;
}

/** Masks phone numbers and what looks like a key inside a text. */
export function maskText(text: string): string {
  if (text.length < 7) return text;
  let masked = text;
  for (const [pattern, replacement] of SECRETS) masked = masked.replace(pattern, replacement);
  return masked.replace(E164, maskNumber);
}

interface Place {
  /** The field of data that it is in; null where it is structure. */
  readonly field: string | null;
  readonly path: readonly object[];
}

function maskedObject(value: object, { field, path }: Place): unknown {
  if (path.includes(value)) return '[circular]';
  if (path.length >= DEPTH_MAX) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const below = { field, path: [...path, value] };
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return masked(value.toJSON(), below);
  }
  if (value instanceof Error) return { name: value.name, message: maskText(value.message) };
  if (value instanceof Map) return masked(Object.fromEntries(value), below);
  if (value instanceof Set) return masked([...value], below);
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, below));
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => {
    if (field === null) {
      return [key, masked(item, { ...below, field: DATA_KEY.test(key) ? key : null })];
    }
    return [key, isShown(key, field, item) ? masked(item, { ...below, field: key }) : hidden(item)];
  });
  return Object.fromEntries(entries) as unknown;
}

/** That there is a value, where there is one. */
const hidden = (value: unknown): unknown => (value === null || value === undefined ? value : MASK);

function masked(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'function') return { type: value.name };
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  try {
    return maskedObject(value, place);
  } catch {
    return '[unreadable]'; // a getter or a toJSON that throws
  }
}

/**
 * A plain copy: what JSON would say, without cycles. Of data (`context`, `input`, …) it holds the
 * fields that may be shown, and numbers and keys inside their texts are masked; names of states,
 * events and children are shown as they are.
 * @param kind 'data' when the value itself is data, e.g. an event
 */
export function maskedCopy(value: unknown, kind: 'data' | 'structure'): unknown {
  return masked(value, { field: kind === 'data' ? '' : null, path: [] });
}
