const MASK = '***';
const DEPTH_MAX = 16;

/** Names of fields that hold data. Elsewhere keys are names of states, events and children. */
const DATA_KEY = /^(?:context|event|input|output|error|params|meta|data)$/;
const SECRET_KEY = /api[-_]?key|token|password|passwd|secret|authori[sz]ation|credential|cookie/i;
const PHONE_KEY = /phone|mobile|msisdn|^(?:to|from|number|caller|callee)$/i;

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

function maskedByKey(key: string, value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean' || value === undefined) return undefined;
  // `maxTokens: 500` is a count, not a token.
  if (SECRET_KEY.test(key)) {
    return typeof value === 'number' && /token/i.test(key) ? undefined : MASK;
  }
  if (!PHONE_KEY.test(key) || !(typeof value === 'string' || typeof value === 'number')) {
    return undefined;
  }
  const text = String(value);
  return text.replaceAll(/\D/g, '').length >= 7 ? maskNumber(text) : undefined;
}

function maskedObject(value: object, inData: boolean, path: readonly object[]): unknown {
  if (path.includes(value)) return '[circular]';
  if (path.length >= DEPTH_MAX) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const below = [...path, value];
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return masked(value.toJSON(), inData, below);
  }
  if (value instanceof Error) return { name: value.name, message: maskText(value.message) };
  if (value instanceof Map) return masked(Object.fromEntries(value), inData, below);
  if (value instanceof Set) return masked([...value], inData, below);
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, inData, below));
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => [
    key,
    (inData ? maskedByKey(key, item) : undefined) ??
      masked(item, inData || DATA_KEY.test(key), below),
  ]);
  return Object.fromEntries(entries) as unknown;
}

function masked(value: unknown, inData: boolean, path: readonly object[]): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'function') return { type: value.name };
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  try {
    return maskedObject(value, inData, path);
  } catch {
    return '[unreadable]'; // a getter or a toJSON that throws
  }
}

/**
 * A plain, masked copy: what JSON would say, without cycles, phone numbers and keys.
 * Keys like `apiKey`, `token`, `password` count inside data (`context`, `input`, …) only, so a
 * state named `authorization` stays.
 * @param kind 'data' when the value itself is data, e.g. an event
 */
export function maskedCopy(value: unknown, kind: 'data' | 'structure'): unknown {
  return masked(value, kind === 'data', []);
}
